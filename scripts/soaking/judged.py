"""The bars that every computation has to clear, whatever happens to its viewer. Pure.

In: how a `soaking.computation` ended. Out: nothing, or `Missed`.
"""

from __future__ import annotations

from typing import Any

from .outcome import Missed, allowed, ending
from .place import Ended

#: The longest call, and the longest `close`, s. (On a quiet machine `close` takes 0.3 s beyond the last draw.)
CALL, CLOSE = 1.0, 2.0

#: How much of a viewer's output may reach the computation's stderr, bytes.
STDERR = 1 << 20


def judge(ended: Ended, *, close: float = CLOSE) -> dict[str, Any]:
    """Check what a computation reported, and return that."""
    if ended.code:
        raise Missed(f"exit code {ended.code}; stderr: {ending(ended.err)}")
    report = ended.report
    if report["server"]:
        raise Missed(f"Server raised {report['server']}")
    if report["raised"]:
        raise Missed(f"raised {'; '.join(report['raised'])}")
    if report.get("longest", 0.0) > allowed(CALL):
        raise Missed(f"a call of update took {report['longest']:.1f} s")
    if report["close"] > allowed(close):
        raise Missed(f"close took {report['close']:.1f} s")
    if report.get("calls", 0) != report.get("called", 0) and not switched_off(report):
        raise Missed(f"{report['calls']} calls were counted as {report['called']}")
    for what in ("descriptors", "threads"):
        if report.get(what):
            raise Missed(f"{what} left in the process: {report[what]}")
    if len(ended.err) > STDERR:
        raise Missed(f"{len(ended.err) >> 20} MB on stderr")
    if "\x1b" in ended.err:
        raise Missed("an escape sequence of the plotter's reached stderr")
    return report


def switched_off(report: dict[str, Any]) -> str:
    """Why the computation had no plot, in its own words; empty if it had one."""
    return str(next((viewer["ended"] for viewer in report["viewers"] if viewer["phase"] == "off"), ""))
