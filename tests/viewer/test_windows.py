"""Windows and pictures: until when `wait` waits, what `persist`, `ready` and `save` give."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

import asyncplot
import desktop
from asyncplot import ConfigurationError
from conditions import wait_until
from viewer_plotters import Misbehaving, Panel, TwoPanels

each_toolkit = pytest.mark.parametrize("backend", ["qt", "tk"])


@contextmanager
def waiting(plot: asyncplot.Server) -> Iterator[threading.Thread]:
    """A thread in `Server.wait`."""
    thread = threading.Thread(target=plot.wait)
    thread.start()
    yield thread
    thread.join(10)
    assert not thread.is_alive()


@each_toolkit
def test_wait_returns_when_the_user_closes_the_window(display: str, backend: str) -> None:
    """Not before; and a closed window is no error."""
    with asyncplot.Server(Panel, backend=backend) as plot:
        assert plot.ready(20)
        with waiting(plot) as thread:
            plot.update("#102030")
            assert plot.flush(10)
            assert thread.is_alive()
            desktop.close("panel")
        wait_until(lambda: not plot.is_alive)
        assert plot.viewers[0].ended == "the user closed its windows"
        plot.check()


@each_toolkit
def test_wait_waits_for_all_windows(display: str, backend: str) -> None:
    """Of two windows the first may be closed: frames go on, until the other one is closed too."""
    with asyncplot.Server(TwoPanels, backend=backend) as plot:
        assert plot.ready(20)
        assert plot.viewers[0].windows == 2
        with waiting(plot) as thread:
            desktop.close("panel")
            wait_until(lambda: plot.viewers[0].windows == 1)
            pending = plot.update("#102030")
            assert plot.flush(10)
            assert pending.state == "drawn"
            assert thread.is_alive()
            assert plot.is_alive
            desktop.close("still")


def test_wait_returns_at_once_without_windows() -> None:
    """Offscreen there is nothing to close; the last frame is drawn when `wait` returns."""
    with asyncplot.Server(Panel, backend="offscreen") as plot:
        pending = plot.update("#102030")
        plot.wait()
        assert pending.state == "drawn"


def test_wait_returns_when_the_viewer_is_killed(display: str) -> None:
    """A viewer that crashes has no windows either; `check` tells."""
    with asyncplot.Server(Panel, backend="qt") as plot:
        assert plot.ready(20)
        with waiting(plot):
            psutil.Process(plot.viewers[0].pid).kill()
        with pytest.raises(asyncplot.ViewerGone, match="SIGKILL"):
            plot.check()


@each_toolkit
def test_ready_returns_with_the_windows_up(display: str, backend: str) -> None:
    """After `ready` the windows are there without any frame, and can be placed."""
    with asyncplot.Server(TwoPanels, backend=backend) as plot:
        assert plot.ready(20)
        assert plot.viewers[0].windows == 2
        assert {"panel", "still"} <= {each.title for each in desktop.windows()}


@each_toolkit
def test_persist_keeps_the_window(display: str, runtime_dir: Path, backend: str) -> None:
    """With `persist` the window stays and lives after the end, until the user closes it; nothing is left then."""
    with asyncplot.Server(Panel, backend=backend, persist=True) as plot:
        plot.update("#10c020")
        assert plot.flush(20)
        viewer = psutil.Process(plot.viewers[0].pid)
        directory = plot.directory
    assert viewer.is_running()
    wait_until(lambda: desktop.area(0x10, 0xC0, 0x20) > 10_000, what="the last picture on the screen")
    desktop.close("panel")
    wait_until(lambda: not directory.exists())
    wait_until(lambda: not viewer.is_running())


def test_without_persist_the_window_goes(display: str) -> None:
    """`close` ends the viewer."""
    with asyncplot.Server(Panel, backend="qt") as plot:
        assert plot.ready(20)
        viewer = psutil.Process(plot.viewers[0].pid)
    wait_until(lambda: not viewer.is_running(), 2)
    assert "panel" not in [each.title for each in desktop.windows()]


def colour(path: Path) -> tuple[int, ...]:
    """The colour of the corner of a picture."""
    with Image.open(path) as picture:
        return tuple(int(value) for value in np.asarray(picture)[0, 0, :3])


@pytest.mark.parametrize("backend", ["qt", "tk", "offscreen"])
def test_save_keeps_the_last_picture(display: str, tmp_path: Path, backend: str) -> None:
    """`save` writes the last frame when frames stop, and at the end."""
    path = tmp_path / "new" / "picture.png"
    with asyncplot.Server(Panel, backend=backend, save=path) as plot:
        plot.update("#102030")
        assert plot.flush(20)
        wait_until(path.exists, what="the picture of a pause")
        assert colour(path) == (0x10, 0x20, 0x30)
        plot.update("#405060")
    assert colour(path) == (0x40, 0x50, 0x60)
    assert [each.name for each in path.parent.iterdir()] == ["picture.png"]


def test_save_keeps_each_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``{frame}`` each drawn frame is a file; the path is the computation's own."""
    monkeypatch.chdir(tmp_path)
    with asyncplot.Server(Panel, backend="offscreen", save="frames/{frame:04d}.png") as plot:
        for number in range(1, 6):
            plot.update(f"#1020{number:02x}")
            assert plot.flush(20)
    names = sorted(each.name for each in (tmp_path / "frames").iterdir())
    assert names == [f"{number:04d}.png" for number in range(1, 6)]
    assert [colour(tmp_path / "frames" / name)[2] for name in names] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("name", "form"), [("last.jpg", "JPEG"), ("last.tiff", "TIFF"), ("last", "PNG")])
