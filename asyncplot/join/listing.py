"""Which runs there are: on this host by their directories, on hosts that share the home by their records.

In: run directories and the register. Out: `Run`, plain data. Any process and thread. It only reads files: it waits for
nothing, and no viewer or computation is asked.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import AsyncplotError, RunNotFound
from ..mailbox import Control
from ..rundir import (
    ViewerFiles,
    base_directory,
    folders,
    is_held,
    is_of_this_process,
    is_ours,
    primary,
    read_record,
    register,
)
from ..rundir.format import RUN_FILE, SUPERVISOR_FOLDER
from ..rundir.records import RunRecord
from ..stats import Counts, Stats, summary
from ..tables import duration, html_table, rate


@dataclasses.dataclass(frozen=True)
class Run:
    """One run, as `runs` found it.

    Attributes
    ----------
    name, host : str
        What it is called, and the host of the computation.
    directory : Path
        Its run directory on that host.
    pid : int
        Process id of the computation.
    interpreter, python : str
        The computation's Python: its path and its version.
    since : float
        When the run started, seconds since 1970.
    state : str
        ``running``; ``ended`` (the computation has ended, a viewer stays); ``dead`` (``asyncplot clean``
        removes it); ``elsewhere`` (on another host; this host does not know more); ``malformed`` (its record
        cannot be read).
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
        """The same as a dictionary of JSON values."""
        stats = {key: value for key, value in self.stats.as_dict().items() if value != float("inf")}
        return {**dataclasses.asdict(self), "directory": str(self.directory), "stats": stats}


class Runs(list[Run]):
    """A list of runs. A notebook shows it as a table."""

    def _repr_html_(self) -> str:
        return html_table([HEADING, *(row(run.as_dict()) for run in self)])


#: The heading of a table of runs.
HEADING = ("name", "host", "since", "iterations", "frames", "overhead", "viewers", "state")


def row(one: Mapping[str, Any]) -> tuple[str, ...]:
    """What a table shows of a run, which is as `Run.as_dict` gives it; it may come from another host."""
    known, stats = one["state"] not in {"elsewhere", "malformed"}, one["stats"]
    return (
        one["name"],
        one["host"],
        duration(time.time() - one["since"]) if one["since"] else "",
        rate(one["rate"]),
        f"{stats['drawn']:,}" if known else "",
        f"{100.0 * stats['overhead']:.2f} %" if known else "",
        str(one["viewers"]) if known else "",
        one["state"],
    )


def runs() -> list[Run]:
    """The runs of this user, by host and name: those of this host, and of hosts that share the home.

    In a notebook the list is shown as a table.

    Examples
    --------
    >>> [run.name for run in runs() if run.state == "running"]  # doctest: +SKIP
    ['gpe', 'training']
    """
    found = {path: described(path) for path in directories()}
    here = [run for run in found.values() if run is not None]
    return Runs(sorted([*here, *elsewhere()], key=lambda run: (run.host, run.name)))


def find(name: str) -> Run:
    """The run of this host with that name.

    Raises
    ------
    RunNotFound
        If there is none. The message says which runs there are.
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
    """The run in a directory; None if there is none, or it is just starting."""
    record = read_record(directory / RUN_FILE, RunRecord)
    if record is None:
        return None
    if not (record.pid and record.name):
        return _recorded(dataclasses.replace(record, host=socket.gethostname()), directory, "malformed")
    viewers = viewers_of(directory)
    run = _recorded(record, directory, "")
    computing = run_lives(run)
    alive = _living(viewers, directory, computing=computing)
    state = "running" if computing else "ended" if alive else "dead"
    run = dataclasses.replace(run, state=state, viewers=len(alive))
    try:
        control = Control.open(directory)
    except (OSError, AsyncplotError):
        return run
    try:
        counts = [control.counts(lane) for lane in range(control.lane_count)]
        shown = primary(alive or viewers)
        stats = summary(
            [Counts(*count[:4]) for count in counts],
            [] if shown is None else [shown.counters(lane) for lane in range(len(counts))],
            {} if shown is None else shown.full_draws,
            now=time.monotonic(),
            overhead=control.overhead,
        )
    finally:
        control.close()
        for viewer in viewers:
            viewer.close(0)
    rate = max([count.rate for count in counts], default=0.0) if computing else 0.0
    return dataclasses.replace(run, rate=rate, stats=stats)


def run_lives(run: Run) -> bool:
    """Whether the computation of a run of this host goes on."""
    return run.pid == os.getpid() or is_held(run.directory)  # `is_held` would drop our own lock


def living_viewers(run: Run) -> list[ViewerFiles]:
    """The viewers of a run of this host that live, oldest first. The caller closes their boards if it reads them."""
    return _living(viewers_of(run.directory), run.directory, computing=run_lives(run))


def viewers_of(directory: Path) -> list[ViewerFiles]:
    """All viewers of a run, also those that have ended, oldest first. As for `living_viewers`."""
    found = []
    with contextlib.suppress(OSError):
        found = [ViewerFiles(path) for path in folders(directory)]
    return sorted(found, key=lambda viewer: viewer.number)


def _living(viewers: list[ViewerFiles], directory: Path, *, computing: bool) -> list[ViewerFiles]:
    """Those viewers of the run in a directory that live."""
    supervised = computing or is_held(directory / SUPERVISOR_FOLDER)
    # This process may be one of them, where a plotter asks: `alive` would drop our own lock.
    return [each for each in viewers if _is_this_process(each) or each.alive(supervised)]


def _is_this_process(viewer: ViewerFiles) -> bool:
    state = viewer.state
    return is_of_this_process(state.pid, state.host)


def _recorded(record: RunRecord, directory: Path, state: str) -> Run:
    """What the record of a run says."""
    name = record.name or directory.name.encode(errors="backslashreplace").decode()
    return Run(**{**vars(record), "name": name, "directory": directory}, state=state)


def directories() -> Iterator[Path]:
    """The run directories of this host: those in the usual place, and those that records name."""
    seen = set()
    candidates: list[Path] = []
    with contextlib.suppress(AsyncplotError, OSError):
        candidates += sorted(base_directory().iterdir())
    for _, record in register.records():
        if record.host == socket.gethostname():
            candidates.append(record.directory)
    for path in candidates:
        if path not in seen and is_ours(path):
            seen.add(path)
            yield path


def elsewhere() -> Iterator[Run]:
    """The runs of other hosts, by their records."""
    for _, record in register.records():
        if record.host != socket.gethostname():
            yield _recorded(record, record.directory, "elsewhere")
