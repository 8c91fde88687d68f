"""Tables: for the terminal, and as a list-table of reStructuredText. Text in, text out."""

from __future__ import annotations

from collections.abc import Sequence

Rows = Sequence[Sequence[str]]


def text(header: Sequence[str], rows: Rows) -> str:
    """Columns of text. The first and the last are aligned left, the others right.

    >>> print(text(["key", "us", ""], [["a", "1", "met"], ["bcde", "12", "met"]]))
    key   us
    a      1  met
    bcde  12  met
    """
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    inner = slice(1, -1)
    lines = []
    for row in [header, *rows]:
        cells = [row[0].ljust(widths[0]), *map(str.rjust, row[inner], widths[inner]), row[-1]]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def rst(header: Sequence[str], rows: Rows, caption: str) -> str:
    """A list-table, with a sentence above it."""
    lines = [caption, "", ".. list-table::", "   :header-rows: 1", ""]
    for row in [header, *rows]:
        lines += [
            f"   {'*' if index == 0 else ' '} - {_escaped(cell)}".rstrip() for index, cell in enumerate(row)
        ]
    return "\n".join(lines) + "\n"


def _escaped(cell: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\*`_|" else letter for letter in cell)


def number(value: float) -> str:
    """A number with three significant digits.

    >>> number(0.2345), number(1234.5), number(0.0)
    ('0.234', '1234', '0')
    """
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
