"""V3: a plotter that raises loses its own frame only; whatever else it does, the next frame is tried."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import asyncplot
import desktop
from asyncplot import PlotterError
from conditions import wait_until
from viewer_plotters import Misbehaving

pytestmark = pytest.mark.contract


def log(plot: asyncplot.Server) -> str:
    """What the viewer has written so far."""
    return (plot.directory / "viewer-1" / "log").read_text()


def test_the_traceback_is_shown_once_and_counted() -> None:
    """A plotter that raises at each frame shows one traceback, fails each, and `check` raises it."""
    with asyncplot.Server(Misbehaving, backend="offscreen") as plot:
        for _ in range(5):
            pending = plot.update("raises")
            assert plot.flush(20)
            assert pending.state == "failed"
        assert plot.stats.failed == 5
        with pytest.raises(PlotterError, match="this frame is not to my taste") as caught:
            _ = pending.value
        assert "in raises" in str(caught.value)
        with pytest.raises(PlotterError, match="in raises"):
            plot.check()
        assert plot.update("well").value == "well"
        assert plot.stats.drawn == 1
        plot.check()  # told already
        wait_until(lambda: "not to my taste" in log(plot))
        assert log(plot).count("Traceback") == 1


def test_the_traceback_begins_with_the_plotters_own_code() -> None:
    """No line of asyncplot's stands above the user's in what is shown."""
    with asyncplot.Server(Misbehaving, backend="offscreen") as plot:
        with pytest.raises(PlotterError) as caught:
            _ = plot.update("raises").value
        assert "viewer_plotters.py" in caught.value.remote_traceback
        assert "asyncplot/viewer" not in caught.value.remote_traceback


@pytest.mark.parametrize("what", ["raises_system_exit", "raises_keyboard_interrupt"])
@pytest.mark.parametrize("backend", ["qt", "tk", "offscreen"])
def test_not_even_an_exit_ends_the_viewer(display: str, backend: str, what: str) -> None:
    """`sys.exit` and its like in the plotter fail their frame and nothing more."""
    with asyncplot.Server(Misbehaving, backend=backend) as plot:
        for _ in range(2):  # the first frame is drawn before the GUI's loop runs, others within it
            with pytest.raises(PlotterError):
                _ = plot.update(what).value
            assert plot.update("well").value == "well"


def test_what_it_prints_goes_to_the_log() -> None:
    """Its stdout, also that of its own child processes, and its stderr are in the log."""
    with asyncplot.Server(Misbehaving, backend="offscreen") as plot:
        assert plot.update("prints").value is None
        for words in ("words on stdout", "bytes on stdout", "a child on stdout", "words on stderr"):
            wait_until(lambda words=words: words in log(plot), what=words)
        assert plot.update("well").value == "well"


def test_it_reads_an_end_of_file() -> None:
    """A plotter that reads its stdin gets its end at once; one that asks a question fails."""
    with asyncplot.Server(Misbehaving, backend="offscreen") as plot:
        assert plot.update("reads_stdin").value == ["", ""]
        with pytest.raises(PlotterError, match="EOFError"):
            _ = plot.update("asks").value
        assert plot.update("well").value == "well"


def test_it_may_change_directory(tmp_path: Path) -> None:
    """After a `chdir` frames arrive, and pictures are written where the computation said."""
    picture = tmp_path / "here" / "picture.png"
    with asyncplot.Server(Misbehaving, backend="offscreen", save=picture) as plot:
        assert plot.update("changes_directory", str(tmp_path)).value == str(tmp_path)
        assert plot.update("shows").value == "shown"
        assert plot.update("well").value == "well"
        assert plot.plotter.well("still there") == "still there"
    assert picture.exists()


@pytest.mark.parametrize("backend", ["qt", "tk", "offscreen"])
@pytest.mark.parametrize(("what", "returned"), [("shows", "shown"), ("pauses", "paused")])
def test_it_may_call_show_and_pause(display: str, backend: str, what: str, returned: str) -> None:
    """`pyplot.show` and `pyplot.pause` return at once, and the figure is on the screen."""
    with asyncplot.Server(Misbehaving, backend=backend) as plot:
        assert plot.update(what).value == returned
        if backend != "offscreen":
            desktop.window("misbehaving")
        assert plot.update("well").value == "well"
        assert plot.is_alive


@pytest.mark.parametrize("backend", ["qt", "tk", "offscreen"])
def test_it_may_close_its_figures(display: str, backend: str) -> None:
    """A plotter that closes its windows and opens others goes on; only the user's closing ends it."""
    with asyncplot.Server(Misbehaving, backend=backend) as plot:
        assert plot.update("closes_and_opens").value == 1
        assert plot.update("closes_and_opens").value == 1
        assert plot.update("closes").value == 0
        assert plot.update("well").value == "well"
        assert plot.update("well").value == "well"
        assert plot.update("closes_and_opens").value == 1
        assert plot.is_alive


@pytest.mark.parametrize("backend", ["qt", "offscreen"])
def test_what_matplotlib_cannot_draw_is_a_failed_frame(display: str, backend: str) -> None:
    """An error in drawing fails the frame, and one that can be drawn follows."""
    with asyncplot.Server(Misbehaving, backend=backend) as plot:
        with pytest.raises(PlotterError, match="no_such_command"):
            _ = plot.update("cannot_be_drawn").value
        assert plot.update("can_be_drawn_again").value is None
        assert plot.stats.drawn == 1


def test_any_returned_value_comes_back_as_plain_data_or_words() -> None:
    """Plain data as it is; all else as its repr, cut short; never an error."""
    with asyncplot.Server(Misbehaving, backend="offscreen") as plot:
        assert plot.update("returns_an_object").value == "{1, 2}"
        assert plot.update("returns_a_scalar").value == 0.5
        assert math.isnan(plot.update("returns_not_a_number").value)
        much = plot.update("returns_much").value
        assert much.startswith("[0, 1, 2")
        assert len(much) < 5000
        assert "[...]" in plot.update("returns_itself").value
        assert plot.update("well").value == "well"


def test_a_value_whose_repr_raises_is_harmless() -> None:
    """A plotter that returns something nobody can print loses that frame's value at most."""
    with asyncplot.Server(Misbehaving, backend="offscreen") as plot:
        pending = plot.update("returns_what_has_no_repr")
        assert plot.flush(20)
        assert pending.ready
        assert plot.update("well").value == "well"
