"""Mutants: modules with one small wrong change each, drawn at random. Pure.

In: the texts of modules, and a seed. Out: `Mutant` after `Mutant`. Each place of the code that can be changed in several ways (one
comparison can become five others) is drawn at most once.

Left alone are annotations, texts and docstrings, as nobody runs them; and constants of a module: they are figures that were
measured, or words that both sides read in one place.
"""

from __future__ import annotations

import ast
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator

from .operators import OPERATORS


class Mutant(NamedTuple):
    """One change.

    Attributes
    ----------
    module : str
        The file, from the root of the repository.
    line : int
        Where it was changed.
    was, becomes : str
        The changed lines before and after, without indentation.
    text : str
        The whole module, changed.
    """

    module: str
    line: int
    was: str
    becomes: str
    text: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.was}  ->  {self.becomes}"


def drawn(modules: Mapping[str, str], chance: random.Random) -> Iterator[Mutant]:
    """Mutants of some modules, in random order: at most one for each place and family of operators.

    Parameters
    ----------
    modules : mapping
        The text of each module, by its file.
    chance : Random
        Draws.
    """
    places = [(module, ways) for module, text in sorted(modules.items()) for ways in _places(text)]
    chance.shuffle(places)
    for module, ways in places:
        kind, occurrence = chance.choice(ways)
        if (mutant := _changed(module, modules[module], kind, occurrence)) is not None:
            yield mutant


def _places(text: str) -> list[list[tuple[type[Operator], int]]]:
    """The places that can be changed, each with its ways: an operator, and which of its occurrences."""
    constants = _lines_of_constants(ast.parse(text))
    tree = get_ast(text)
    places: dict[tuple[Any, str], list[tuple[type[Operator], int]]] = defaultdict(list)
    for kind in OPERATORS:
        operator = kind()
        starts = (start for node in ast_nodes(tree) for start, _ in operator.mutation_positions(node))
        for occurrence, start in enumerate(starts):
            if start[0] not in constants:
                places[start, kind.__module__].append((kind, occurrence))
    return list(places.values())


def _lines_of_constants(tree: ast.Module) -> set[int]:
    """The lines of a module's constants: assignments at its top that call nothing."""
    found: set[int] = set()
    for node in tree.body:
        is_type_check = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        is_constant = isinstance(node, ast.Assign | ast.AnnAssign) and not any(
            isinstance(each, ast.Call | ast.comprehension | ast.Lambda) for each in ast.walk(node)
        )
        if is_type_check or is_constant:
            found.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return found


def _changed(module: str, text: str, kind: type[Operator], occurrence: int) -> Mutant | None:
    """The mutant; None if it is no Python, or does the same."""
    changed = mutate_code(text, kind(), occurrence)
    try:
        if changed is None or _meaning(changed) == _meaning(text):
            return None
    except SyntaxError:
        return None
    before, after = text.splitlines(), changed.splitlines()
    same = next(
        (index for index, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), 0
    )
    tail = 0
    while tail < min(len(before), len(after)) - same - 1 and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    was, becomes = (_joined(lines[same : len(lines) - tail]) for lines in (before, after))
    return Mutant(module, same + 1, was, becomes, changed)


def _joined(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


def _meaning(text: str) -> str:
    """What a module does: without annotations (they are never evaluated here), docstrings and texts."""
    return ast.dump(_Bare().visit(ast.parse(text)))


class _Bare(ast.NodeTransformer):
    """Leaves out what is not run."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)
