"""V5: the viewer says what it really is (backend, Python, versions), and why it took no other backend."""

from __future__ import annotations

import platform
import sys

import matplotlib
import pytest

import asyncplot
from asyncplot import ConfigurationError
from asyncplot.viewer.backends.choose import of_matplotlib
from viewer_plotters import Echo, Panel

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


#: Variables -> the backend, whether there are windows that a user can close, what the reason says, and whether a line
#: tells the user of what is not as the variables say.
ENVIRONMENTS: dict[str, tuple[str, bool, str, bool]] = {
    "": ("qt", True, "it loads", False),
    "MPLBACKEND=tkagg": ("tk", True, "matplotlib was set to tkagg", False),
    "MPLBACKEND=QtAgg": ("qt", True, "matplotlib was set to QtAgg", False),
    "MPLBACKEND=Agg": ("qt", True, "Agg, which matplotlib was set to, has no windows", True),
    "MPLBACKEND=module://matplotlib_inline.backend_inline": ("qt", True, "has no windows", True),
    "MPLBACKEND=gtk3agg": (
        "qt",
        True,
        "gtk (matplotlib was set to gtk3agg): PyGObject or pycairo is not",
        True,
    ),
    "MPLBACKEND=macosx": (
        "qt",
        True,
        "macosx (matplotlib was set to macosx): these windows are macOS's",
        True,
    ),
    "MPLBACKEND=nonsense": ("qt", True, "nonsense, which matplotlib was set to, is no backend", True),
    "MPLBACKEND=module://no.such": ("qt", True, "module://no.such, which", True),
    "QT_API=pyqt5 MPLBACKEND=qtagg": (
        "qt",
        True,
        "QT_API=pyqt5 is not followed: PyQt5 is not installed",
        True,
    ),
    "QT_API=nonsense": ("qt", True, "QT_API=nonsense is not followed: it is one of pyside6, pyqt6", True),
    "QT_QPA_PLATFORM=nonsense": ("tk", True, "this Qt has no platform nonsense; it has ", True),
    "QT_QPA_PLATFORM=wayland": ("tk", True, "wayland needs WAYLAND_DISPLAY", True),
    "QT_QPA_PLATFORM=wayland;xcb": ("qt", True, "it loads", False),
    # Windows that nobody sees are none that a user could close; to vnc a user may connect.
    "QT_QPA_PLATFORM=offscreen": ("qt", False, "QT_QPA_PLATFORM is offscreen", False),
    "QT_QPA_PLATFORM=minimal:enable_fonts": ("qt", False, "QT_QPA_PLATFORM is minimal", False),
    "QT_QPA_PLATFORM=vnc:port=47613": ("qt", True, "it loads", False),
    # Our own variable wins.
    "ASYNCPLOT_BACKEND=offscreen MPLBACKEND=nonsense": ("offscreen", False, "it was asked for", False),
    "ASYNCPLOT_BACKEND=tk MPLBACKEND=qtagg": ("tk", True, "it was asked for", False),
    # No window can be shown. (The line that tells where the page is does not count here.)
    "DISPLAY= MPLBACKEND=Agg": ("web", False, "neither DISPLAY nor WAYLAND_DISPLAY is set", False),
    "DISPLAY=:9999": ("web", False, ":9999", False),
}


@pytest.mark.parametrize("variables", ENVIRONMENTS)
def test_what_the_environment_says(
    display: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], variables: str
) -> None:
    """Each variable that is about backends: a window if there can be one, the reason, at most one line, and `wait` ends."""
    backend, closable, reason, told = ENVIRONMENTS[variables]
    for variable in variables.split():
        monkeypatch.setenv(*variable.split("=", 1))
    with asyncplot.Server(Panel) as plot:
        viewer = started(plot)
        plot.update("#102030")
        assert plot.flush(20)
        assert (viewer.backend, plot.viewers[0].windows) == (backend, int(closable))
        assert reason in viewer.reason
        if not closable:
            plot.wait()
        plot.check()
    lines = said_by_asyncplot(capfd)
    assert len(lines) == told, lines
    if told:
        assert reason in lines[0]


#: Said by libwayland, where it is installed and no server is there.
_WAYLAND = ("XDG_RUNTIME_DIR is invalid", "wl_display")


def said_by_asyncplot(capfd: pytest.CaptureFixture[str]) -> list[str]:
    """The lines of a viewer on stderr that are about backends. Qt's own plugins and a page have something to say, too."""
    lines = capfd.readouterr().err.splitlines()
    return [
        line
        for line in lines
        if not any(
            word in line
            for word in ("qt.qpa", "propagateSizeHints", "QVncServer", "asyncplot view", *_WAYLAND)
        )
    ]


