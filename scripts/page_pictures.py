"""Pictures of the page: programs show their figures in a real browser, and the page is photographed while they run.

In: the name of a picture. Out: a PNG file. The programs run as a user runs them where there is no display. The browser is
that of the tests.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

from selenium.webdriver import Chrome

import asyncplot
from asyncplot.rundir import read_json
from conditions import wait_until
from driven_page import DrivenPage

_EXAMPLE = (str(Path(__file__).parent.parent / "docs" / "examples" / "patterns.py"),)
_DEMO = ("-m", "asyncplot", "demo", "vortices", "--seconds", "600")


@dataclasses.dataclass(frozen=True)
class Scene:
    """What a picture shows: a program, after so many calls of ``update``, on which page."""

    program: tuple[str, ...]
    calls: int
    dark: bool = False
    phone: bool = False


#: The name of each picture -> what it shows.
SCENES = {
    "page-light": Scene(_EXAMPLE, 12_000),
    "page-dark": Scene(_DEMO, 3000, dark=True),
    "page-phone": Scene(_EXAMPLE, 12_000, phone=True),
}


def photograph_page(scene: Scene, path: Path, browser: Chrome) -> None:
    """Start the program, open its page, photograph it after enough calls, and end the program."""
    environment = {**os.environ, "ASYNCPLOT_BACKEND": "web", "ASYNCPLOT_WEB_PORT": "0"}
    environment.pop("DISPLAY", None)  # else the user's browser would be opened, too
    process = subprocess.Popen([sys.executable, *scene.program], env=environment, stderr=subprocess.DEVNULL)
    try:
        url = wait_until(lambda: url_of_page(process.pid), 60)
        with DrivenPage.open(browser, phone=scene.phone) as page:
            page.dark(dark=scene.dark)
            page.go(url)
            page.await_text("#age", "live", 30)
            wait_until(lambda: run_of(process.pid)[0].stats.called > scene.calls, 300)
            page.photograph(path)
    finally:
        process.terminate()
        process.wait()
        wait_until(lambda: not run_of(process.pid), 20)


def run_of(pid: int) -> list[asyncplot.Run]:
    """The run of a process, if it has begun and not ended."""
    return [run for run in asyncplot.runs() if run.pid == pid]


def url_of_page(pid: int) -> str:
    """The address of the page of a process. Empty as long as it has none."""
    states = [read_json(path) or {} for run in run_of(pid) for path in run.directory.glob("*/state.json")]
    return str(states[0].get("url", "")) if states else ""
