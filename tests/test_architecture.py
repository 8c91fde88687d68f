"""The shape of the code, read from its syntax trees: imports, owners of foreign packages, sizes."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import asyncplot

PACKAGE = Path(asyncplot.__file__).parent

#: The floors from top to bottom. A part imports only from floors below its own, never from another part of
#: the same floor. One module is not on the floor of its folder: the entry, which runs in the plotting
#: interpreter and loads the viewer.
FLOORS = (
    {"__main__"},
    {"commands"},
    {"demos"},
    {"hub"},
    {"launch.entry"},
    {"__init__"},  # the public face: what users import
    {"compute", "viewer", "join", "plotters"},
    {"notebook", "remote", "sending"},
    {"launch", "mailbox", "rpc", "web"},
    {"frames", "rundir"},
    {"log"},
    {"settings"},
    {"errors", "threads", "stats", "descriptors"},
    {"tables"},
)

#: The parts that may import a foreign package. No other part may. All parts below except three run in a
#: viewer.
OWNERS = {
    "rpyc": {"rpc"},
    "tkinter": {"viewer.backends"},
    "gi": {"viewer.backends"},
    "wx": {"viewer.backends"},
    "PySide6": {"viewer.backends"},
    "PyQt6": {"viewer.backends"},
    "pyqtgraph": {"demos", "plotters"},
    "sklearn": {"demos"},
    "tornado": {"hub", "notebook", "web", "viewer.web", "viewer.backends.web"},
    "matplotlib": {
        "viewer.backends",
        "viewer.drawing",
        "viewer.web.canvas",
        "viewer.pictures",  # writes them to files
        "demos",
        "plotters",
        "compute.session.inline",  # inline=True: here the computation's own process is the viewer
        "commands.doctor",  # says its version
    },
}

MODULES = sorted(PACKAGE.rglob("*.py"))
#: Path -> syntax tree.
TREES = {path: ast.parse(path.read_text()) for path in MODULES}


def name_of(path: Path) -> str:
    """The module's name below the package: ``viewer.backends.qt``, ``viewer.__init__``, ``errors``."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def imports(path: Path) -> Iterator[str]:
    """All absolute names that a module imports, at its top or later."""
    package = ("asyncplot", *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            origin = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def part_of(module: str) -> str:
    """The part of asyncplot that a module, or a name in it, belongs to: ``compute``, ``errors``, ``__init__``."""
    first, _, rest = module.partition(".")
    apart = f"{first}.{rest.partition('.')[0]}"
    if any(apart in parts for parts in FLOORS):
        return apart
    return first if (PACKAGE / first).is_dir() or (PACKAGE / f"{first}.py").is_file() else "__init__"


def part_imported(name: str) -> str | None:
    """The part that an absolute name belongs to; None for ``__version__``, which is a plain string."""
    return None if name == "asyncplot.__version__" else part_of(name.partition(".")[2])


def floor_of(part: str) -> int:
    """The number of a part's floor, counted from the top."""
    return next(depth for depth, parts in enumerate(FLOORS) if part in parts)


def test_imports_go_down_only() -> None:
    """Each part imports only itself and lower floors. So compute and viewer never import each other."""
    upward = [
        f"{name_of(path)} imports {name}"
        for path in MODULES
        for name in imports(path)
        if name.split(".")[0] == "asyncplot" and not _is_below(part_imported(name), part_of(name_of(path)))
    ]
    assert not upward


def _is_below(other: str | None, part: str) -> bool:
    """Whether a part may import another one."""
    return other is None or other == part or floor_of(part) < floor_of(other)


def test_a_foreign_package_has_its_owners() -> None:
    """Each GUI toolkit, matplotlib and rpyc are imported only where the table allows it."""
    strange = [
        f"{name_of(path)} imports {name}"
        for path in MODULES
        for name in imports(path)
        for owners in [OWNERS.get(name.split(".")[0])]
        if owners is not None and not any(f"{name_of(path)}.".startswith(f"{owner}.") for owner in owners)
    ]
    assert not strange


def test_a_module_says_what_it_is() -> None:
    """Who reads a module is told first what it is."""
    assert not [path for path in MODULES if not ast.get_docstring(TREES[path])]


def test_a_module_has_at_most_300_lines() -> None:
    """A module can be read in one sitting. A longer one has two ideas."""
    lengths = {path: len(path.read_text().splitlines()) for path in MODULES}
    assert not {str(path): length for path, length in lengths.items() if length > 300}


def test_a_function_has_at_most_40_lines() -> None:
    """What a function does can be seen at once: 40 lines, not counting its signature and docstring."""
    long = [
        f"{name_of(path)}.{node.name}"
        for path in MODULES
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.FunctionDef) and _length(node) > 40
    ]
    assert not long


