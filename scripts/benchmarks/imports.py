"""How long ``import asyncplot`` takes, and the first access to `Server` (with numpy)."""

from __future__ import annotations

import subprocess
import sys

from .progress import said
from .segments import median

_CODE = """
from time import perf_counter
start = perf_counter()
import asyncplot
imported = perf_counter()
asyncplot.Server
print(imported - start, perf_counter() - start)
"""


def imports(*, quick: bool) -> dict[str, float]:
    """Medians over new interpreters, ms."""
    said("imports")
    rows = []
    for _ in range(3 if quick else 15):
        done = subprocess.run([sys.executable, "-c", _CODE], capture_output=True, text=True, check=True)
        rows.append([float(word) * 1e3 for word in done.stdout.split()])
    bare, server = zip(*rows, strict=True)
    return {"import_ms": median(bare), "import_server_ms": median(server)}
