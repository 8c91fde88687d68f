"""V5: the viewer says what it really is (backend, Python, versions), and why it took no other backend."""

from __future__ import annotations

import platform
import sys

import matplotlib
import pytest

import asyncplot
from asyncplot import ConfigurationError
from viewer_plotters import Echo, SetsBackend

pytestmark = pytest.mark.contract


def started(plot: asyncplot.Server) -> asyncplot.Viewer:
    """What the viewer says of itself, once it is up."""
    assert plot.ready(20), plot.viewers
    (viewer,) = plot.viewers
    return viewer


@pytest.mark.parametrize(
    ("backend", "of_matplotlib"), [("qt", "qtagg"), ("tk", "tkagg"), ("offscreen", "agg")]
)
def test_it_says_what_it_is(display: str, backend: str, of_matplotlib: str) -> None:
    """Backend, process, Python and the reason are in `Server.viewers`, and the backend is the real one."""
    with asyncplot.Server(Echo, backend=backend) as plot:
        viewer = started(plot)
        assert (viewer.backend, viewer.matplotlib_backend, viewer.phase) == (backend, of_matplotlib, "ready")
        assert viewer.reason == "it was asked for"
        assert viewer.python == platform.python_version()
        assert plot.plotter.really_is() == (viewer.pid, of_matplotlib)


def test_it_says_its_versions(display: str) -> None:
    """The versions of asyncplot and of what draws are in `Server.viewers`."""
    with asyncplot.Server(Echo, backend="qt") as plot:
        versions = started(plot).versions
        assert versions["asyncplot"] == asyncplot.__version__
        assert versions["matplotlib"] == matplotlib.__version__
        assert versions["qt"]


@pytest.mark.parametrize(("word", "backend"), [("tkagg", "tk"), ("QtAgg", "qt"), ("agg", "offscreen")])
def test_mplbackend_is_honoured(
    display: str, monkeypatch: pytest.MonkeyPatch, word: str, backend: str
) -> None:
    """Without a keyword, MPLBACKEND decides, and the reason says so."""
    monkeypatch.setenv("MPLBACKEND", word)
    with asyncplot.Server(Echo) as plot:
        viewer = started(plot)
        assert viewer.backend == backend
        assert word.lower() in viewer.reason.lower()


def test_the_keyword_wins_over_the_variables(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`backend=` wins over ASYNCPLOT_BACKEND, and that over MPLBACKEND."""
    monkeypatch.setenv("MPLBACKEND", "qtagg")
    monkeypatch.setenv("ASYNCPLOT_BACKEND", "tk")
    with asyncplot.Server(Echo, backend="offscreen") as plot, asyncplot.Server(Echo) as second:
        assert started(plot).backend == "offscreen"
        assert started(second).backend == "tk"


def test_without_a_choice_it_takes_what_loads(display: str) -> None:
    """With a display and nothing set, Qt comes first."""
    with asyncplot.Server(Echo) as plot:
        viewer = started(plot)
        assert (viewer.backend, viewer.reason) == ("qt", "it loads")


@pytest.mark.parametrize("word", ["webagg", "module://no_such_backend"])
def test_a_backend_that_cannot_be_used_is_passed_over(
    display: str, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    """One that asyncplot has no backend for is named in the reason, and a window is shown all the same."""
    monkeypatch.setenv("MPLBACKEND", word)
    with asyncplot.Server(Echo) as plot:
        viewer = started(plot)
        assert viewer.backend == "qt"
        assert word in viewer.reason


def test_an_mplbackend_that_matplotlib_refuses_is_a_clear_error(
    display: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A misspelt MPLBACKEND is named by `check`, or passed over with a reason; never taken for Agg."""
    monkeypatch.setenv("MPLBACKEND", "nonsense")
    with asyncplot.Server(Echo) as plot:
        if plot.ready(20):
            assert "nonsense" in plot.viewers[0].reason
        else:
            with pytest.raises(asyncplot.ViewerError, match="nonsense"):
                plot.check()


@pytest.mark.parametrize("asked", [None, "qt", "tk"])
def test_without_a_display_it_is_offscreen_and_says_why(
    capfd: pytest.CaptureFixture[str], asked: str | None
) -> None:
    """No DISPLAY: one line says why no window is shown, and what to set; the frames are drawn."""
    with asyncplot.Server(Echo, backend=asked) as plot:
        viewer = started(plot)
        assert viewer.backend == "offscreen"
        assert "DISPLAY" in viewer.reason
        assert plot.update("drawn").value == "drawn"
        plot.close()
    (line,) = [line for line in capfd.readouterr().err.splitlines() if line]
    assert "no window is shown" in line
    assert "DISPLAY" in line
    assert "ssh -X" in line


def test_a_toolkit_that_is_not_installed_is_named(display: str) -> None:
    """Where Qt is not installed Tk is taken, and the reason says what to install for Qt."""
    code = "import sys; sys.modules.update(PySide6=None, PyQt6=None); exec(sys.argv[1])"
    with asyncplot.Server(Echo, [sys.executable, "-c", code]) as plot:
        viewer = started(plot)
        assert viewer.backend == "tk"
        assert "pip install asyncplot[qt]" in viewer.reason


def test_qt_without_a_screen_where_qt_was_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """QT_QPA_PLATFORM=offscreen needs no display."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    with asyncplot.Server(Echo, backend="qt") as plot:
        assert started(plot).backend == "qt"


def test_a_plotter_that_sets_the_backend_itself(display: str) -> None:
    """What is said is what is shown: either the viewer's choice holds, or the error names the other one."""
    with asyncplot.Server(SetsBackend, backend="qt") as plot:
        if plot.ready(20):
            plot.update("#102030")
            assert plot.flush(10)
            assert plot.stats.failed == 0
            assert (plot.viewers[0].matplotlib_backend, plot.viewers[0].windows) in {("qtagg", 1), ("agg", 0)}
        else:
            with pytest.raises(asyncplot.ViewerError, match="agg"):
                plot.check()


def test_a_display_that_cannot_be_opened_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A DISPLAY that leads nowhere does not abort the viewer as Qt alone would."""
    monkeypatch.setenv("DISPLAY", ":9999")
    with asyncplot.Server(Echo) as plot:
        viewer = started(plot)
        assert viewer.backend == "offscreen"
        assert ":9999" in viewer.reason


def test_a_backend_that_does_not_exist_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong name is refused at once, in the keyword and in the variable, with the names there are."""
    with pytest.raises(ConfigurationError, match=r"'nonsense'.*qt, tk, offscreen"):
        asyncplot.Server(Echo, backend="nonsense")
    monkeypatch.setenv("ASYNCPLOT_BACKEND", "nonsense")
    with pytest.raises(ConfigurationError, match=r"'nonsense'.*qt, tk, offscreen"):
        asyncplot.Server(Echo)


def test_the_plotting_interpreters_own_choice_counts(display: str) -> None:
    """`ipython --pylab=tk` chooses Tk, though Qt would load."""
    pytest.importorskip("IPython")
    with asyncplot.Server(Echo, [sys.executable, "-m", "IPython", "--pylab=tk", "-c"]) as plot:
        viewer = started(plot)
        assert viewer.backend == "tk"
        assert "tk" in viewer.reason
