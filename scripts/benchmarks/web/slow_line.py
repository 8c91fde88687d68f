"""A slow line to a viewer: 1 Mbit/s, 200 ms there and back. Own thread.

In: the viewer's Unix socket, as ``ssh -L`` reaches it. Out: a port of 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: Bytes a second to the browser; time that each byte takes, s; and bytes that the line holds at most.
_RATE, _DELAY, _HELD = 125_000, 0.1, 65_536

_CHUNK = 4096


@contextmanager
def slow_line(path: Path) -> Iterator[int]:
    """Listen on a port, and pass everything on to the socket at ``path`` and back, slowly."""
    loop = asyncio.new_event_loop()

    async def serve() -> int:
        server = await asyncio.start_server(connect, "127.0.0.1", 0)
        return int(server.sockets[0].getsockname()[1])

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(str(path))
        with suppress(asyncio.CancelledError):  # asyncio would print it
            await asyncio.gather(_pass(reader, far_writer, 1e9), _pass(far_reader, writer, _RATE))

    thread = threading.Thread(target=loop.run_forever, name="slow line")
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(serve(), loop).result(10.0)
    finally:
        asyncio.run_coroutine_threadsafe(_end(), loop).result(10.0)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rate: float) -> None:
    """Pass bytes on at this rate, each after the delay."""
    loop = asyncio.get_running_loop()
    line: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_HELD // _CHUNK)

    async def leave() -> None:
        data = b"."
        while data:
            due, data = await line.get()
            await asyncio.sleep(due - loop.time())
            writer.write(data)
            with suppress(ConnectionError):  # the other side has gone; what is on its way to it is lost
                await writer.drain()
        writer.close()

    leaving = asyncio.ensure_future(leave())
    free = loop.time()  # when the line can take the next byte
    data = b"."
    while data:
        try:
            data = await reader.read(_CHUNK)
        except ConnectionError:
            data = b""
        free = max(free, loop.time()) + len(data) / rate
        await asyncio.sleep(free - loop.time())
        await line.put((free + _DELAY, data))
    await asyncio.wait([leaving])


async def _end() -> None:
    """End all connections."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