def _length(function: ast.FunctionDef) -> int:
    """The lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) and len(function.body) > 1 else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def test_no_six_lines_stand_twice() -> None:
    """What two modules do alike stands in one place: no six lines of code in a row are equal in two of them."""
    seen: dict[tuple[str, ...], Path] = {}
    for path in MODULES:
        lines = code_lines(path)
        for start in range(len(lines) - 5):
            six = tuple(lines[start : start + 6])
            other = seen.setdefault(six, path)
            assert other == path, f"{path} and {other} share:\n" + "\n".join(six)


def code_lines(path: Path) -> list[str]:
    """The lines of a module that do something: without docstrings, comments, imports, and brackets alone."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [each for each in node.body if not _says_only(each)] or [ast.Pass()]
    lines = [line.strip() for line in ast.unparse(tree).splitlines()]
    return [line for line in lines if line and line.strip("()[]{},:")]


def _says_only(node: ast.stmt) -> bool:
    """Whether a statement is a docstring or an import."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or isinstance(node, ast.Import | ast.ImportFrom)


#: File names that stand in two folders, as the folder tells which is which.
TWINS = {"__init__", "contract", "image", "lines"}


def test_a_file_name_stands_once() -> None:
    """Who searches for a file by its name finds one. (A command's file is called as its verb.)"""
    names = [path.stem for path in MODULES if path.stem not in TWINS and path.parent.name != "commands"]
    assert sorted(names) == sorted(set(names))


def test_every_part_has_its_floor() -> None:
    """Each module and folder of the package is in the table of floors."""
    assert {part_of(name_of(path)) for path in MODULES} == set().union(*FLOORS)


def test_the_supervisor_imports_the_standard_library_only() -> None:
    """The supervisor starts in milliseconds, in any Python: it and its imports run without site-packages."""
    parts = ("launch/supervisor", "launch/watch", "launch/viewer_process", "rundir/format", "rundir/options")
    parts += ("launch/output", "launch/marked", "rundir/processes", "rundir/printable")
    for part in parts:
        foreign = {name.split(".")[0] for name in imports(PACKAGE / f"{part}.py")} - {"asyncplot"}
        assert foreign <= sys.stdlib_module_names
    run_python("import asyncplot.launch.supervisor, asyncplot.launch.watch, asyncplot.rundir", "-I", "-S")


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        (
            "import asyncplot",
            {"matplotlib", "rpyc", "numpy", "PySide6", "PyQt6", "tkinter", "asyncplot.viewer"},
        ),
        ("from asyncplot import *", {"matplotlib", "PySide6", "PyQt6", "tkinter", "asyncplot.viewer"}),
    ],
)
def test_importing_brings_no_gui(code: str, absent: set[str]) -> None:
    """Importing asyncplot in the computation loads no GUI, no plotting, and no rpyc."""
    loaded = run_python(f"{code}\nimport sys; print(*sys.modules)").split()
    assert not absent & set(loaded)


def test_the_public_names_are_those_that_are_there() -> None:
    """``__all__``, ``dir``, the names for type checkers, and the attributes are the same."""
    face = ast.parse((PACKAGE / "__init__.py").read_text())
    checked = next(node for node in face.body if isinstance(node, ast.If))
    typed = {
        alias.asname for node in ast.walk(checked) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert set(asyncplot.__all__) == {"__version__", *typed} == set(dir(asyncplot))
    assert all(getattr(asyncplot, name) is not None for name in asyncplot.__all__)
    with pytest.raises(AttributeError, match="no_such_name"):
        asyncplot.no_such_name  # noqa: B018


def run_python(code: str, *options: str) -> str:
    """Run code in a new interpreter that finds the package. Returns its output."""
    code = f"import sys; sys.path.append({str(PACKAGE.parent)!r})\n{code}"
    command = [sys.executable, *options, "-c", code]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
