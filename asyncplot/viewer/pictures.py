"""Pictures in files: the last one, or each, where the user asked for it. GUI thread.

The pixels that were drawn for the screen are written; nothing is drawn again.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from ..log import logger
from .drawing import Figures

#: The last picture is written when frames have stopped for so long, and at the end, s.
_QUIET = 0.5


class Pictures:
    """Writes pictures.

    Parameters
    ----------
    template : str or None
        A file name; with ``{frame}`` in it each frame is written, else the last. ``{figure}`` stands for
        the figure's number; without it, figures after the first get ``-2`` and so on before the suffix.
    """

    def __init__(self, template: str | None) -> None:
        self._template = template
        self._each = template is not None and "{frame" in template
        self._frame = 0
        self._unwritten = False
        self._changed_at = 0.0
        self._failed = False

    def drawn(self, figures: Figures, frame: int) -> None:
        """A frame was drawn."""
        self._frame = frame
        self._unwritten = self._template is not None
        self._changed_at = 0.0
        if self._each:
            self.finish(figures)

    def changed(self) -> None:
        """Something was drawn between frames: the last picture is another one, if a frame has come."""
        if self._frame and not self._each and not self._unwritten:
            self._unwritten = self._template is not None
            self._changed_at = 0.0

    def idle(self, figures: Figures, now: float) -> None:
        """No frame came in this tick."""
        if not self._unwritten:
            return
        self._changed_at = self._changed_at or now
        if now - self._changed_at > _QUIET:
            self.finish(figures)

    def finish(self, figures: Figures) -> None:
        """Write what has not been written."""
        if self._template is None or not self._unwritten:
            return
        self._unwritten = False
        for manager in figures.managers():
            try:
                write(manager.canvas, self._path(int(manager.num)))
            except (OSError, ValueError) as error:
                if not self._failed:
                    logger.error("cannot write the picture: %s", error)
                self._failed = True

    def _path(self, figure: int) -> Path:
        assert self._template is not None  # `finish` has looked
        path = Path(self._template.format(frame=self._frame, figure=figure))
        if figure > 1 and "{figure" not in self._template:
            path = path.with_stem(f"{path.stem}-{figure}")
        return path


def png(canvas: Any) -> bytes:
    """The canvas's pixels as they were drawn last, PNG."""
    from matplotlib.image import imsave

    file = io.BytesIO()
    imsave(file, canvas.buffer_rgba(), format="png")
    return file.getvalue()


def write(canvas: Any, path: Path) -> None:
    """Write the canvas's pixels, so that whoever looks finds the old picture or the new one, whole."""
    from matplotlib.image import imsave

    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    imsave(temporary, canvas.buffer_rgba(), format=path.suffix.lstrip(".") or "png")
    os.replace(temporary, path)
