"""Replaces functions that exist only once in a process, and puts them back. GUI thread.

In: an owner (a module or a class), a name, and the replacement. Out: the changed owner, until `Hooks.undo`.

A viewer needs this where matplotlib or a toolkit has no other way to change what it does: `pyplot.show` is one function for
the whole process, `QWidget.show` one method for all windows. A backend that cannot start undoes its hooks, so that the
next one finds matplotlib as it was. The hooks of a viewer that runs stay until its process ends: the plotter may call
`pyplot.show` at exit, too, and the original would block there.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from contextlib import ExitStack
from typing import Any


class Hooks:
    """The functions that one owner, a backend for example, has replaced.

    Examples
    --------
    >>> import string
    >>> hooks = Hooks()
    >>> hooks.replace(string, "digits", "none")
    >>> hooks.undo()
    >>> string.digits
    '0123456789'
    """

    def __init__(self) -> None:
        self._originals = ExitStack()

    def replace(self, owner: Any, name: str, replacement: Any) -> None:
        """Give an attribute of a module or a class another value."""
        if name in vars(owner):
            self._originals.callback(setattr, owner, name, vars(owner)[name])
        else:  # inherited
            self._originals.callback(delattr, owner, name)
        setattr(owner, name, replacement)

    def replace_item(
        self, owner: MutableMapping[str, Any], key: str, replacement: Callable[..., Any]
    ) -> None:
        """Give an item of a dictionary, which has one already, another value."""
        self._originals.callback(owner.__setitem__, key, owner[key])
        owner[key] = replacement

    def undo(self) -> None:
        """Put everything back, the newest replacement first."""
        self._originals.close()
