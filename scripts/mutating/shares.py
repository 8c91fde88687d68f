"""The shares of mutants that were noticed: for the terminal, and in their place in a page of the docs.

In: what was tried, and the reasons that stand in ``survivors.toml`` for those that may survive. Out: text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import tables

from .mutants import Mutant
from .trial import Verdict

#: At least this share of a folder's mutants is noticed; those that do the same as the code do not count.
BAR = 0.85

HEADER = ("folder", "mutants", "noticed", "do the same", "share", "survivors")

#: Where the table stands in a page.
_PART = re.compile(r"(^\.\. made by scripts/mutants\n\n)(.*?)(^\.\. end$)", re.MULTILINE | re.DOTALL)

#: Why a survivor may be left, by module, the line as it was, and as it becomes.
Reasons = Mapping[tuple[str, str, str], str]


class Tried(NamedTuple):
    """A mutant, and what came out of its trial."""

    mutant: Mutant
    verdict: Verdict

    def record(self) -> dict[str, Any]:
        """The same for a JSON file, without the text of the module."""
        return {**self.mutant._asdict(), "text": None, **self.verdict._asdict()}

    def reason(self, reasons: Reasons) -> str:
        """Why it may survive; empty if there is no reason."""
        return reasons.get(self.mutant[0:1] + self.mutant[2:4], "")


def explained() -> Reasons:
    """The reasons in ``survivors.toml``."""
    entries = tomllib.loads(Path(__file__).with_name("survivors.toml").read_text()).get("left", [])
    return {(each["module"], each["was"], each["becomes"]): each["why"] for each in entries}


def survivors(tried: Mapping[str, Sequence[Tried]], reasons: Reasons) -> Iterator[str]:
    """Those that nothing noticed, one a line, with the reason if there is one."""
    for folder in tried.values():
        for each in folder:
            if not each.verdict.noticed:
                yield f"survived: {each.mutant}  ({each.reason(reasons) or 'no reason given'})"


def rows(tried: Mapping[str, Sequence[Tried]], reasons: Reasons) -> list[tuple[str, ...]]:
    """The rows of the table."""
    found = []
    for name, folder in tried.items():
        left = [each.reason(reasons) for each in folder if not each.verdict.noticed]
        same = sum(reason.startswith("the same") for reason in left)
        noticed = len(folder) - len(left)
        share = noticed / max(len(folder) - same, 1)
        rest = len(left) - same
        unexplained = left.count("")
        text = f"{rest}" + (f", {unexplained} of them without a reason" if unexplained else "")
        found.append((name, str(len(folder)), str(noticed), str(same), f"{share:.0%}", text))
    return found


def are_met(tried: Mapping[str, Sequence[Tried]], reasons: Reasons) -> bool:
    """Whether each folder meets the bar."""
    return all(float(row[4].rstrip("%")) >= 100 * BAR for row in rows(tried, reasons))


def text(tried: Mapping[str, Sequence[Tried]], reasons: Reasons) -> str:
    """The table for a terminal."""
    return tables.text(HEADER, rows(tried, reasons))


def written(page: str, tried: Mapping[str, Sequence[Tried]], reasons: Reasons, seed: int) -> str:
    """The page with its table written anew."""
    from benchmarks import machine  # it imports asyncplot, which the forks must not have

    sentence = f"{machine.sentence(machine.describe('offscreen'))} Seed: {seed}."
    made = tables.rst(HEADER, rows(tried, reasons), sentence)
    return _PART.sub(lambda match: f"{match[1]}{made}\n{match[3]}", page)
