"""The command line: ``scripts/soak``.

In: words. Out: seeds and progress on stderr, cases that missed their bar and one table on stdout, and where asked for a JSON file and
the table of a page. Exit code 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import machine
from benchmarks.progress import said

from . import page
from .campaigns import CAMPAIGNS
from .outcome import Outcome

#: How many missed cases of a campaign are printed.
_SHOWN = 20


def main(words: Sequence[str] | None = None) -> int:
    """Carry out the campaigns, print, write; the exit code."""
    parser = _parser()
    options = parser.parse_args(words)
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    chosen = [CAMPAIGNS[name] for name in options.only or CAMPAIGNS]
    if options.kind and not all(options.kind in campaign.kinds for campaign in chosen):
        kinds = "; ".join(dict.fromkeys(kind for campaign in chosen for kind in campaign.kinds))
        parser.error(f"no kind {options.kind!r} in each of them; there are: {kinds}")
    described = machine.describe("offscreen, and qt under Xvfb")
    outcomes: dict[str, Outcome] = {}
    for campaign in chosen:
        count = options.count or (campaign.short if options.short else campaign.long)
        said(f"{campaign.name}: {count:,} cases, seed {seed}")
        outcomes[campaign.name] = campaign.run(count, seed, [options.kind] if options.kind else ())
        failed = outcomes[campaign.name].failed
        for line in failed[:_SHOWN]:
            print(f"{campaign.name}: {line}", flush=True)
        if len(failed) > _SHOWN:
            print(f"{campaign.name}: and {len(failed) - _SHOWN} more (--json has all)", flush=True)
    print(page.text(chosen, outcomes))
    if options.json:
        record = {name: outcome._asdict() for name, outcome in outcomes.items()}
        options.json.write_text(
            json.dumps({"campaigns": record, "seed": seed, "machine": described}, indent=2) + "\n"
        )
    if options.rst:
        sentence = f"{machine.sentence(described)} Seed: {seed}."
        options.rst.write_text(page.written(options.rst.read_text(), chosen, outcomes, sentence))
    return 1 if any(outcome.failed for outcome in outcomes.values()) else 0


def _parser() -> argparse.ArgumentParser:
    names = ", ".join(CAMPAIGNS)
    parser = argparse.ArgumentParser(
        prog="scripts/soak", description="Try out what asyncplot stands.", epilog=f"NAMEs: {names}"
    )
    parser.add_argument("--only", type=_names, metavar="NAME[,NAME]", help="only these campaigns")
    parser.add_argument("--kind", metavar="KIND", help="only cases of this kind, as a test carries them out")
    parser.add_argument("--short", action="store_true", help="the few cases of the tests (3 minutes)")
    parser.add_argument("--count", type=int, metavar="N", help="so many cases of each campaign")
    parser.add_argument("--seed", type=int, metavar="N", help="carry out the cases of this seed again")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all outcomes here")
    parser.add_argument("--rst", type=Path, metavar="FILE", help="write the table of this page anew")
    return parser


def _names(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    if unknown := set(names) - set(CAMPAIGNS):
        raise argparse.ArgumentTypeError(f"no {', '.join(sorted(unknown))}; there are {', '.join(CAMPAIGNS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
