"""The limits of the figures, and the margin of each figure. In: figures. Out: the rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .tables import number

Figures = dict[str, Any]
Budgets = dict[str, float | Callable[[Figures], float] | None]

#: Key -> limit. A slash in a key leads into a nested dictionary. A limit may depend on other figures of the
#: run. None: the figure is shown without a limit.
BUDGETS: Budgets = {
    "superseded_us": 0.35,
    "empty_call_us": None,
    "taken_small_us": 12.0,
    "taken_0.8MB_us": lambda figures: figures["copy_0.8MB_us"] + 15.0,
    "copy_0.8MB_us": None,
    "taken_8MB_us": lambda figures: 1.6 * figures["copy_8MB_us"] + 15.0,
    "copy_8MB_us": None,
    "growth/slope_ratio": 1.6,
    "p999_us": None,
    **{
        f"slowdown_percent/{loop}/{figure}": limit
        for loop in ("python", "fft", "stencil")
        for figure, limit in (("ratio", 1.0), ("share_percent", 1.0), ("taken_per_s", None))
    },
    "slowdown_stopped_percent": 0.5,
    "slowdown_killed_percent": 0.5,
    "server_returns_ms": 50.0,
    "first_frame_ratio": 1.3,
    "latency_ms/p50": 8.0,
    "latency_ms/p95": None,
    "import_ms": 100.0,
}


class Row(NamedTuple):
    """One line of the table."""

    key: str
    value: str
    interval: str
    limit: str
    verdict: str


def table(figures: Figures, budgets: Budgets) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The header, and one row for each measured figure."""
    return ("figure", "measured", "95 % interval", "at most", "margin"), list(_rows(figures, budgets))


def _rows(figures: Figures, budgets: Budgets) -> Iterator[Row]:
    for key, budget in budgets.items():
        value = _found(figures, key)
        if value is None:
            continue
        limit = budget(figures) if callable(budget) else budget
        yield Row(
            key.replace("/", " ").removesuffix(" ratio"),
            number(value),
            _interval(figures, key),
            "" if limit is None else number(limit),
            "" if limit is None else _verdict(value, limit),
        )


def _verdict(value: float, limit: float) -> str:
    if not limit:
        return "met" if not value else "missed"
    margin = f"{100.0 * (limit - value) / limit:.0f} %"
    return f"met, {margin}" if value <= limit else f"missed, {margin}"


def _found(figures: Figures, key: str) -> Any:
    found: Any = figures
    for word in key.split("/"):
        found = found.get(word) if isinstance(found, dict) else None
    return found


def _interval(figures: Figures, key: str) -> str:
    if key.endswith("/ratio"):
        interval = _found(figures, key.removesuffix("ratio") + "ci")
    else:
        interval = _found(figures, key.removesuffix("_percent") + "_ci_percent")
    return "[{}]".format(", ".join(number(end) for end in interval)) if interval else ""
