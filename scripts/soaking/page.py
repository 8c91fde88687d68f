"""The table of a soak: for the terminal, and in its place in a page of the docs. Text in, text out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from benchmarks import tables

from .outcome import Campaign, Outcome

HEADER = ("campaign", "what was done", "how often", "the bar", "result")

#: Where the table stands in a page.
_PART = re.compile(r"(^\.\. made by scripts/soak\n\n)(.*?)(^\.\. end$)", re.MULTILINE | re.DOTALL)


def rows(campaigns: Sequence[Campaign], outcomes: Mapping[str, Outcome]) -> list[tuple[str, ...]]:
    """The table's rows."""
    return [
        (each.name, each.what, f"{outcomes[each.name].done:,}", each.bar, result(outcomes[each.name]))
        for each in campaigns
    ]


def result(outcome: Outcome) -> str:
    """The result in words; the kinds of cases that missed the bar, the most frequent first.

    >>> result(Outcome(12, [], 3.0))
    'met'
    >>> result(Outcome(12, ["board (case 3): x", "board (case 7): y", "folder (case 9): z"], 3.0))
    'missed by 3: board (2), folder (1)'
    """
    if not outcome.failed:
        return "met"
    counts: dict[str, int] = {}
    for line in outcome.failed:
        kind = line.partition(" (case ")[0]
        counts[kind] = counts.get(kind, 0) + 1
    often = sorted(counts.items(), key=lambda item: -item[1])
    return f"missed by {len(outcome.failed)}: {', '.join(f'{kind} ({count})' for kind, count in often)}"


def text(campaigns: Sequence[Campaign], outcomes: Mapping[str, Outcome]) -> str:
    """The table for a terminal: without the sentences, which are too long for that."""
    short = [
        (row[0], row[2], f"{outcomes[row[0]].seconds:.0f} s", row[4]) for row in rows(campaigns, outcomes)
    ]
    return tables.text(("campaign", "cases", "took", "result"), short)


def written(page: str, table: Sequence[Sequence[str]], sentence: str) -> str:
    """The page with the table written anew."""
    made = tables.rst(HEADER, table, sentence).replace(
        "   :header-rows: 1\n", "   :header-rows: 1\n   :widths: 10 32 8 30 20\n"
    )
    return _PART.sub(lambda match: f"{match[1]}{made}\n{match[3]}", page)
