"""The command line: ``scripts/mutants``.

In: words. Out: the seed and progress on stderr, survivors and one table on stdout, and where asked for a JSON file and the table of a
page. Exit code 1 if a share is below the bar.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a fork should have one thread

from benchmarks.progress import said

from . import shares
from .folders import FOLDERS, Folder
from .mutants import drawn
from .shares import Tried, explained
from .trial import Ground

_REPOSITORY = Path(__file__).parents[2]


def main(words: Sequence[str] | None = None) -> int:
    """Try the mutants, print, write; the exit code."""
    options = _parser().parse_args(words)
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    tried: dict[str, list[Tried]] = {}
    reasons = explained()
    try:
        with Ground(_REPOSITORY) as ground:
            for name in options.only or FOLDERS:
                tried[name] = []
                _try(FOLDERS[name], ground, options.sample, seed, tried[name])
    except KeyboardInterrupt:
        said("interrupted: the table is of what was done")
    for line in shares.survivors(tried, reasons):
        print(line)
    print(shares.text(tried, reasons))
    if options.json:
        record = {name: [each.record() for each in folder] for name, folder in tried.items()}
        options.json.write_text(json.dumps({"seed": seed, "folders": record}, indent=2) + "\n")
    if options.rst:
        options.rst.write_text(shares.written(options.rst.read_text(), tried, reasons, seed))
    return 0 if shares.are_met(tried, reasons) else 1


def _try(folder: Folder, ground: Ground, sample: int, seed: int, tried: list[Tried]) -> None:
    """Try a sample of the mutants of one folder."""
    said(f"{folder.name}: the tests without a change, seed {seed}")
    verdict = ground.baseline(folder.tests)
    if verdict.noticed:
        raise SystemExit(f"{folder.name}: the tests fail without a change: {verdict.by}")
    said(f"{folder.name}: {verdict.seconds:.1f} s; {sample or 'all'} mutants")
    mutants = drawn(folder.texts(_REPOSITORY), random.Random(f"{seed} {folder.name}"))
    for number, mutant in enumerate(itertools.islice(mutants, sample or None), 1):
        verdict = ground.trial(mutant, folder.tests)
        tried.append(Tried(mutant, verdict))
        said(f"{folder.name} {number}: {verdict.seconds:4.1f} s  {verdict.by or 'SURVIVED'}  {mutant}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/mutants",
        description="Change the code in small wrong ways, one at a time, on a copy, and count which the tests notice.",
        epilog=f"FOLDERs: {', '.join(FOLDERS)}",
    )
    parser.add_argument("--only", type=_names, metavar="FOLDER[,FOLDER]", help="only these folders")
    parser.add_argument(
        "--sample", type=int, default=0, metavar="N", help="so many mutants of each folder; default: all"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="draw the mutants of this seed again")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all mutants and verdicts here")
    parser.add_argument("--rst", type=Path, metavar="FILE", help="write the table of this page anew")
    return parser


def _names(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    if unknown := set(names) - set(FOLDERS):
        raise argparse.ArgumentTypeError(f"no {', '.join(sorted(unknown))}; there are {', '.join(FOLDERS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
