"""What ``bench web`` measures, and its limits. In: which figures. Out: the figures.

All windows of one figure are in one browser, so they share what the machine has left. asyncplot and WebAgg take turns; the ratio
is that of two turns beside each other. The rest of the figures are those of asyncplot alone.
"""

from __future__ import annotations

import io
import os
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from time import sleep
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from asyncplot import plotters

from .. import draw_cases
from ..budgets import Budgets, Figures
from ..progress import counted, said
from ..segments import median
from ..tables import number
from . import alone
from .browser import Counted, Window, chromium
from .sources import Ours, Stock, Watched, ours, stock
from .stock import FRAMES

_LINE = "line_1e3_smooth"


class Case(NamedTuple):
    """What is shown, by asyncplot and by WebAgg.

    Attributes
    ----------
    name : str
        The case of `draw_cases`. WebAgg shows it with matplotlib's own artists.
    plotter : callable
        Makes asyncplot's plotter of that name.
    faster : float or None
        How many times as many pictures a second as WebAgg's are to reach the page.
    """

    name: str
    plotter: Callable[[str], Any]
    faster: float | None


#: The last one has the user's own ``imshow``. It takes most of the viewer's time, as it does with WebAgg.
CASES = {
    "line": Case(_LINE, Watched, 1.7),
    "axes_4x4": Case("axes_4x4", Watched, 5.0),
    "image_1024": Case("image_1024", lambda name: plotters.Image(), 3.0),
    "imshow_1024": Case("image_1024", Watched, None),
}

KEYS = (*CASES, "latency", "browsers", *alone.KEYS)

#: Key -> limit. Rates are given as what is asked for over what was measured, so that every limit is an upper limit.
BUDGETS: Budgets = {
    "line/animation_over_pictures": lambda figures: max(1.0 / 0.95, figures["line"]["limit_by_stock"]),
    **{f"{case}/stock_over_pictures/ratio": one.faster and 1.0 / one.faster for case, one in CASES.items()},
    "line/bytes_over_jpeg": 0.35,
    "latency/p50_ms": 25.0,
    "latency/p95_ms": None,
    "browsers/3/ms_per_picture": 1000.0 / 30.0,
    "browsers/8/pictures_per_s": None,
    "browsers/8/draws_ratio": 1.05,
    "browsers/8/encodings_ratio": 1.0,
    **alone.BUDGETS,
}

#: What is not counted at the start of a turn, and the length of a turn, s.
_SETTLED, _TURN = 0.5, 4.0


def measure(_: str, only: set[str], *, quick: bool) -> Figures:
    """Measure these keys; all, if none is named."""
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):  # else the viewer opens the user's own browser, too
        os.environ.pop(variable, None)
    os.environ["ASYNCPLOT_WEB_PORT"] = "0"
    measurements: dict[str, Callable[..., Any]] = {
        **dict.fromkeys(CASES, _turns),
        "latency": _latency,
        "browsers": _browsers,
        **alone.MEASUREMENTS,
    }
    figures: Figures = {}
    for key, measurement in measurements.items():
        if not only or key in only:
            with chromium() as open_window:
                figures[key] = measurement(key, open_window, quick=quick)
    return figures


