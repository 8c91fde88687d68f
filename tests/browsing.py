"""One Chromium for all tests of pages, and the pages that a test opens in it. (Pictures for the docs use it, too.)"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conditions import missing
from driven_page import DrivenPage

pytest.importorskip("selenium")
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

_OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # root's tests run in containers
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-features=SpareRendererForSitePerProcess,Translate",
)


@contextmanager
def chromium(folder: Path) -> Iterator[Chrome]:
    """Start the browser, with what it keeps in a folder. Ends it."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        missing("no chromium and chromedriver here, which tests of the page need")
    options = ChromeOptions()
    options.binary_location = program
    for option in (*_OPTIONS, f"--user-data-dir={folder}"):
        options.add_argument(option)
    options.add_experimental_option("prefs", {"download.default_directory": str(folder / "downloads")})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = Chrome(options, ChromeService(driver))
    try:
        yield chrome
    finally:
        chrome.quit()


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """The browser. It is started before a test's snapshot of what there is (see ``leaves_nothing``)."""
    with chromium(tmp_path_factory.mktemp("browser")) as started:
        yield started


@pytest.fixture(params=["desktop", "phone"])
def page(request: pytest.FixtureRequest, browser: Chrome) -> Iterator[DrivenPage]:
    """A tab, with a mouse and wide, or with a touch screen and narrow."""
    with DrivenPage.open(browser, phone=request.param == "phone") as opened:
        yield opened


@pytest.fixture
def desktop(browser: Chrome) -> Iterator[DrivenPage]:
    """A tab with a mouse."""
    with DrivenPage.open(browser) as opened:
        yield opened


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, which finds what keeps people from using a page."""
    script = Path(__file__).parents[1] / "build" / "axe-core" / "package" / "axe.min.js"
    if not script.exists():
        missing("no axe-core here, which scripts/system --tests fetches from npm")
    return script.read_text()
