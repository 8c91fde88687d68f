"""Exceptions of the plotter, and pictures that could not be written. GUI thread.

In: the exceptions. Out: each is printed once and counted; the last one is in ``failure.json``, for `Server.check`, and at the
foot of the windows.
"""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FrameError
from ..log import logger
from ..rundir import write_json
from ..rundir.printable import printable

if TYPE_CHECKING:
    from .foot import Foot  # it imports matplotlib, and `main` needs this module before that

_OURS = str(Path(__file__).parent)


def shown(error: BaseException | None) -> str:
    """The traceback of an error, without asyncplot's own calls above the user's code."""
    if error is None:
        return ""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_OURS):
        trace = trace.tb_next
    return printable("".join(traceback.format_exception(type(error), error, trace or error.__traceback__)))


def words(error: BaseException | None) -> str:
    """The text of an exception, whatever its own ``__str__`` raises."""
    try:
        return printable(str(error))
    except BaseException as problem:  # noqa: BLE001 (the user's code raises what it likes)
        return f"<its __str__ raised {type(problem).__name__}>"


class Failures:
    """Notes the exceptions of one viewer's plotter.

    Parameters
    ----------
    folder : Path
        The viewer's folder. ``failure.json`` in it has the last failure.
    foot : Foot
        Shows in the windows that something fails.
    """

    def __init__(self, folder: Path, foot: Foot) -> None:
        self._foot = foot
        self._path = folder / "failure.json"
        self._shown: set[tuple[str, str, int]] = set()
        self.count = 0

    def note(self, what: str, frame: int) -> str:
        """Note the exception that is being handled, and return its traceback.

        The same exception from the same line is printed only once, and counted: a plotter that fails in each frame must not
        fill the log.
        """
        error = sys.exception()
        # The error of an argument that could not be sent says what to do. Where it was raised would not help.
        ours = isinstance(error, FrameError)
        text = f"{words(error)}\n" if ours else shown(error)
        frames = traceback.extract_tb(error.__traceback__) if error is not None else []
        place = (frames[-1].filename, frames[-1].lineno or 0) if frames else ("", 0)
        self._foot.failed(what, error, time.monotonic())
        self.count += 1
        key = (type(error).__name__, *place)
        if key not in self._shown:
            self._shown.add(key)
            self._print(text)
        message = f"{what}{'' if ours else ' raised'} (frame {frame}): {words(error)}"
        self._record("plotter", message, "" if ours else text)
        return text

    def _print(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError) as problem:  # the plotter has closed it, or the disk is full
            logger.debug("cannot print what the plotter raised: %s", problem)

    def passed(self, what: str) -> None:
        """Note that something did not raise."""
        self._foot.passed(what)

    def note_picture(self, path: Path, error: Exception) -> None:
        """Note that a picture could not be written. Each reason is logged once."""
        message = f"cannot write the picture {path}: {words(error) or type(error).__name__}"
        self.count += 1
        key = ("picture", words(error), 0)
        if key not in self._shown:
            self._shown.add(key)
            logger.error("%s", message)
        self._record("picture", message)

    def _record(self, of: str, message: str, text: str = "") -> None:
        record = {"of": of, "count": self.count, "message": message, "traceback": text}
        try:
            write_json(self._path, record)
        except OSError as problem:
            logger.debug("cannot write %s: %s", self._path, problem)
