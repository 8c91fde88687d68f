"""Notebook cells and IPython inputs that are executed again. Compute side, the thread that makes a `Server`.

In: what IPython tells about the code that it executes now. Out: the servers that an earlier execution of the
same code made. These are closed. The new servers take their names, and the places and sizes of their windows.
A script has no IPython, so nothing of this happens there. IPython is never imported here: if the code runs in
IPython, it is loaded already.
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
        Identifies the code: the kind of identifier, and its value.
    execution : tuple
        Identifies one execution of the code.
    """

    code: tuple[str, str]
    execution: tuple[Any, ...]


class Predecessor(NamedTuple):
    """What an earlier server leaves to the one that takes its place.

    Attributes
    ----------
    asked : str or None
        The name that the user gave, if any.
    name : str
        The name that the server had.
    windows : list
        The places and sizes of its windows.
    """

    asked: str | None
    name: str
    windows: list[Any]


@dataclasses.dataclass(eq=False)
class Membership:
    """The relation between a server and the cell that made it.

    Attributes
    ----------
    cell : Cell or None
        The cell that made the server.
    asked, name : str or None
        The name that the user gave, and the name that the server gets.
    windows : list
        The places and sizes that its windows get.
    predecessors : list of Predecessor
        What the servers of earlier executions have left. All servers of one execution share this list.
    """

    cell: Cell | None
    asked: str | None
    name: str | None
    windows: list[Any] = dataclasses.field(default_factory=list)
    predecessors: list[Predecessor] = dataclasses.field(default_factory=list)


def enter(name: str | None) -> Membership:
    """Close the servers of earlier executions of the present cell. The new server takes the place of one.

    Parameters
    ----------
    name : str or None
        The name that the user gave to the new server.
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
            server.persist = False  # persist is for the end of the computation, and this is not the end
            server.drop_output()
            server.close(patient=False)
    for predecessor in membership.predecessors:
        if predecessor.asked == name:
            membership.predecessors.remove(predecessor)
            membership.name, membership.windows = predecessor.name, predecessor.windows
            break
    return membership


def present(name: str | None) -> Cell | None:
    """The cell that is executed now; None outside of IPython, and if nothing identifies the cell.

    Parameters
    ----------
    name : str or None
        The name that the user gives to the server. At a plain prompt the name identifies the code.
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
    """The code by the kernel's message: the cell's id (JupyterLab and VS Code send it), else its source."""
    source = _entry(message, "content", "code")
    if not source:
        return None  # for example, a widget calls
    cell_id = _entry(message, "metadata", "cellId")
    return ("cell", cell_id) if cell_id else ("source", source)


def _of_a_prompt(shell: Any, name: str | None) -> tuple[str, str] | None:
    """The code, from the script that ``%run`` executes, else from the name that the user gives."""
    main = sys.modules.get("__main__")
    script = getattr(main, "__file__", None)
    if script is not None and main is not getattr(shell, "user_module", None):
        return "script", f"{Path(script).absolute()}:{name or ''}"
    return None if name is None else ("name", name)


def _entry(message: Mapping[str, Any], part: str, name: str) -> str:
    found = message.get(part)
    return str(found.get(name) or "") if isinstance(found, Mapping) else ""
