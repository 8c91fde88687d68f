"""Writes pictures to files: the last one, or each one, if the user asked for that. GUI thread.

In: the pixels that were drawn for the screen; nothing is drawn again. Out: the files.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .drawing import Figures

#: The last picture is written when no frame came for so long, s, and at the end.
_QUIET = 0.5


class Pictures:
    """Writes the pictures of one viewer.

    Parameters
    ----------
    template : str or None
        A file name. With ``{frame}`` in it, each frame is written; otherwise the last one. ``{figure}`` stands for the
        number of the figure; without it, figures after the first one get ``-2`` and so on before the suffix.
    failed : callable
        Gets the path of a picture that could not be written, and the error.
    """

    def __init__(self, template: str | None, failed: Callable[[Path, Exception], None]) -> None:
        self._template = template
        self._each = template is not None and "{frame" in template
        self._frame = 0
        self._unwritten = False
        self._changed_at = 0.0
        self._failed = failed

    def rehearse(self) -> None:
        """Find out now, and not after hours, that the folder is missing, that writing is forbidden, or the format unknown."""
        if self._template is None:
            return
        path = self._path(1)
        try:
            temporary = _prepared(path)
            _save(temporary, np.zeros((1, 1, 4), np.uint8), path)
            temporary.unlink()
        except Exception as error:  # noqa: BLE001 (as in `finish`)
            self._failed(path, error)

    def drawn(self, figures: Figures, frame: int) -> None:
        """A frame was drawn."""
        self._frame = frame
        self._unwritten = self._template is not None
        self._changed_at = 0.0
        if self._each:
            self.finish(figures)

    def changed(self) -> None:
        """Something was drawn between frames, so the last picture has to be written again. Nothing before the first frame."""
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
            path = self._path(int(manager.num))
            try:
                write(manager.canvas, path)
            except Exception as error:  # noqa: BLE001 (writers raise what they like: KeyError for an unknown format)
                self._failed(path, error)

    def _path(self, figure: int) -> Path:
        assert self._template is not None  # `finish` has looked
        path = Path(self._template.format(frame=self._frame, figure=figure))
        if figure > 1 and "{figure" not in self._template:
            path = path.with_stem(f"{path.stem}-{figure}")
        return path


def png(canvas: Any) -> bytes:
    """The canvas's pixels as they were drawn last, as PNG."""
    from matplotlib.image import imsave

    file = io.BytesIO()
    imsave(file, canvas.buffer_rgba(), format="png")
    return file.getvalue()


def jpeg(canvas: Any, width: int) -> bytes:
    """The canvas's pixels as they were drawn last, at most so wide, on white, as JPEG."""
    from PIL import Image

    pixels = canvas.buffer_rgba()
    image = Image.frombuffer("RGBA", (pixels.shape[1], pixels.shape[0]), pixels, "raw", "RGBA", 0, 1)
    # Whole pixels first (fast), then to the size.
    small = image.reduce(max(image.width // width, 1))
    if small.width > width:
        small = small.resize((width, max(round(small.height * width / small.width), 1)))
    paper = Image.new("RGB", small.size, "white")
    paper.paste(small, mask=small.getchannel("A"))
    file = io.BytesIO()
    paper.save(file, "JPEG", quality=80)
    return file.getvalue()


def write(canvas: Any, path: Path) -> None:
    """Write the canvas's pixels. A reader finds the old picture or the new one, never a part of one."""
    temporary = _prepared(path)
    _save(temporary, canvas.buffer_rgba(), path)
    os.replace(temporary, path)


def _prepared(path: Path) -> Path:
    """Make the folder of a picture; returns the temporary file that is written first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f".{path.name}.{os.getpid()}")


def _save(file: Path, pixels: Any, path: Path) -> None:
    """Write pixels in the format that the suffix of ``path`` names."""
    from matplotlib.image import imsave

    form = path.suffix.lstrip(".") or "png"
    try:
        imsave(file, pixels, format=form)
    except BaseException as error:
        file.unlink(missing_ok=True)
        if isinstance(error, KeyError):  # its text is the format and nothing else
            raise ValueError(f"there is no picture format {form!r}; use .png") from error
        raise
