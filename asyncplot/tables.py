"""Tables, durations and rates as text for people, and tables for notebooks. Pure."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of equal length in columns; the first row is the heading.

    >>> print(table([("name", "frames"), ("gpe", "12")]))
    name  frames
    gpe   12
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def html_table(rows: Sequence[Sequence[str]]) -> str:
    """The same rows for a notebook.

    >>> html_table([("name",), ("<gpe>",)])
    '<table><tr><th>name</th></tr><tr><td>&lt;gpe&gt;</td></tr></table>'
    """
    heading, *others = [[html.escape(word) for word in row] for row in rows]
    lines = ["".join(f"<th>{word}</th>" for word in heading)]
    lines += ["".join(f"<td>{word}</td>" for word in row) for row in others]
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def most_frequent(full_because: Mapping[str, int]) -> list[tuple[str, int]]:
    """The three most frequent reasons for full draws. Who changes these in the plotter gets faster pictures.

    >>> most_frequent({"limits": 9, "the first picture": 1})
    [('limits', 9), ('the first picture', 1)]
    """
    return sorted(full_because.items(), key=lambda reason: -reason[1])[:3]


def duration(seconds: float) -> str:
    """A duration in its two largest units.

    >>> duration(42), duration(4000), duration(200_000), duration(float("inf"))
    ('42 s', '1 h 6 min', '2 d 7 h', '-')
    """
    if seconds == float("inf"):
        return "-"
    if seconds < 10.0:
        return f"{seconds:.1f} s"
    for large, small, names in ((86400, 3600, ("d", "h")), (3600, 60, ("h", "min")), (60, 1, ("min", "s"))):
        if seconds >= large:
            return f"{seconds // large:.0f} {names[0]} {seconds % large // small:.0f} {names[1]}"
    return f"{seconds:.0f} s"


def rate(per_second: float) -> str:
    """A rate, in three digits, or in whole numbers from 100 a second on.

    >>> rate(0.0), rate(0.02), rate(12.34), rate(81234.5)
    ('-', '0.02/s', '12.3/s', '81,234/s')
    """
    if per_second <= 0.0:
        return "-"
    return f"{per_second:,.0f}/s" if per_second >= 100.0 else f"{per_second:.3g}/s"
