"""Which runs there are: on this host by their directories, on others that share the home by their records.

In: run directories and the register. Out: `Run`, plain data. Any process and thread; nothing is waited
for and nobody is asked.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import AsyncplotError, RunNotFound
from ..mailbox import Control
from ..rundir import ViewerFiles, base_directory, is_held, is_ours, read_json, register
from ..stats import Counts, Stats, summary


@dataclasses.dataclass(frozen=True)
class Run:
    """One run, as `runs` found it.

    Attributes
    ----------
    name, host : str
        What it is called, and where it computes.
    directory : Path
        Its run directory there.
    pid : int
        Process id of the computation.
    interpreter, python : str
        The computation's Python: its path and its version.
    since : float
        When the run started, seconds since 1970.
    state : str
        ``running``; ``ended`` (the computation has, a viewer stays); ``dead`` (what ``asyncplot clean``
        removes); ``elsewhere`` (on another host: nothing else is known from here).
    rate : float
        Calls of ``update`` per second, over the last few seconds.
    viewers : int
        How many viewers live.
    stats : Stats
        Counts and costs, the primary viewer's included.
    """

    name: str
    host: str
    directory: Path
    pid: int
    interpreter: str
    python: str
    since: float
    state: str
    rate: float = 0.0
    viewers: int = 0
    stats: Stats = dataclasses.field(default_factory=Stats)

    def as_dict(self) -> dict[str, Any]:
        """The same as a dictionary that JSON takes."""
        stats = {key: value for key, value in self.stats.as_dict().items() if value != float("inf")}
        return {**dataclasses.asdict(self), "directory": str(self.directory), "stats": stats}


def runs() -> list[Run]:
    """The runs of this user: those of this host, and those of others that share the home, by name.

    Examples
    --------
    >>> [run.name for run in runs() if run.state == "running"]  # doctest: +SKIP
    ['gpe', 'training']
    """
    found = {path: described(path) for path in _directories()}
    here = [run for run in found.values() if run is not None]
    return sorted([*here, *_elsewhere()], key=lambda run: (run.host, run.name))


def find(name: str) -> Run:
    """The run of this host that is called so.

    Raises
    ------
    RunNotFound
        If there is none; the message says which there are.
    """
    there = runs()
    for run in there:
        if run.name == name and run.state not in {"dead", "elsewhere"}:
            return run
    for run in there:
        if run.name == name and run.state == "elsewhere":
            raise RunNotFound(
                f"the run {name!r} computes on {run.host}; from here: asyncplot view {run.host}:{name}"
            )
    names = ", ".join(run.name for run in there if run.state in {"running", "ended"}) or "none"
    raise RunNotFound(f"there is no run {name!r} on this host; there are: {names}")


def described(directory: Path) -> Run | None:
    """What the run in a directory says of itself; None if that is no run (or it is just starting)."""
    record = read_json(directory / "run.json")
    if record is None:
        return None
    viewers = viewers_of(directory)
    computing = record.get("pid") == os.getpid() or is_held(directory)  # one's own lock must not be asked for
    supervised = computing or is_held(directory / "supervisor")
    alive = [viewer for viewer in viewers if viewer.alive(supervised)]
    state = "running" if computing else "ended" if alive else "dead"
    run = Run(
        name=str(record.get("name", directory.name)),
        host=str(record.get("host", "")),
        directory=directory,
        pid=int(record.get("pid", 0)),
        interpreter=str(record.get("interpreter", "")),
        python=str(record.get("python", "")),
        since=float(record.get("since", 0.0)),
        state=state,
        viewers=len(alive),
    )
    try:
        control = Control.open(directory)
    except (OSError, AsyncplotError):
        return run
    try:
        counts = [control.counts(lane) for lane in range(control.lane_count)]
        primary = next(iter(alive or viewers), None)
        boards = [primary.counters(lane) for lane in range(len(counts))] if primary is not None else []
        full_draws = primary.full_draws if primary is not None else {}
        stats = summary(
            [Counts(*count[:4]) for count in counts],
            boards,
            full_draws,
            now=time.monotonic(),
            overhead=control.overhead,
        )
    finally:
        control.close()
        for viewer in viewers:
            viewer.close(0)
    rate = max([count.rate for count in counts], default=0.0) if computing else 0.0
    return dataclasses.replace(run, rate=rate, stats=stats)


def viewers_of(directory: Path) -> list[ViewerFiles]:
    """The viewers that a run has and had, oldest first. Their boards are to be closed."""
    found = []
    with contextlib.suppress(OSError):
        found = [ViewerFiles(path) for path in directory.glob("viewer-*") if path.is_dir()]
    return sorted(found, key=lambda viewer: viewer.number)


def _directories() -> Iterator[Path]:
    """The run directories of this host: the usual place, and wherever else a record says."""
    seen = set()
    candidates: list[Path] = []
    with contextlib.suppress(AsyncplotError, OSError):
        candidates += sorted(base_directory().iterdir())
    for _, record in register.records():
        if record.get("host") == socket.gethostname():
            candidates.append(Path(str(record.get("directory"))))
    for path in candidates:
        if path not in seen and is_ours(path):
            seen.add(path)
            yield path


def _elsewhere() -> Iterator[Run]:
    """The runs of other hosts, by their records."""
    for _, record in register.records():
        if record.get("host") != socket.gethostname():
            yield Run(
                name=str(record.get("name", "")),
                host=str(record.get("host", "")),
                directory=Path(str(record.get("directory", ""))),
                pid=int(record.get("pid", 0)),
                interpreter=str(record.get("interpreter", "")),
                python=str(record.get("python", "")),
                since=float(record.get("since", 0.0)),
                state="elsewhere",
            )
