"""The table of a soak: for the terminal, and in its place in a page of the docs. Text in, text out."""

from __future__ import annotations

import re
from collections import Counter
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
    """The result in words.

    >>> result(Outcome(12, [], 3.0))
    'met'
    >>> result(Outcome(12, ["board (case 3): x", "board (case 7): y", "folder (case 9): z"], 3.0))
    'missed by 3'
    """
    return f"missed by {len(outcome.failed)}" if outcome.failed else "met"


def missed(outcome: Outcome) -> Counter[str]:
    """The kinds of cases that missed the bar, and how many of each did.

    >>> missed(Outcome(12, ["board (case 3): x", "board (case 7): y", "folder (case 9): z"], 3.0))
    Counter({'board': 2, 'folder': 1})
    """
    return Counter(line.partition(" (case ")[0] for line in outcome.failed)


def text(campaigns: Sequence[Campaign], outcomes: Mapping[str, Outcome]) -> str:
    """The table for a terminal: without the sentences, which are too long for that."""
    short = []
    for name, _, count, _, said in rows(campaigns, outcomes):
        kinds = ", ".join(f"{kind} ({times})" for kind, times in missed(outcomes[name]).most_common())
        short.append((name, count, f"{outcomes[name].seconds:.0f} s", f"{said}: {kinds}" if kinds else said))
    return tables.text(("campaign", "cases", "took", "result"), short)


def written(page: str, campaigns: Sequence[Campaign], outcomes: Mapping[str, Outcome], sentence: str) -> str:
    """The page with its tables written anew."""
    made = tables.rst(HEADER, rows(campaigns, outcomes), sentence)
    made = made.replace("   :header-rows: 1\n", "   :header-rows: 1\n   :widths: 10 32 8 35 15\n")
    kinds = [
        (each.name, kind, str(count))
        for each in campaigns
        for kind, count in missed(outcomes[each.name]).most_common()
    ]
    if kinds:
        made += "\n" + tables.rst(
            ("campaign", "kind", "missed"), kinds, "The kinds of cases that missed their bar:"
        )
    return _PART.sub(lambda match: f"{match[1]}{made}\n{match[3]}", page)
