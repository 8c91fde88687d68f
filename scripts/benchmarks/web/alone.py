"""What ``bench web`` measures of asyncplot alone: a slow line, a hidden page, panning, and memory. In: a browser. Out: figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np

import asyncplot
from asyncplot.web.listening import SOCKET

from ..budgets import Budgets, Figures
from ..calls import superseded_by, taken_unasked
from ..draw_cases import CASES
from ..plotters import Counting
from ..progress import counted, said
from ..segments import median
from .browser import Window
from .slow_line import slow_line
from .sources import Bar, Ours, Watched, ours
from .stock import FRAMES

KEYS = ("slow_line", "hidden", "pan", "memory")

BUDGETS: Budgets = {
    "slow_line/fast_alone_over_beside": 1.0 / 0.95,
    "slow_line/age_ms": 1000.0,
    "slow_line/pictures_per_s": None,
    "hidden/encodings": 0.0,
    "hidden/taken_per_s": 1.0,
    "hidden/superseded_ratio": 1.1,
    "hidden/taken_ratio": 1.1,
    # Each motion needs a whole draw, and may have to wait until the one before has ended: on a slow machine three draws.
    "pan/p95_ms": lambda figures: max(60.0, 3.0 * figures["pan"]["draw_ms"]),
    "pan/p50_ms": None,
    "pan/draw_ms": None,
    "memory/page_growth_MiB": 2.0,
    "memory/viewer_growth_MiB": 2.0,
    "memory/pictures": None,
}

_LINE = "line_1e3_smooth"
_VALUES = CASES[_LINE].values(FRAMES)

OpenWindow = Callable[[str], Window]


def _slow_line(_: str, open_window: OpenWindow, *, quick: bool) -> Figures:
    """A fast page beside one behind a slow line. The age is that of the picture that is seen, at most, in the last 10 s."""
    seconds = 6.0 if quick else 60.0
    with ours(Watched(_LINE), _VALUES) as mine:
        fast = open_window(mine.url)
        fast.await_picture()
        alone, beside, age, rate = [], [], 0.0, 0.0
        for _ in counted("slow line", range(rounds := 1 if quick else 2), rounds):
            alone.append(_rate(mine, fast, seconds / 6))
            socket = _folder(mine) / SOCKET
            with slow_line(socket) as port:
                slow = open_window(mine.url.replace(mine.url.split(":")[2].split("/")[0], str(port)))
                slow.await_picture()
                slow.start()
                with mine.moving():
                    sleep(seconds * 5 / 6)
                    fast.start()
                    slow.start()
                    sleep(seconds / 6)
                    beside.append(fast.stop().rate)
                    age = max([age, *(seen for _, _, seen in slow.run("return counted.ages"))])
                    rate = slow.stop().rate
                slow.close()
    return {
        "fast_alone_over_beside": median([one / two for one, two in zip(alone, beside, strict=True)]),
        "age_ms": age,
        "pictures_per_s": rate,
    }


def _folder(source: Ours) -> Path:
    """The folder of the viewer."""
    directory = source.plot.directory
    assert directory is not None  # there is a viewer
    (socket,) = directory.glob(f"viewer-*/{SOCKET}")
    return socket.parent


def _rate(source: Ours, window: Window, seconds: float) -> float:
    with source.moving():
        sleep(0.5)
        window.start()
        sleep(seconds)
        return window.stop().rate


def _hidden(_: str, open_window: OpenWindow, *, quick: bool) -> Figures:
    """With a page in a hidden tab: encodings, frames taken a second, and what a call costs beside a run without a viewer."""
    rounds = 4 if quick else 20
    data = np.zeros(1000)
    costs: dict[str, dict[str, list[float]]] = {}
    with (
        ours(Watched(_LINE), _VALUES) as mine,
        asyncplot.Server(Counting, backend="offscreen", viewer=None, max_overhead=1.0) as unseen,
    ):
        window = open_window(mine.url)
        window.await_picture()
        window.hide()
        sleep(2.0)  # what was on its way is encoded
        before, taken, start = mine.plot.plotter.encodings(), mine.plot.stats.taken, monotonic()
        with mine.moving():
            sleep(3.0 if quick else 20.0)
        rate = (mine.plot.stats.taken - taken) / (monotonic() - start)
        encodings = mine.plot.plotter.encodings() - before
        for _ in counted("hidden", range(rounds), rounds):
            for name, plot in {"hidden": mine.plot, "none": unseen}.items():
                one = costs.setdefault(name, {"superseded": [], "taken": []})
                one["superseded"].append(superseded_by(plot.update, data))
                one["taken"].append(taken_unasked(plot, data))
    return {
        "encodings": encodings,
        "taken_per_s": rate,
        **{
            f"{kind}_ratio": median(costs["hidden"][kind]) / median(costs["none"][kind])
            for kind in ("superseded", "taken")
        },
        **{f"{kind}_us": median(costs["hidden"][kind]) * 1e6 for kind in ("superseded", "taken")},
    }


#: Notes where the bar of `Bar` is in each picture: the first dark pixel in a row of the canvas.
_WATCH = """
const canvas = document.querySelector('.picture canvas');
const row = Math.floor(0.5 * canvas.height);
window.bars = [];
counted.after = () => {
  const {data} = canvas.getContext('2d').getImageData(0, row, canvas.width, 1);
  let x = 0;
  while (x < canvas.width && !(data[4 * x] > 200 && data[4 * x + 1] < 60)) x += 1;
  const last = bars.length ? bars[bars.length - 1][1] : -1;
  if (x !== last) bars.push([performance.timeOrigin + performance.now(), x]);
};
window.moved = [];
addEventListener('pointermove', (event) => moved.push([performance.timeOrigin + event.timeStamp, event.clientX]), true);
const box = canvas.getBoundingClientRect();
return [box.left, box.top, box.width, box.height, canvas.width];
"""


def _pan(_: str, open_window: OpenWindow, *, quick: bool) -> Figures:
    """From a motion of the mouse to the picture that shows it, ms, while 60 frames a second come.

    The plot has a red bar. With the pan tool it moves with the mouse, so each picture tells which motion it shows.
    """
    motions = 20 if quick else 150
    with ours(Bar(_LINE), _VALUES) as mine:
        window = open_window(mine.url)
        window.await_picture()
        left, top, width, height, pixels = window.run(_WATCH)
        window.run("document.querySelector('[data-tool=pan]').click()")
        x, y = left + 0.3 * width, top + 0.5 * height
        said("pan")
        with mine.moving(1 / 60):
            sleep(1.0)
            _mouse(window, "mouseMoved", x, y)
            _mouse(window, "mousePressed", x, y)
            step = 0.4 * width / motions
            for number in range(1, motions + 1):
                _mouse(window, "mouseMoved", x + step * number, y)
                sleep(0.05)
            sleep(1.0)
            _mouse(window, "mouseReleased", x + step * motions, y)
        bars, moved = window.run("return [bars, moved]")
        draw = mine.plot.plotter.draw_ms()
    return {**_waits(np.array(bars), np.array(moved), pixels / width), "draw_ms": draw}


def _mouse(window: Window, kind: str, x: float, y: float) -> None:
    window.cdp(
        "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=int(kind != "mouseReleased")
    )


def _waits(bars: Any, moved: Any, scale: float) -> Figures:
    """How long each motion waited for a picture in which the bar has moved as far, within a pixel."""
    start = bars[bars[:, 0] < moved[1, 0], 1][-1]
    waits = []
    for at, x in moved[2:]:
        reached = (bars[:, 0] >= at) & (bars[:, 1] >= start + (x - moved[0, 1]) * scale - 1.5)
        if reached.any():
            waits.append(bars[reached, 0][0] - at)
    if len(waits) < 0.9 * (len(moved) - 2):
        raise RuntimeError(f"of {len(moved) - 2} motions only {len(waits)} were seen in a picture")
    p50, p95 = np.percentile(waits, [50.0, 95.0])
    return {"p50_ms": float(p50), "p95_ms": float(p95)}


def _memory(_: str, open_window: OpenWindow, *, quick: bool) -> Figures:
    """How much the page's heap and the viewer's memory grow over 20,000 pictures, after the first 1,000."""
    first, last = (50, 300) if quick else (1_000, 21_000)
    with ours(Watched(_LINE), _VALUES) as mine:
        window = open_window(mine.url)
        window.await_picture()
        window.run("counted.pictures = 0")
        said(f"memory: {last} pictures")
        with mine.moving():
            before = _sizes(mine, window, first)
            after = _sizes(mine, window, last)
            pictures = window.run("return counted.pictures")
    return {
        "page_growth_MiB": after[0] - before[0],
        "viewer_growth_MiB": after[1] - before[1],
        "pictures": pictures,
    }


def _sizes(source: Ours, window: Window, pictures: int) -> tuple[float, float]:
    """The heap of the page and the resident memory of the viewer when so many pictures were painted, MiB."""
    while window.run("return counted.pictures") < pictures:
        sleep(0.5)
    window.run("counted.at.length = counted.ages.length = 0; counted.encoded.clear()")
    window.cdp("HeapProfiler.collectGarbage")
    heap = window.cdp("Runtime.getHeapUsage")["usedSize"]
    for line in Path(f"/proc/{source.plot.viewers[0].pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return heap / 2**20, int(line.split()[1]) / 1024.0
    raise OSError("the viewer's status does not say how much memory it uses")


MEASUREMENTS: dict[str, Callable[..., Figures]] = {
    "slow_line": _slow_line,
    "hidden": _hidden,
    "pan": _pan,
    "memory": _memory,
}
