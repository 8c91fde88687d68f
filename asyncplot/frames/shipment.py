"""What is being pickled for a viewer at this moment, if anything: the plotter, or a frame. Any process, any thread.

The same objects are pickled for other reasons, too: for a checkpoint, a worker process, a copy. Two kinds of objects must tell
these apart. A `Server` cannot be sent to a viewer, but it may stand in a checkpoint. A `History` is sent to a viewer without
its series, but a checkpoint keeps all of it.
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

    In a copy of the thread's context. So what it sets is gone with the call, even if a Ctrl-C comes in between.
    """

    def within() -> Made:
        _load.set(what)
        return pickled(*args, **kwargs)

    return copy_context().run(within)
