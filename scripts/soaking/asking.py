"""Every question that a computation can ask of its run, and what may come out: a value, or an error of asyncplot's.

In: a server and its last pending result. Out: what else was raised, in words. In the computation's process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import asyncplot

#: How long a question may wait, s.
PATIENCE = 0.01

QUESTIONS: Mapping[str, Callable[[asyncplot.Server, Any], object]] = {
    "check": lambda plot, pending: plot.check(),
    "stats": lambda plot, pending: str(plot.stats),
    "viewers": lambda plot, pending: repr(plot.viewers),
    "is_alive": lambda plot, pending: plot.is_alive,
    "flush": lambda plot, pending: plot.flush(PATIENCE),
    "ready": lambda plot, pending: plot.ready(PATIENCE),
    "pending.state": lambda plot, pending: pending.state,
    "pending.ready": lambda plot, pending: pending.ready,
    "received": lambda plot, pending: dict(plot.received),
    "update": lambda plot, pending: plot.update(-1),
    "repr": lambda plot, pending: repr(plot),
    "runs": lambda plot, pending: [run.as_dict() for run in asyncplot.runs()],
}


def wrong_answers(plot: asyncplot.Server, pending: Any) -> list[str]:
    """What was raised that is no error of asyncplot's, question by question."""
    found = []
    for name, question in QUESTIONS.items():
        try:
            question(plot, pending)
        except asyncplot.AsyncplotError:
            continue
        except Exception as error:  # noqa: BLE001 (whatever it is, it is what is looked for)
            found.append(f"{name}: {type(error).__name__}: {str(error)[:100]}")
        except BaseException as stopped:  # a time limit, which is to know what took so long
            stopped.add_note(name)
            raise
    return found


def wrongly_raised(question: Callable[[], object]) -> str:
    """What a call raised, in words; empty if nothing, or an error of asyncplot's."""
    try:
        question()
    except asyncplot.AsyncplotError:
        return ""
    except Exception as error:  # noqa: BLE001 (whatever it is, it is what is looked for)
        return f"{type(error).__name__}: {str(error)[:100]}"
    return ""


def seconds_of(call: Callable[[], object]) -> float:
    """How long a call takes, s."""
    start = time.monotonic()
    call()
    return time.monotonic() - start
