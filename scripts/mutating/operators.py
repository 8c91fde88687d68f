"""The kinds of small wrong changes: those of cosmic-ray, and two more. Pure.

cosmic-ray exchanges operators, comparisons, numbers, ``True`` and ``False``, exceptions, ``break`` and ``continue``, empties loops
and removes decorators. It has no change for what is forgotten most easily: a step, and a check. These two are here.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from typing import Any

import parso
from cosmic_ray.operators import (
    binary_operator_replacement,
    boolean_replacer,
    break_continue,
    comparison_operator_replacement,
    exception_replacer,
    number_replacer,
    remove_decorator,
    unary_operator_replacement,
    zero_iteration_for_loop,
)
from cosmic_ray.operators.operator import Example, Operator

#: Where something starts and where it ends: line and column of each.
Span = tuple[tuple[int, int], tuple[int, int]]

#: A number from here on is large.
_LARGE = 1000

#: Steps whose loss no test needs to notice: they begin so.
_NOT_MISSED = ("logger.", "warnings.warn(", "super().__init__(")


class DropStep(Operator):
    """Leaves out a step: a call, an assignment to an attribute or an item, a ``raise``, ``del`` or bare ``return``."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        if _is_step(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        first = node.children[0]
        pass_ = parso.python.tree.Keyword("pass", first.start_pos, prefix=first.get_first_leaf().prefix)
        node.children[0] = pass_
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("path.unlink()", "pass"), Example("self.count = 0", "pass"))


class DropCheck(Operator):
    """Takes the condition of an ``if`` for true, or for false."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        for place in _conditions(node):
            for _ in range(2):
                yield node.children[place].start_pos, node.children[place].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        place = list(_conditions(node))[index // 2]
        old = node.children[place]
        word = ("True", "False")[index % 2]
        # `and True` keeps the names that a walrus in the condition makes.
        whole = f"({old.get_code(include_prefix=False)}) {('or', 'and')[index % 2]} {word}"
        node.children[place] = parso.python.tree.Name(whole, old.start_pos, prefix=" ")
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (
            Example("if a: b()", "if (a) or True: b()"),
            Example("if a: b()", "if (a) and False: b()", occurrence=1),
        )


def _is_step(node: Any) -> bool:
    if node.type != "simple_stmt":
        return False
    step = node.children[0]
    if node.get_code(include_prefix=False).startswith(_NOT_MISSED):
        return False
    if step.type == "expr_stmt":
        target = step.children[0]
        # A name that is never given a value is noticed by whatever runs the line.
        return target.type in {"atom_expr", "power"} or str(getattr(step.children[1], "value", "")) not in {
            "",
            "=",
        }
    return step.type in {"atom_expr", "power", "raise_stmt", "del_stmt"} or getattr(step, "value", "") in {
        "return",
        "raise",
    }


def _conditions(node: Any) -> Iterator[int]:
    """The places of the conditions among the children of an ``if`` statement."""
    if node.type == "if_stmt":
        for place, child in enumerate(node.children):
            if getattr(child, "value", "") in {"if", "elif"}:
                yield place + 1


class _ChangedNumber(number_replacer.NumberReplacer):  # type: ignore[misc]  # it has no annotations
    """One more, or one less; but of large numbers, such as the 1e9 between s and ns, that is nothing."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        for span in super().mutation_positions(node):
            if abs(ast.literal_eval(node.value)) < _LARGE:
                yield span


#: The exchanges of operators that somebody might make by mistake. (cosmic-ray has ``a ** b`` for ``a + b``, too.)
_MISTAKEN = re.compile(
    r"_(Add_Sub|Sub_Add|Mul_Div|Mul_FloorDiv|Div_Mul|FloorDiv_Mul|Mod_FloorDiv|Pow_Mul|LShift_RShift|RShift_LShift"
    r"|BitOr_BitAnd|BitAnd_BitOr|USub_UAdd|Delete_Not|Delete_USub|Is_IsNot|IsNot_Is|(Eq|NotEq|Lt|LtE|Gt|GtE)_(Eq|NotEq|Lt|LtE|Gt|GtE))$"
)

#: All kinds of changes.
OPERATORS: tuple[type[Operator], ...] = (
    DropStep,
    DropCheck,
    *(
        operator
        for operator in itertools.chain(
            binary_operator_replacement.operators(),
            comparison_operator_replacement.operators(),
            unary_operator_replacement.operators(),
        )
        if _MISTAKEN.search(operator.__name__)
    ),
    boolean_replacer.ReplaceTrueWithFalse,
    boolean_replacer.ReplaceFalseWithTrue,
    boolean_replacer.ReplaceAndWithOr,
    boolean_replacer.ReplaceOrWithAnd,
    break_continue.ReplaceBreakWithContinue,
    break_continue.ReplaceContinueWithBreak,
    exception_replacer.ExceptionReplacer,
    _ChangedNumber,
    remove_decorator.RemoveDecorator,
    zero_iteration_for_loop.ZeroIterationForLoop,
)