def sheets(figures: Figures) -> Iterator[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
    """The table of pictures a second: a caption, a header, and rows."""
    rows = [(_WORDS[key], *_beside(figures[key])) for key in CASES if key in figures]
    if rows:
        yield (
            "Pictures a second that the page has painted, and kB a picture.",
            ("picture", "asyncplot", "WebAgg", "times as many", "kB", "WebAgg's kB", ""),
            rows,
        )


_WORDS = {
    "line": "line, 640x480",
    "axes_4x4": "4x4 axes, all lines move",
    "image_1024": "image of 1024x1024, plotters.Image",
    "imshow_1024": "the same, the user's own imshow",
}


def _beside(found: Figures) -> Iterator[str]:
    yield number(found["pictures_per_s"])
    yield number(found["stock_per_s"])
    low, high = found["stock_over_pictures"]["ci"]
    yield f"{number(1.0 / found['stock_over_pictures']['ratio'])} [{number(1.0 / high)}, {number(1.0 / low)}]"
    yield number(found["kB"])
    yield number(found["stock_kB"])
    yield ""


def turn(source: Ours | Stock, windows: list[Window], seconds: float = _TURN) -> list[Counted]:
    """Let a source move, and count what each window paints."""
    with source.moving():
        sleep(_SETTLED)
        for window in windows:
            window.start()
        sleep(seconds)
        return [window.stop() for window in windows]


def _turns(key: str, open_window: Callable[[str], Window], *, quick: bool) -> Figures:
    """Pictures a second of asyncplot and of WebAgg, in turns."""
    case = CASES[key]
    rounds = 2 if quick else 7
    values = draw_cases.CASES[case.name].values(FRAMES)
    with ours(case.plotter(case.name), values) as mine, stock(case.name) as other:
        window, stocks = open_window(mine.url), open_window(other.url)
        window.await_picture()
        stocks.await_picture()
        with other.moving():
            pass
        turns = []
        for _ in counted(key, range(rounds), rounds):
            (one,) = turn(mine, [window])
            (two,) = turn(other, [stocks])
            turns.append((one, two))
        mine.plot.check()
        jpeg = _jpeg_bytes(window)
    ratios = [two.rate / one.rate for one, two in turns]
    size = [one.bytes / max(one.pictures, 1) / 1e3 for one, _ in turns]
    figures: Figures = {
        "pictures_per_s": median([one.rate for one, _ in turns]),
        "stock_per_s": median([two.rate for _, two in turns]),
        "animation_over_pictures": median([one.animation_rate / one.rate for one, _ in turns]),
        "limit_by_stock": median([one.animation_rate / (1.7 * two.rate) for one, two in turns]),
        "stock_over_pictures": {"ratio": median(ratios), "ci": _spread(ratios)},
        "kB": median(size),
        "stock_kB": median([two.bytes / max(two.pictures, 1) / 1e3 for _, two in turns]),
        "bytes_over_jpeg": median(size) * 1e3 / jpeg,
    }
    said(
        f"{key}: {figures['pictures_per_s']:.1f} pictures/s, WebAgg {figures['stock_per_s']:.1f}; "
        f"ratio {1.0 / median(ratios):.2f} [{1.0 / max(ratios):.2f}, {1.0 / min(ratios):.2f}]"
    )
    return figures


def _spread(values: list[float]) -> list[float]:
    low, high = np.percentile(values, [10.0, 90.0])
    return [float(low), float(high)]


def _jpeg_bytes(window: Window) -> int:
    """The bytes of the whole picture as a JPEG of quality 85, with all colours in their full resolution, as asyncplot sends it."""
    url = window.run("return document.querySelector('.picture canvas').toDataURL('image/png')")
    image = Image.open(io.BytesIO(b64decode(url.partition(",")[2]))).convert("RGB")
    written = io.BytesIO()
    image.save(written, "jpeg", quality=85, subsampling=0)
    return written.tell()


def _latency(_: str, open_window: Callable[[str], Window], *, quick: bool) -> Figures:
    """From ``update`` to the picture on the page, ms, with ten updates a second. One is painted before the next is called."""
    period = 0.1
    with ours(Watched(_LINE), draw_cases.CASES[_LINE].values(FRAMES)) as mine:
        window = open_window(mine.url)
        window.await_picture()
        said("latency")
        with mine.moving(period):
            sleep(1.0)
            window.start()
            since = len(mine.called_at)
            sleep(2.0 if quick else 20.0)
            painted = np.array(window.run("return counted.at")) * 1e-3
            called = np.array(mine.called_at[since:])
    called = called[called < painted.max()]
    first = painted[np.searchsorted(painted, called)]
    p50, p95 = np.percentile((first - called) * 1e3, [50.0, 95.0])
    return {"p50_ms": float(p50), "p95_ms": float(p95)}


@contextmanager
def _several(open_window: Callable[[str], Window], url: str, number: int) -> Iterator[list[Window]]:
    with ExitStack() as stack:
        windows = [open_window(url) for _ in range(number)]
        for window in windows:
            stack.callback(window.close)
        for window in windows:
            window.await_picture()
        yield windows


def _browsers(_: str, open_window: Callable[[str], Window], *, quick: bool) -> Figures:
    """One, three and eight windows that look at one plot, in turns."""
    rounds = 1 if quick else 3
    figures: Figures = {str(number): {} for number in (1, 3, 8)}
    draws: dict[int, list[float]] = {1: [], 3: [], 8: []}
    rates: dict[int, list[float]] = {1: [], 3: [], 8: []}
    encodings: list[float] = []
    with ours(Watched(_LINE), draw_cases.CASES[_LINE].values(FRAMES)) as mine:
        for _ in counted("browsers", range(rounds), rounds):
            for number in (1, 3, 8):
                with _several(open_window, mine.url, number) as windows:
                    for window in windows:
                        window.start()
                    before, drawn = mine.plot.plotter.encodings(), mine.plot.stats.drawn
                    counts = turn_from_here(mine, windows)
                    draws[number].append((mine.plot.stats.drawn - drawn) / counts[0].seconds)
                    rates[number].append(min(one.rate for one in counts))
                    if number == 8:
                        sleep(1.0)  # the last pictures are painted
                        made = mine.plot.plotter.encodings() - before
                        sent = set().union(*(window.run("return [...counted.encoded]") for window in windows))
                        encodings.append(made / max(len(sent), 1))
    for number, values in rates.items():
        rate = median(values)
        figures[str(number)] = {
            "pictures_per_s": rate,
            "ms_per_picture": 1e3 / rate,
            "draws_per_s": median(draws[number]),
        }
    figures["8"]["draws_ratio"] = median([eight / one for one, eight in zip(draws[1], draws[8], strict=True)])
    figures["8"]["encodings_ratio"] = median(encodings)
    return figures


def turn_from_here(source: Ours, windows: list[Window]) -> list[Counted]:
    """Let a source move, and count from the first picture on."""
    with source.moving():
        sleep(_TURN)
    return [window.stop() for window in windows]