@pytest.mark.parametrize(
    ("word", "name"),
    [
        *((word, "qt") for word in ("QtAgg", "qtagg", "qt5agg", "qtcairo")),
        *((word, "tk") for word in ("TkAgg", "tkcairo")),
        *((word, "gtk") for word in ("GTK3Agg", "gtk4agg", "gtk3cairo", "gtk4cairo")),
        *((word, "wx") for word in ("WXAgg", "wxcairo", "wx")),
        ("webagg", "web"),
        *((word, "macosx") for word in ("MacOSX", "osx")),
        *((word, None) for word in ("agg", "Agg", "cairo", "pdf", "pgf", "ps", "svg", "template", "inline")),
        *((word, None) for word in ("module://ipykernel.pylab.backend_inline", "nonsense")),
    ],
)
def test_a_backend_of_matplotlib_and_ours(word: str, name: str | None) -> None:
    """A backend of matplotlib with windows is one of ours, and each other one is named in the reason."""
    passed_over: list[str] = []
    assert of_matplotlib(word, passed_over) == name
    assert [reason.split(",")[0] for reason in passed_over] == ([] if name else [word])


def test_the_keyword_wins_over_the_variables(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`backend=` wins over ASYNCPLOT_BACKEND, and that over MPLBACKEND."""
    monkeypatch.setenv("MPLBACKEND", "qtagg")
    monkeypatch.setenv("ASYNCPLOT_BACKEND", "tk")
    with asyncplot.Server(Echo, backend="offscreen") as plot, asyncplot.Server(Echo) as second:
        assert started(plot).backend == "offscreen"
        assert started(second).backend == "tk"


@pytest.mark.parametrize("asked", [None, "qt", "tk"])
def test_without_a_display_it_is_a_page_and_says_why(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, asked: str | None
) -> None:
    """No DISPLAY and no terminal: one line says how to see the figures, and one why it is no window if that was asked for."""
    monkeypatch.delenv("ASYNCPLOT_BACKEND")
    with asyncplot.Server(Echo, backend=asked) as plot:
        viewer = started(plot)
        assert viewer.backend == "web"
        assert "DISPLAY" in viewer.reason
        assert plot.url == ""
        assert plot.update("drawn").value == "drawn"
        plot.close()
    *instead, page = [line for line in capfd.readouterr().err.splitlines() if line]
    assert f"asyncplot view {plot.name} --web" in page
    assert len(instead) == (asked is not None)
    assert all(f"web is used instead of {asked}" in line and "ssh -X" in line for line in instead)


def test_a_page_with_a_port_says_where_it_is_and_keeps_the_secret_out_of_the_log(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line for the terminal has the URL; the log of the viewer, which others may be sent, has not."""
    monkeypatch.setenv("ASYNCPLOT_WEB_PORT", "0")
    with asyncplot.Server(Echo, backend="web") as plot:
        started(plot)
        url, secret = plot.url, plot.url.partition("#")[2]
        log = (plot.directory / "viewer-1" / "log").read_text()
        assert secret not in repr(plot.viewers)
        plot.close()
    assert len(secret) == 32
    assert secret not in log
    assert url in capfd.readouterr().err


def test_a_toolkit_that_is_not_installed_is_named(display: str) -> None:
    """Where Qt is not installed Tk is taken, and the reason says what to install for Qt."""
    code = "import sys; sys.modules.update(PySide6=None, PyQt6=None); exec(sys.argv[1])"
    with asyncplot.Server(Echo, [sys.executable, "-c", code]) as plot:
        viewer = started(plot)
        assert viewer.backend == "tk"
        assert "pip install asyncplot[qt]" in viewer.reason


def test_a_backend_that_does_not_exist_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong name is refused at once, in the keyword and in the variable, with the names there are."""
    with pytest.raises(ConfigurationError, match=r"'nonsense'.*qt, macosx, tk, gtk, wx, web, offscreen"):
        asyncplot.Server(Echo, backend="nonsense")
    monkeypatch.setenv("ASYNCPLOT_BACKEND", "nonsense")
    with pytest.raises(ConfigurationError, match=r"'nonsense'.*qt, macosx, tk, gtk, wx, web, offscreen"):
        asyncplot.Server(Echo)


def test_the_plotting_interpreters_own_choice_counts(display: str) -> None:
    """`ipython --pylab=tk` chooses Tk, though Qt would load."""
    pytest.importorskip("IPython")
    with asyncplot.Server(Echo, [sys.executable, "-m", "IPython", "--pylab=tk", "-c"]) as plot:
        viewer = started(plot)
        assert viewer.backend == "tk"
        assert "tk" in viewer.reason
