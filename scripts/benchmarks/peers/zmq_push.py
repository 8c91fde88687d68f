"""pyzmq: PUSH of a buffer without a copy. Its own thread writes to the socket.

Run as a module, it is the receiver. It has the default high-water mark of 1,000 messages, and ``NOBLOCK``:
more messages are refused.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import zmq

from . import receiver

WHAT = "pyzmq, PUSH send(copy=False)"


@contextmanager
def hand_over(_backend: str) -> Iterator[Callable[[Any], Any]]:
    """Connect to a process that draws what it receives."""
    socket: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.PUSH)
    socket.setsockopt(zmq.LINGER, 0)
    port = socket.bind_to_random_port("tcp://127.0.0.1")
    process = receiver.start("zmq_push", str(port))
    # The caller goes on writing into its array, and pyzmq keeps a reference. So it must send a copy.
    yield lambda array: socket.send(array.copy(), zmq.NOBLOCK, copy=False)
    process.kill()


if __name__ == "__main__":
    pull: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.PULL)
    pull.connect(f"tcp://127.0.0.1:{sys.argv[1]}")
    drawing = receiver.Drawing()
    print("ready", flush=True)
    while True:
        drawing.update(np.frombuffer(pull.recv(copy=False).buffer))
