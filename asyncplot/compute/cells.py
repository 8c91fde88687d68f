"""Cells of a notebook, and inputs of an IPython prompt, that are executed again. Compute side, the thread that makes a `Server`.

In: what IPython says of the code that it executes at this moment; out: which servers an earlier execution of the same code made. These
are closed, and the new ones take their names, and the places and sizes of their windows. In a script there is no IPython, and nothing
of this happens. IPython is never imported here: if the code runs in it, it is there.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from . import opened


class Cell(NamedTuple):
    """A piece of code that can be executed again.

    Attributes
    ----------
    code : tuple of str
        Which one: what tells it from others, and its value.
    execution : tuple
        Which execution of it.
    """

    code: tuple[str, str]
    execution: tuple[Any, ...]


class Predecessor(NamedTuple):
    """What an earlier server leaves to the one that takes its place.

    Attributes
    ----------
    asked : str or None
        The name that it was given, if it was given one.
    name : str
        The name that it had.
    windows : list
        Where its windows stood.
    """

    asked: str | None
    name: str
    windows: list[Any]


@dataclasses.dataclass(eq=False)
class Membership:
    """What a server has to do with the cell that made it.

    Attributes
    ----------
    cell : Cell or None
        The cell that made it.
    asked, name : str or None
        The name that it was given, and the one that it is to have.
    windows : list
        Where its windows are to stand.
    predecessors : list of Predecessor
        What servers of earlier executions have left, for those that this execution makes: they share the list.
    """

    cell: Cell | None
    asked: str | None
    name: str | None
    windows: list[Any] = dataclasses.field(default_factory=list)
    predecessors: list[Predecessor] = dataclasses.field(default_factory=list)


def enter(name: str | None) -> Membership:
    """Close what earlier executions of the present cell made, and have the new server take its place.

    Parameters
    ----------
    name : str or None
        The name that the new server was given.
    """
    cell = present(name)
    membership = Membership(cell, name, name)
    if cell is None:
        return membership
    members = [
        (server, server.membership)
        for server in opened.everyone()
        if server.membership is not None and server.membership.cell is not None
    ]
    for _, other in members:
        if other.cell == cell:
            membership.predecessors = other.predecessors
    for server, other in members:
        if other.cell is not None and other.cell.code == cell.code and other.cell.execution != cell.execution:
            membership.predecessors.append(Predecessor(other.asked, server.name, server.windows))
            server.persist = False  # it would stay when the computation ends; this is not the end
            server.close(patient=False)
    for predecessor in membership.predecessors:
        if predecessor.asked == name:
            membership.predecessors.remove(predecessor)
            membership.name, membership.windows = predecessor.name, predecessor.windows
            break
    return membership


def present(name: str | None) -> Cell | None:
    """The cell that is executed now; None outside of IPython, and where nothing tells which one it is.

    Parameters
    ----------
    name : str or None
        The name that a server is given: at a plain prompt, this tells what belongs together.
    """
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None
    if shell is None:
        return None
    message = shell.get_parent() if hasattr(shell, "get_parent") else None
    count = getattr(shell, "execution_count", 0)
    if isinstance(message, Mapping) and message:
        code = _of_a_notebook(message)
        execution = count, _entry(message, "header", "msg_id")
    else:
        code, execution = _of_a_prompt(shell, name), (count, "")
    return None if code is None else Cell(code, execution)


def _of_a_notebook(message: Mapping[str, Any]) -> tuple[str, str] | None:
    """By the message that a kernel carries out: JupyterLab and VS Code send the cell's id; else its source tells."""
    source = _entry(message, "content", "code")
    if not source:
        return None  # a widget calls, say
    cell_id = _entry(message, "metadata", "cellId")
    return ("cell", cell_id) if cell_id else ("source", source)


def _of_a_prompt(shell: Any, name: str | None) -> tuple[str, str] | None:
    """By the script that ``%run`` executes, else by the name that the user gives."""
    main = sys.modules.get("__main__")
    script = getattr(main, "__file__", None)
    if script is not None and main is not getattr(shell, "user_module", None):
        return "script", f"{Path(script).absolute()}:{name or ''}"
    return None if name is None else ("name", name)


def _entry(message: Mapping[str, Any], part: str, name: str) -> str:
    found = message.get(part)
    return str(found.get(name) or "") if isinstance(found, Mapping) else ""
