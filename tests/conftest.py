"""What every test gets: its own environment, a folder for its runs, and a check for leaks at its end."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from conditions import wait_until
from leaks import Snapshot
from virtual_display import virtual_display

#: Variables of the user that would change what a test shows, or where.
DECIDING = (
    "ASYNCPLOT", "MPLBACKEND", "QT_", "PYQTGRAPH_QT_LIB", "DISPLAY", "WAYLAND_DISPLAY",
    "OMPI_", "PMI", "MV2_", "SLURM_", "RANK", "LOCAL_RANK", "TORCHELASTIC_",
)  # fmt: skip


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """In CI, print at once why a test failed: the time-out of a later test may end the whole session."""
    if report.failed and os.environ.get("CI"):
        print(f"\n{report.nodeid} ({report.when}):\n{report.longreprtext}", file=sys.__stdout__, flush=True)


@pytest.fixture(autouse=True)
def runtime_dir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for the test's runs. Its path is short, because the path of a Unix socket has at most 108 bytes.

    Without the fixture `display` there is no display, so no test opens a window on the user's screen. The viewers are offscreen
    then: a page that nobody looks at shows one frame a second.
    """
    for variable in [name for name in os.environ if name.startswith(DECIDING)]:
        monkeypatch.delenv(variable)
    parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    path = Path(tempfile.mkdtemp(prefix="ap-", dir=parent))
    monkeypatch.setenv("ASYNCPLOT_RUNTIME_DIR", str(path))
    monkeypatch.setenv("ASYNCPLOT_BACKEND", "offscreen")
    state = path.with_name(f"{path.name}-state")  # in place of the user's register of runs
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    yield path
    shutil.rmtree(path)
    shutil.rmtree(state, ignore_errors=True)


@pytest.fixture(autouse=True)
def leaves_nothing(runtime_dir: Path) -> Iterator[None]:
    """Fail a test that leaves something behind, and end what it left. A process may take 2 s to end (C7)."""
    before = Snapshot(runtime_dir)
    yield
    with contextlib.suppress(pytest.fail.Exception):
        wait_until(lambda: not before.leaks(), 3)
        return
    left = before.leaks()
    before.kill()
    pytest.fail("the test left behind:\n  " + "\n  ".join(left), pytrace=False)


@pytest.fixture(scope="session")
def screen() -> Iterator[str]:
    """The name of the one virtual display of all tests."""
    with virtual_display() as name:
        yield name


@pytest.fixture
def display(screen: str, runtime_dir: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Set ``DISPLAY`` to a virtual display with a window manager. Gives the display's name."""
    monkeypatch.setenv("DISPLAY", screen)
    monkeypatch.delenv("ASYNCPLOT_BACKEND")
    return screen
