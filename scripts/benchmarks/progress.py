"""Progress, on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator


def said(text: str) -> None:
    """Say what is being done now."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def counted(what: str, rounds: Iterable[int], total: int) -> Iterator[int]:
    """The rounds, with a line that counts them on a terminal, and one at the start elsewhere."""
    said(f"{what}: {total} rounds")
    for done in rounds:
        if sys.stderr.isatty():
            print(f"\r{done + 1}/{total} ", end="\r", file=sys.stderr, flush=True)
        yield done
