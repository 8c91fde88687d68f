"""Progress, on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator


def said(text: str) -> None:
    """Print what is being measured now."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def counted(what: str, rounds: Iterable[int], total: int) -> Iterator[int]:
    """The rounds. On a terminal a line counts them; elsewhere one line is printed at the start."""
    said(f"{what}: {total} rounds")
    for done in rounds:
        if sys.stderr.isatty():
            print(f"\r{done + 1}/{total} ", end="\r", file=sys.stderr, flush=True)
        yield done
