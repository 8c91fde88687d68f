"""`check` tells what else went wrong: frames that could not be sent, and pictures that could not be written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import asyncplot
from asyncplot import FrameError, PlotterError, ViewerError
from conditions import wait_until
from viewer_plotters import Misbehaving, Panel


@pytest.mark.parametrize("copy", ["auto", "always"])
def test_frames_that_cannot_be_sent(copy: Any) -> None:
    """A frame that cannot be encoded is told once: by the call if it is the first of its lane, else by `check`."""
    cannot = (number for number in range(3))
    with asyncplot.Server(Misbehaving, backend="offscreen", copy=copy) as plot:
        with pytest.raises(FrameError):
            plot.update("well", cannot)
        plot.check()
        assert plot.update("well").value == "well"
        refused = plot.update("well", cannot)
        plot.flush(20)
        assert refused.state == "failed"
        with pytest.raises(FrameError, match="generator"):
            plot.check()
        plot.check()
        plot.update("raises")
        refused = plot.update("well", cannot)
        assert plot.flush(20)
    with pytest.raises((FrameError, PlotterError)):
        plot.check()


def cannot_be_written(folder: Path) -> dict[str, Path]:
    """Where no picture can be written, for each reason."""
    (folder / "file").touch()
    return {
        "a folder that is a file": folder / "file" / "picture.png",
        "no such format": folder / "picture.xyz",
    }


@pytest.mark.parametrize("why", ["a folder that is a file", "no such format"])
def test_a_picture_that_cannot_be_written_is_told_at_once(tmp_path: Path, why: str) -> None:
    """Before the first frame `check` says that no picture can be written there, and why; frames go on."""
    path = cannot_be_written(tmp_path)[why]
    with asyncplot.Server(Panel, backend="offscreen", save=path) as plot:
        assert plot.ready(20)
        with pytest.raises(ViewerError, match=f"cannot write the picture {path}: "):
            plot.check()
        plot.check()
        plot.update("#102030")
        assert plot.flush(20)
    assert not list(tmp_path.glob(".*"))


def test_a_picture_that_fails_later_is_told(tmp_path: Path) -> None:
    """A folder that goes is told by the next `check`, and so is a last picture that fails in `close`."""
    folder = tmp_path / "pictures"
    with asyncplot.Server(Panel, backend="offscreen", save=folder / "{frame}.png") as plot:
        plot.update("#102030").wait(20)
        wait_until((folder / "1.png").exists, 20)
        plot.check()
        folder.rename(tmp_path / "elsewhere")
        folder.touch()
        plot.update("#203040").wait(20)

        def told() -> bool:
            try:
                plot.check()
            except ViewerError as error:
                return "cannot write the picture" in str(error)
            return False

        wait_until(told, 20)
    folder.unlink()
    with asyncplot.Server(Panel, backend="offscreen", save=folder / "last.png") as plot:
        assert plot.ready(20)
        plot.check()
        folder.rmdir()
        folder.touch()
        plot.update("#102030")
    with pytest.raises(ViewerError, match="cannot write the picture"):
        plot.check()
