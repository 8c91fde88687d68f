"""The output of a cell that shows the figures of a run. The cell's thread makes it; a thread of its own keeps it new.

In: pictures of the viewer. Out: updates of one output of the notebook, by its *display id*. The first one is made in the cell.
Later ones come from our thread: a kernel sends other output of a thread to the wrong cell, but not an update.
"""

from __future__ import annotations

import asyncio
import base64
import statistics
import time
import uuid
from collections import deque
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ..log import logger
from ..threads import Worker
from .looker import Looker, Picture, exact

#: The time between two pictures, s: at least, and at most.
_SHORTEST, _LONGEST = 0.2, 2.0

#: So many updates are looked at for what one costs. (Sometimes Python collects garbage in one of them, for 50 ms.)
_LOOKED_AT = 5

#: The share of the run's budget that updates may cost. What is measured is our thread; the kernel's own thread, which sends them,
#: takes as long again.
_SHARE, _SENDING = 0.25, 2.0

#: How long the viewer may take for the picture that stays, s: at the end of the cell, and when the run is closed.
_CELL, _LAST = 0.3, 1.0


class CellView:
    """Shows the figures of a run under the cell that is being executed.

    Parameters
    ----------
    shell : InteractiveShell
        IPython's shell, in the kernel.
    name : str
        The run's name.
    run : Path
        Its run directory.
    max_overhead : float
        The run's budget, as a share of the time.
    """

    def __init__(self, shell: Any, name: str, run: Path, max_overhead: float) -> None:
        self._events = shell.events
        self._publisher = shell.display_pub
        self._name = name
        self._run = run
        self._share = _SHARE * max_overhead
        self._id = uuid.uuid4().hex
        self._looker = Looker(run, self._keep)
        self._shown: Sequence[Picture] = ()
        self._costs: deque[float] = deque(maxlen=_LOOKED_AT)  # of the newest updates, s
        self._worker: Worker | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def show(self) -> None:
        """Show it under the cell that is being executed; may be called in several cells."""
        self._publish(update=False)
        self._heed_cells(heed=False)
        self._heed_cells(heed=True)

    def start(self) -> None:
        """Begin to show new pictures. The computation goes on meanwhile."""
        self._looker = Looker(self._run, self._keep)
        self._loop = asyncio.new_event_loop()
        self._worker = Worker(partial(self._look, self._loop), "asyncplot-notebook")
        self._worker.start()

    def stop(self) -> None:
        """End the thread, at a fork for example. What it has shown stays."""
        worker, loop, self._worker, self._loop = self._worker, self._loop, None, None
        if worker is None or loop is None:
            return
        try:
            loop.call_soon_threadsafe(_cancel_all)
        except RuntimeError:
            pass  # the loop has ended by itself
        worker.wait_until_gone()

    def close(self) -> None:
        """The run ends: its last picture stays, without loss."""
        self.drop()
        self._show_exactly(_LAST)

    def drop(self) -> None:
        """Show nothing any more: the cell is executed again, and its output is gone."""
        self._heed_cells(heed=False)
        self.stop()

    def _heed_cells(self, *, heed: bool) -> None:
        """Hear of the end of each cell, or no longer."""
        try:
            (self._events.register if heed else self._events.unregister)(
                "post_run_cell", self._cell_has_ended
            )
        except ValueError:
            pass  # it was not registered

    def _cell_has_ended(self, *_: Any) -> None:
        """A saved notebook keeps what it shows between two cells."""
        self._show_exactly(_CELL)

    def _show_exactly(self, timeout: float) -> None:
        if not self._looker.figures:
            return  # the viewer is starting
        try:
            self._shown = exact(self._run, self._looker.figures, timeout)
        except OSError as error:
            logger.debug("the notebook keeps the picture that it has: %s", error)
            return
        self._publish(update=True)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.run_until_complete(self._looker.look())
        except asyncio.CancelledError:
            pass  # `stop`
        except Exception as error:  # noqa: BLE001 (a viewer may say anything; the computation goes on)
            logger.warning("the notebook shows no more pictures of %s: %s", self._name, error)
        finally:
            loop.close()
            if self._loop is loop:  # the run has ended by itself
                self._heed_cells(heed=False)

    def _keep(self, pictures: Sequence[Picture]) -> float:
        """Show these pictures. Returns after how many seconds the next ones may come."""
        start = time.thread_time()
        self._shown = pictures
        self._publish(update=True)
        self._costs.append(_SENDING * (time.thread_time() - start))
        return min(max(statistics.median(self._costs) / self._share, _SHORTEST), _LONGEST)

    def _publish(self, *, update: bool) -> None:
        data, metadata = bundle(self._name, self._shown)
        transient = {"display_id": self._id}
        try:
            self._publisher.publish(data=data, metadata=metadata, transient=transient, update=update)
        except Exception as error:  # noqa: BLE001 (the kernel may be ending)
            logger.debug("the notebook cannot be told of %s: %s", self._name, error)


def bundle(name: str, pictures: Sequence[Picture]) -> tuple[dict[str, str], dict[str, Any]]:
    """What a notebook gets: the data by their MIME types, and their metadata.

    >>> bundle("gpe", [])
    ({'text/plain': "asyncplot: the figures of 'gpe' are coming"}, {})
    """
    if not pictures:
        return {"text/plain": f"asyncplot: the figures of {name!r} are coming"}, {}
    text = f"asyncplot: {len(pictures)} figure{'s' if len(pictures) > 1 else ''} of {name!r}"
    encoded = [base64.b64encode(each.data).decode() for each in pictures]
    if len(pictures) == 1:
        (one,) = pictures
        # With its size, the page does not jump when the output is replaced.
        return {one.mime: encoded[0], "text/plain": text}, {
            one.mime: {"width": one.width, "height": one.height}
        }
    images = [
        f'<img width="{each.width}" height="{each.height}" src="data:{each.mime};base64,{data}">'
        for each, data in zip(pictures, encoded, strict=True)
    ]
    return {"text/html": "<div>" + "".join(images) + "</div>", "text/plain": text}, {}


def _cancel_all() -> None:
    for task in asyncio.all_tasks():
        task.cancel()