def test_save_writes_other_formats(tmp_path: Path, name: str, form: str) -> None:
    """The suffix says the format; none is PNG. The picture is the last frame."""
    with asyncplot.Server(Panel, backend="offscreen", save=tmp_path / name) as plot:
        plot.update("#102030")
    with Image.open(tmp_path / name) as picture:
        assert (picture.format, picture.size) == (form, (300, 200))
        assert (
            np.abs(np.asarray(picture)[:8, :8, :3] - (0x10, 0x20, 0x30)).max() <= 3
        )  # beside the axes; JPEG is not exact


def test_save_names_several_figures(tmp_path: Path) -> None:
    """The second figure's file has its number before the suffix, or where ``{figure}`` stands."""
    with asyncplot.Server(TwoPanels, backend="offscreen", save=tmp_path / "a.png") as plot:
        plot.update("#102030")
    with asyncplot.Server(TwoPanels, backend="offscreen", save=tmp_path / "b{figure}.png") as plot:
        plot.update("#102030")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a-2.png", "a.png", "b1.png", "b2.png"]


def test_a_picture_that_cannot_be_written_ends_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is one line in the log; the frames go on."""
    (tmp_path / "file").touch()
    with asyncplot.Server(Panel, backend="offscreen", save=tmp_path / "file" / "{frame}.png") as plot:
        for number in range(3):
            plot.update(f"#1020{number:02x}")
            assert plot.flush(20)
        assert plot.stats.drawn == 3
    assert capfd.readouterr().err.count("cannot write the picture") == 1


@pytest.mark.parametrize("name", ["{wrong}.png", "{frame", "{}.png", "{frame:s}.png"])
def test_a_name_that_cannot_be_filled_in_is_an_error(name: str) -> None:
    """A wrong template is refused where it is given."""
    with pytest.raises(ConfigurationError, match="save="):
        asyncplot.Server(Panel, backend="offscreen", save=name)


def test_a_plotter_without_windows_at_first_is_waited_for(display: str) -> None:
    """A plotter that opens its window with its first frame is alive before, and `wait` waits after."""
    with asyncplot.Server(Misbehaving, backend="qt") as plot:
        assert plot.ready(20)
        assert plot.viewers[0].windows == 0
        plot.update("shows")
        assert plot.flush(10)
        assert plot.viewers[0].windows == 1
        with waiting(plot):
            desktop.close("misbehaving")
