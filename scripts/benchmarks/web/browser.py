"""A real Chromium without a screen, and windows in it that count what they paint. In: addresses. Out: counts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NamedTuple

_OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # a benchmark in a container runs as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-features=SpareRendererForSitePerProcess,Translate,CalculateNativeWinOcclusion",
    "--disable-backgrounding-occluded-windows",  # each window is in sight, as on a wide desk
    "--enable-precise-memory-info",
)

_SCRIPT = Path(__file__).with_name("counting.js").read_text()

_SHOWN = 60.0  # time until the first picture, s; eight windows share the cores


class Counted(NamedTuple):
    """What a window has painted in some time.

    Attributes
    ----------
    seconds : float
        How long was counted.
    painted, frames : int
        Pictures, and animation frames.
    pictures, bytes : int
        Binary messages, and their bytes.
    """

    seconds: float
    painted: int
    frames: int
    pictures: int
    bytes: int

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return self.painted / self.seconds

    @property
    def animation_rate(self) -> float:
        """Animation frames a second."""
        return self.frames / self.seconds


class Window:
    """A window of the browser with one page in front."""

    def __init__(self, driver: Any, url: str, script: str = "") -> None:
        self._driver = driver
        driver.switch_to.new_window("window")
        self._handle = driver.current_window_handle
        self.cdp("Page.addScriptToEvaluateOnNewDocument", source=script or _SCRIPT)
        driver.get(url)

    def await_picture(self) -> None:
        """Wait until it has painted."""
        until = monotonic() + _SHOWN
        while not self.run("return counted.painted"):
            if monotonic() > until:
                raise TimeoutError(f"{self.run('return location.href')} showed no picture in {_SHOWN:g} s")
            sleep(0.1)

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page."""
        self.front()
        return self._driver.execute_script(script, *arguments)

    def cdp(self, command: str, **parameters: Any) -> Any:
        """A command of the DevTools protocol."""
        self.front()
        return self._driver.execute_cdp_cmd(command, parameters)

    def front(self) -> None:
        """Have commands go to this window."""
        if self._driver.current_window_handle != self._handle:
            self._driver.switch_to.window(self._handle)

    def hide(self) -> None:
        """Cover the page by another tab of its window."""
        self.front()
        self.cdp("Target.createTarget", url="about:blank")
        until = monotonic() + 10.0
        while not self.run("return document.hidden"):
            if monotonic() > until:
                raise TimeoutError(
                    "the page is still in sight, 10 s after another tab was opened in front of it"
                )
            sleep(0.1)

    def close(self) -> None:
        """Close it."""
        self.front()
        self._driver.close()
        self._driver.switch_to.window(self._driver.window_handles[0])

    def start(self) -> None:
        """Begin to count."""
        self.run(
            "Object.assign(counted, {frames: 0, painted: 0, pictures: 0, bytes: 0, since: performance.now()});"
            "counted.at.length = counted.ages.length = 0; counted.encoded.clear()"
        )

    def stop(self) -> Counted:
        """What was counted."""
        return Counted(
            *self.run(
                "const {since, painted, frames, pictures, bytes} = counted;"
                "return [(performance.now() - since) / 1000, painted, frames, pictures, bytes]"
            )
        )


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser. Yields a function that opens a window at an address; given a script, that one runs in it and not `counting.js`.

    Raises
    ------
    SystemExit
        If there is none.
    """
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        raise SystemExit("bench web needs chromium and chromedriver: scripts/system --tests installs them")
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    with tempfile.TemporaryDirectory(prefix="bench-web-", ignore_cleanup_errors=True) as folder:
        options = ChromeOptions()
        options.binary_location = program
        for option in (*_OPTIONS, f"--user-data-dir={folder}", "--window-size=900,800"):
            options.add_argument(option)
        chrome = Chrome(options, ChromeService(driver))
        try:
            yield lambda *given: Window(chrome, *given)
        finally:
            chrome.quit()
