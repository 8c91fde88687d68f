"""A tab of the browser, used as a person does: with the mouse, the keys and fingers, at what is seen."""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from conditions import wait_until

_DESKTOP = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
_PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}


def unpacked(png: bytes) -> Any:
    """The red, green and blue of a PNG: shape (height, width, 3), uint8."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


class DrivenPage:
    """One tab.

    Attributes
    ----------
    phone : bool
        Whether it is narrow and has a touch screen.
    """

    def __init__(self, browser: Chrome, phone: bool) -> None:
        self._browser = browser
        self._handle = browser.current_window_handle
        self.phone = phone
        self._cdp("Emulation.setDeviceMetricsOverride", **(_PHONE if phone else _DESKTOP))
        self._cdp("Emulation.setTouchEmulationEnabled", enabled=phone, maxTouchPoints=2 if phone else 1)

    @classmethod
    @contextmanager
    def open(cls, browser: Chrome, phone: bool = False) -> Iterator[DrivenPage]:
        """Open a tab, and close it at the end."""
        before = browser.current_window_handle
        browser.switch_to.new_window("tab")
        opened = cls(browser, phone)
        browser.get_log("browser")  # of the tabs before
        try:
            yield opened
        finally:
            opened.front()
            browser.close()
            browser.switch_to.window(before)

    def front(self) -> None:
        """Bring it to the front. Commands go to the tab in front."""
        if self._browser.current_window_handle != self._handle:
            self._browser.switch_to.window(self._handle)

    def go(self, url: str) -> None:
        """Load an address."""
        self.front()
        self._browser.get(url)

    def reload(self) -> None:
        """Load it again."""
        self._browser.refresh()

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page."""
        self.front()
        return self._browser.execute_script(script, *arguments)

    def dark(self, *, dark: bool) -> None:
        """What the system says of light and dark."""
        value = "dark" if dark else "light"
        features = [{"name": "prefers-color-scheme", "value": value}]
        self._cdp("Emulation.setEmulatedMedia", features=features)

    def part(self, selector: str) -> WebElement:
        """An element. Waits until it is there."""
        self.front()
        return wait_until(
            lambda: next(iter(self._browser.find_elements(By.CSS_SELECTOR, selector)), None), what=selector
        )

    def text(self, selector: str) -> str:
        """The text that is seen in an element."""
        return self.part(selector).text

    def await_text(self, selector: str, words: str, timeout: float = 10.0) -> None:
        """Wait until an element has these words."""
        wait_until(lambda: words in self.text(selector), timeout, what=f"{words!r} in {selector}")

    def click(self, selector: str) -> None:
        """Click, or tap, in the middle of an element. Waits until it can be used."""
        wait_until(lambda: self.part(selector).is_enabled(), what=f"{selector} enabled")
        self.part(selector).click()

    def keys(self, *keys: str) -> None:
        """Press keys, one after another, wherever the focus is."""
        self.front()
        for key in keys:
            ActionChains(self._browser).send_keys(key).perform()

    def focused(self) -> str:
        """What has the focus, in words: its label, or its text, or its id."""
        return str(
            self.run(
                "const e = document.activeElement;"
                "return e.getAttribute('aria-label') || e.textContent.trim() || e.id || e.tagName"
            )
        )

    def drag(self, start: tuple[float, float], end: tuple[float, float], button: str = "left") -> None:
        """Drag the mouse in the first figure. Places are fractions of its width and height."""
        (x0, y0), (x1, y1) = map(self.place, (start, end))
        self.mouse("mouseMoved", x0, y0)
        self.mouse("mousePressed", x0, y0, button)
        for step in range(1, 6):
            self.mouse("mouseMoved", x0 + (x1 - x0) * step / 5, y0 + (y1 - y0) * step / 5, button)
        self.mouse("mouseReleased", x1, y1, button)

    def place(self, fractions: tuple[float, float]) -> tuple[float, float]:
        """A place in the first figure, CSS pixels of the window."""
        self.part(".picture")
        left, top, width, height = self.run(
            "const p = document.querySelector('.picture'); p.scrollIntoView({block: 'center'});"
            "const r = p.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]"
        )
        return left + fractions[0] * width, top + fractions[1] * height

    def mouse(self, kind: str, x: float, y: float, button: str = "none", **more: Any) -> None:
        """One event of the mouse."""
        held = {"none": 0, "left": 1, "right": 2}[button] if kind != "mouseReleased" else 0
        self._cdp(
            "Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, buttons=held, clickCount=1, **more
        )

    def touch(self, kind: str, *places: tuple[float, float]) -> None:
        """Fingers come down, move or go up. Places are fractions of the first figure."""
        points = [dict(zip("xy", self.place(place), strict=True), id=n) for n, place in enumerate(places)]
        self._cdp("Input.dispatchTouchEvent", type=kind, touchPoints=points)

    def pixel(self, x: int, y: int, figure: int = 0) -> tuple[int, ...]:
        """The red, green and blue of a pixel of a figure's canvas."""
        colour = self.run(
            "const copy = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});"
            "const canvas = document.querySelectorAll('.picture canvas')[arguments[0]];"
            "copy.drawImage(canvas, -arguments[1], -arguments[2]);"
            "return [...copy.getImageData(0, 0, 1, 1).data]",
            figure, x, y,
        )  # fmt: skip
        return tuple(colour[:3])

    def saves_to(self, folder: Path) -> None:
        """Where downloads go."""
        self.front()
        self._cdp("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))

    def pixels(self) -> Any:
        """The first figure as it is seen: shape (height, width, 3). None if there is none yet."""
        url = self.run("return document.querySelector('.picture canvas')?.toDataURL('image/png') ?? ''")
        return unpacked(base64.b64decode(url.partition(",")[2])) if url else None

    def photograph(self, path: Path) -> None:
        """Save what is seen as a PNG. A wide page is cut off below its last part."""
        bottom = self.run("return document.querySelector('main').getBoundingClientRect().bottom")
        metrics = _PHONE if self.phone else {**_DESKTOP, "height": math.ceil(bottom)}
        self._cdp("Emulation.setDeviceMetricsOverride", **metrics)
        path.write_bytes(base64.b64decode(self._cdp("Page.captureScreenshot")["data"]))

    def faults(self) -> list[str]:
        """What the console says. (A connection that a test has cut is no fault of the page.)"""
        self.front()
        said = [str(entry["message"]) for entry in self._browser.get_log("browser")]
        return [line for line in said if "WebSocket connection" not in line]

    def hosts(self) -> set[str]:
        """All hosts that were asked for anything."""
        self.front()
        messages = [json.loads(entry["message"])["message"] for entry in self._browser.get_log("performance")]
        urls = [
            each["params"]["request"]["url"]
            for each in messages
            if each["method"] == "Network.requestWillBeSent"
        ]
        return {url.split("/")[2].split(":")[0] for url in urls if url.startswith(("http", "ws"))}

    def _cdp(self, command: str, **parameters: Any) -> Any:
        try:
            return self._browser.execute_cdp_cmd(command, parameters)
        except WebDriverException as error:
            raise AssertionError(f"{command}: {error.msg}") from error
