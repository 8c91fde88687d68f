"""The code that another interpreter is given as its last argument: one line that imports this very asyncplot.

Pure, standard library only. It imports asyncplot by its path: so both sides have the same mailbox, and nothing else
of this interpreter's site-packages gets into the other one. Where there is no such path (another host, a
container), it imports the asyncplot that is installed there. It holds no secret: everybody can read a command line.
"""

from __future__ import annotations

from pathlib import Path

#: Where this asyncplot is.
PACKAGE = Path(__file__).parent.parent


def numbered(module: str, directory: str) -> list[str]:
    """The code for a viewer of a run, in two parts: the viewer's number comes between them (see `Command`).

    Examples
    --------
    >>> "7".join(numbered("launch.entry", "/run")).rpartition(";")[2]
    "main('/run',7)"
    """
    return [bootstrap(module, f"main({directory!r},"), ")"]


def bootstrap(module: str, call: str) -> str:
    """The code that calls the ``main`` of a module.

    Parameters
    ----------
    module : str
        A module of asyncplot's that has a ``main``.
    call : str
        How to call it, such as ``main('/run', 1)``.

    Examples
    --------
    >>> bootstrap("launch.entry", "main('/run', 1)").rpartition(";from ")[2]
    "asyncplot.launch.entry import main;main('/run', 1)"
    """
    init = str(PACKAGE / "__init__.py")
    return (
        "import sys,os,importlib.util as u;"
        f"s=u.spec_from_file_location('asyncplot',{init!r},submodule_search_locations=[{str(PACKAGE)!r}])"
        f" if os.path.exists({init!r}) else u.find_spec('asyncplot');"
        "s or sys.exit('asyncplot is not installed for '+sys.executable+'; there: '"
        "+sys.executable+' -m pip install asyncplot');"
        "m=u.module_from_spec(s);sys.modules['asyncplot']=m;s.loader.exec_module(m);"
        f"from asyncplot.{module} import main;{call}"
    )
