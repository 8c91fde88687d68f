"""What this thread is pickling for a viewer now: the plotter, a frame, or nothing. Any process, any thread.

In: the function that pickles. Out: what `load` returns while it runs.

The same objects are pickled for other reasons, too: for a checkpoint, a worker process, or a copy. Two kinds
of objects must know the reason. A `Server` cannot be sent to a viewer, but it may be part of a checkpoint. A
`History` is sent to a viewer without its series, but a checkpoint keeps all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, copy_context
from typing import Literal, ParamSpec, TypeVar

Load = Literal["", "plotter", "frame"]

Given = ParamSpec("Given")
Made = TypeVar("Made")

_load: ContextVar[Load] = ContextVar("asyncplot_load", default="")


def load() -> Load:
    """What this thread is pickling for a viewer; empty if nothing."""
    return _load.get()


def loading(what: Load, pickled: Callable[Given, Made], *args: Given.args, **kwargs: Given.kwargs) -> Made:
    """Call ``pickled(*args, **kwargs)``, which pickles ``what`` for a viewer; 1 us.

    The call runs in a copy of the thread's context. So the setting ends with the call, even after a Ctrl-C in
    between.
    """

    def within() -> Made:
        _load.set(what)
        return pickled(*args, **kwargs)

    return copy_context().run(within)
