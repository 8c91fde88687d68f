"""``bench peers``: each peer in a child process with a time limit, one after the other.

In: names. Out: figures, and a table with ratios to asyncplot. If a peer is not installed, crashes or hangs,
its row says so.
"""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from ..progress import said
from ..tables import number
from .measure import COMPARED

#: The peers, in the order of the table. The others are compared with the first.
NAMES = (
    "asyncplot_update",
    "asyncplot_superseded",
    "pipe",
    "rpyc_async",
    "zmq_push",
    "rerun_log",
    "tensorboard",
    "pyqtgraph_process",
    "pyplot_pause",
)

#: The time limit of a peer, s.
LIMIT = 60.0

CALLS, QUICK = 100, 15


def measure(backend: str, only: set[str], *, quick: bool) -> dict[str, Any]:
    """Each peer's name -> what it does, its cost by size, and what went wrong. Includes asyncplot."""
    names = [name for name in NAMES if not only or name in only or name == NAMES[0]]
    return {"peers": {name: _one(name, backend, QUICK if quick else CALLS) for name in names}}


def table(figures: dict[str, Any]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The header, and one row for each peer: median [10 %, 90 %] in us, and the ratio to asyncplot."""
    base = figures["peers"][NAMES[0]]["sizes"]
    rows = []
    for peer in figures["peers"].values():
        cells = [_cell(peer["sizes"].get(size), base.get(size)) for size in COMPARED]
        rows.append((peer["what"], *cells, peer["problem"]))
    return ("a call", *(f"{size}, us" for size in COMPARED), ""), rows


def _cell(found: dict[str, float] | None, base: dict[str, float] | None) -> str:
    if found is None:
        return ""
    ratio = f" (x {number(found['us'] / base['us'])})" if base else ""
    return f"{number(found['us'])} [{number(found['p10'])}, {number(found['p90'])}]{ratio}"


def _one(name: str, backend: str, calls: int) -> dict[str, Any]:
    said(name)
    command = [sys.executable, "-m", "benchmarks.peers.measure", name, backend, str(calls)]
    # In its own session, so that processes that the peer leaves running are killed with it.
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        out, errors = process.communicate(timeout=LIMIT)
        problem = ""
    except subprocess.TimeoutExpired:
        problem = f"hangs: ended after {LIMIT:.0f} s"
        _end(process)
        out, errors = process.communicate()
    finally:
        _end(process)
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    done = any("done" in line for line in lines)
    return {
        "what": _what(name),
        "sizes": {line["size"]: line for line in lines if "size" in line},
        "problem": _problem(process.returncode, errors, problem, done=done),
    }


def _problem(code: int, errors: str, hangs: str, *, done: bool) -> str:
    """One line that tells what went wrong; empty if nothing did."""
    if hangs:
        return f"measured, but {hangs.replace(':', ' at its end,')}" if done else hangs
    if code == 0:
        return ""
    last = (errors.strip().splitlines() or [""])[-1][:120]
    if "ModuleNotFoundError" in last:
        return "not installed"
    return f"crashed, {signal.Signals(-code).name}" if code < 0 else f"failed: {last}"


def _end(process: subprocess.Popen[str]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _what(name: str) -> str:
    """The peer's ``WHAT``, read from its source without an import: the peer may not be installed."""
    source = (Path(__file__).parent / f"{name}.py").read_text()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "WHAT":  # type: ignore[attr-defined]
            return str(ast.literal_eval(node.value))
    raise LookupError(f"peers/{name}.py has no WHAT")
