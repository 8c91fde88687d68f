"""Each backend keeps the contract, read from its source: so without its toolkit, also on a machine that cannot have it."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from asyncplot.settings import BACKENDS
from asyncplot.viewer.backends import Backend
from asyncplot.viewer.backends import contract as contract_module

TOOLKITS = {"PySide6", "PyQt6", "tkinter", "_tkinter", "gi", "cairo", "wx", "matplotlib", "tornado"}


def methods(node: ast.ClassDef) -> dict[str, str]:
    """The methods of a class with their signatures."""
    found = [each for each in node.body if isinstance(each, ast.FunctionDef)]
    return {each.name: f"{ast.unparse(each.args)} -> {ast.unparse(each.returns or each)}" for each in found}


def class_in(tree: ast.Module, base: str) -> ast.ClassDef:
    """The one class whose base has this name, or a name that ends so."""
    (found,) = (
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any(ast.unparse(each).endswith(base) for each in node.bases)
    )
    return found


def source(name: str) -> ast.Module:
    """The syntax tree of a backend."""
    return ast.parse((Path(inspect.getfile(Backend)).parent / f"{name}.py").read_text())


def inherited(kind: ast.ClassDef) -> dict[str, str]:
    """The methods of a backend, and those of the backend that it derives from, as the page does from offscreen."""
    (base,) = map(ast.unparse, kind.bases)
    above = base.removesuffix("Backend").lower()
    return {**(inherited(class_in(source(above), "Backend")) if above else {}), **methods(kind)}


@pytest.mark.parametrize("name", BACKENDS)
def test_a_backend_keeps_the_contract(name: str) -> None:
    """All abstract methods with the same signatures, ``BACKEND`` is the class, and no toolkit is imported with the module."""
    tree = source(name)
    kind = class_in(tree, "Backend")
    wanted = methods(class_in(ast.parse(inspect.getsource(contract_module)), "ABC"))
    own = inherited(kind)
    assert own.keys() >= Backend.__abstractmethods__
    assert {each: own[each] for each in own.keys() & wanted.keys()} == {
        each: wanted[each] for each in own.keys() & wanted.keys()
    }
    assert f"BACKEND = {kind.name}" in [ast.unparse(node) for node in tree.body]
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    heads = {
        each.name.partition(".")[0] for node in imports if isinstance(node, ast.Import) for each in node.names
    }
    heads |= {
        (node.module or "").partition(".")[0]
        for node in imports
        if isinstance(node, ast.ImportFrom) and not node.level
    }
    assert not heads & TOOLKITS
