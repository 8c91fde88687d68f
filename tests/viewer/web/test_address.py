"""What the user is told of the page: the line with the secret is shown, and stands in no file."""

from __future__ import annotations

import json
import os
import sys
import types
from pathlib import Path

import pytest

from asyncplot import settings
from asyncplot.errors import ConfigurationError
from asyncplot.launch.viewer_process import ViewerProcess
from asyncplot.rundir.format import END_FILE, LOG_FILE, UNLOGGED, viewer_folder
from asyncplot.rundir.options import Command
from asyncplot.viewer import address

URL = "http://127.0.0.1:8000/#5ec3e75ec3e7"

SCHEDULERS = [
    "SLURM_JOB_ID",
    "PBS_JOBID",
    "LSB_JOBID",
    "JOB_ID",
    "OAR_JOB_ID",
    "FLUX_JOB_ID",
    "HTCONDOR_JOBID",
]


def written(capfd: pytest.CaptureFixture[str], folder: Path, url: str) -> str:
    """What a viewer writes."""
    address.tell(folder, folder, url, browser=False)
    return capfd.readouterr().err


def test_with_a_port_the_line_has_the_url_and_the_way_from_elsewhere(
    capfd: pytest.CaptureFixture[str], runtime_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A viewer that has a log marks it, so that it is not logged; one without a log writes it as it is."""
    monkeypatch.setattr(address, "login", lambda: "ada")
    monkeypatch.setattr("socket.gethostname", lambda: "node7")
    folder = runtime_dir.with_name(f"{runtime_dir.name}-state")
    folder.mkdir()
    line = f"the figures are at {URL} (from another machine, first: ssh -L 8000:127.0.0.1:8000 ada@node7)\n"
    assert written(capfd, folder, URL) == f"asyncplot: {line}"
    (folder / LOG_FILE).touch()
    assert written(capfd, folder, URL) == UNLOGGED.decode() + line
    assert UNLOGGED.decode() not in written(capfd, folder, "")


@pytest.mark.parametrize("user", ["ada", ""])
def test_the_line_can_be_copied(user: str) -> None:
    """The same port on both sides; and without a name for this user id, ssh takes its own."""
    line = address.reached_by(URL, user, "node7")
    assert line.endswith(f"ssh -L 8000:127.0.0.1:8000 {'ada@' if user else ''}node7)")


def test_a_host_or_name_cannot_command_the_terminal(
    capfd: pytest.CaptureFixture[str], runtime_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control characters are written out."""
    monkeypatch.setattr("socket.gethostname", lambda: "\x1b]0;owned\x07")
    assert written(capfd, runtime_dir, "").removesuffix("\n").isprintable()


# --- the supervisor shows it, and keeps it out of its files ----------------------------------------


@pytest.mark.parametrize("before", [b"", b"no end of line", b"50%\r", b"\x1b[0m"])
@pytest.mark.parametrize("stream", [1, 2])
@pytest.mark.parametrize("show", [True, False])
def test_the_line_is_shown_and_not_logged(
    capfd: pytest.CaptureFixture[str], runtime_dir: Path, before: bytes, stream: int, show: bool
) -> None:
    """Also after text of a viewer's shell that ended no line, and when the pieces come one by one."""
    state = runtime_dir.with_name(f"{runtime_dir.name}-state")
    folder = state / viewer_folder(1)
    folder.mkdir(parents=True)
    text = b"first\n" + before + UNLOGGED + URL.encode() + b"\nlast\n"
    code = f"import os\nfor each in bytes.fromhex('{text.hex()}'): os.write({stream}, bytes([each]))"
    run = os.open(state, os.O_RDONLY)
    process = ViewerProcess(run, 1, Command([sys.executable, "-c", code]), "gpe", 0o77)
    process._let_go_of_errors()
    while process.readable:
        for descriptor in sorted(process.readable):
            process.read(descriptor, show=show)
    status = os.waitstatus_to_exitcode(os.waitpid(process.pid, 0)[1])
    process.drain(show=show)
    process.end(status, "ended")
    process.close()
    os.close(run)
    files = {path.name: path.read_text() for path in folder.iterdir()}
    assert "5ec3e7" not in "".join(files.values())
    assert "first\n" in files[LOG_FILE]
    assert "last" in json.loads(files[END_FILE])["tail"]
    shown = capfd.readouterr().err
    assert (URL in shown) == show
    assert UNLOGGED.decode() not in shown
    assert "unlogged" not in shown


# --- which viewers have a port ---------------------------------------------------------------------


@pytest.fixture
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process without a terminal, a scheduler or a notebook."""
    monkeypatch.setattr(os, "isatty", lambda descriptor: False)
    monkeypatch.delenv("ASYNCPLOT_WEB_PORT", raising=False)
    for variable in SCHEDULERS:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: None))


def test_a_batch_job_has_no_port(no_terminal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal, or with a scheduler's variable: also on a terminal of that job."""
    assert settings.page_port() is None
    monkeypatch.setattr(os, "isatty", lambda descriptor: descriptor == 2)
    assert settings.page_port() == 0
    for variable in SCHEDULERS:
        with monkeypatch.context() as job:
            job.setenv(variable, "17")
            assert settings.page_port() is None


def test_a_notebook_has_a_port(no_terminal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel has no terminal, and its user sees what is written; IPython in a batch job is no kernel."""
    shell = types.SimpleNamespace()
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    assert settings.page_port() is None
    shell.kernel = object()
    assert settings.page_port() == 0
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    assert settings.page_port() is None
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace())  # half imported
    monkeypatch.delenv("SLURM_JOB_ID")
    assert settings.page_port() is None


def test_without_stderr_there_is_no_terminal(no_terminal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Descriptor 2 may be closed."""

    def closed(descriptor: int) -> bool:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(os, "isatty", closed)
    assert settings.page_port() is None


@pytest.mark.parametrize(
    ("word", "port"), [("none", None), (" None ", None), ("0", 0), ("8000", 8000), ("65535", 65535)]
)
def test_the_variable_decides(
    no_terminal: None, monkeypatch: pytest.MonkeyPatch, word: str, port: int | None
) -> None:
    """On a terminal, and in a batch job."""
    monkeypatch.setenv("ASYNCPLOT_WEB_PORT", word)
    assert settings.page_port() == port
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    assert settings.page_port() == port


@pytest.mark.parametrize("word", ["-1", "65536", "8000.", "0x10", "http", "٣", "1" * 5000, "127.0.0.1:80"])
def test_what_is_no_port_is_an_error(no_terminal: None, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """It names the variable."""
    monkeypatch.setenv("ASYNCPLOT_WEB_PORT", word)
    with pytest.raises(ConfigurationError, match="ASYNCPLOT_WEB_PORT"):
        settings.page_port()


def test_a_browser_is_opened_without_the_secret_in_its_command_line(
    runtime_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser gets the name of a file that only this user can read, and the file leads to the page."""
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    folder = runtime_dir.with_name(f"{runtime_dir.name}-state")
    folder.mkdir()
    address.tell(folder, folder, URL, browser=True)
    (name,) = opened
    file = folder / "open.html"
    assert name == file.as_uri()
    assert URL in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
