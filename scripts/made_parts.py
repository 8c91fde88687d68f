"""Parts of the pages that are made from the code: examples, the table of options, the list of public names.

In: README.rst and docs/*.rst, where such a part stands between the comments ``.. made from NAME`` and ``.. end``.
NAME is the path of an example, ``options`` or ``names``. Out: the same pages with these parts written anew. With
``--check`` nothing is written: the pages that are not up to date are printed, and the exit code is 1.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import asyncplot  # noqa: E402 (found by the line above, installed or not)
from asyncplot import plotters, settings  # noqa: E402

PART = re.compile(r"(^\.\. made from (\S+)\n\n)(.*?)(^\.\. end$)", re.MULTILINE | re.DOTALL)

#: Which variables belong to a keyword of `Server`. Each other variable has a row of its own.
VARIABLES = {"backend": ("ASYNCPLOT_BACKEND",), "enabled": ("ASYNCPLOT", "ASYNCPLOT_RANKS")}


def example(path: str) -> str:
    """The program of an example, without the docstring and the comments at its head."""
    text = (ROOT / "docs" / path).read_text()
    head = ast.parse(text).body[0].end_lineno or 0
    lines = text.splitlines()[head:]
    while not lines[0] or lines[0].startswith("#"):
        del lines[0]
    return "\n".join([".. code-block:: python", "", *(f"    {line}".rstrip() for line in lines), "", ""])


def options() -> str:
    """Every keyword of `Server` and every environment variable, as a table."""
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 16 24 12 48", ""]
    for row in [("Keyword", "Environment variable", "Default", "Meaning"), *rows_of_options()]:
        lines += [
            f"   {'  -' if column else '* -'} {literal(cell)}".rstrip() for column, cell in enumerate(row)
        ]
    return "\n".join([*lines, "", ""])


def rows_of_options() -> Iterator[tuple[str, str, str, str]]:
    """Keyword, variables, default and meaning, in the order of the signature."""
    described = meanings(asyncplot.Server.__doc__ or "")
    for name, parameter in inspect.signature(asyncplot.Server).parameters.items():
        required = parameter.default is inspect.Parameter.empty
        variables = VARIABLES.get(name, ())
        meaning = described[name] + "".join(f" ``{each}``: {settings.VARIABLES[each]}." for each in variables)
        default = "(required)" if required else f"``{parameter.default!r}``"
        yield f"``{name}``", ", ".join(f"``{each}``" for each in variables), default, meaning
    shown = {variable for variables in VARIABLES.values() for variable in variables}
    yield from (
        ("", f"``{name}``", "", text) for name, text in settings.VARIABLES.items() if name not in shown
    )


def meanings(docstring: str) -> dict[str, str]:
    """Name -> description, from the section "Parameters" of a numpydoc docstring."""
    section = inspect.cleandoc(docstring).split("Parameters\n----------\n")[1]
    section = re.split(r"\n\n\w+\n-+\n", section)[0]
    found: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        if line and not line.startswith(" "):
            name = line.partition(" : ")[0]
            found[name] = ""
        else:
            found[name] = f"{found[name]} {line.strip()}".strip()
    return found


def names() -> str:
    """Every public name with the first line of its docstring."""
    lines = []
    for name in sorted(asyncplot.__all__, key=str.lower):
        if name == "__version__":
            lines += ["``__version__``", "    The version, as text."]
            continue
        lines += [f"``{name}``", f"    {summary(getattr(asyncplot, name))}"]
    for name in plotters.__all__:
        lines += [f"``plotters.{name}``", f"    {summary(getattr(plotters, name))}"]
    return "\n".join([*lines, "", ""])


def summary(thing: object) -> str:
    """The first paragraph of a docstring, on one line."""
    return literal(" ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split()))


def literal(text: str) -> str:
    """Text with the names in it as literals, which need no Sphinx."""
    return re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", text)


def made(match: re.Match[str]) -> str:
    """A part, written anew."""
    makers = {"options": options, "names": names}
    name = match[2]
    return match[1] + (makers[name]() if name in makers else example(name)) + match[4]


def main() -> int:
    """Write the pages, or check them; the exit code."""
    stale = []
    for page in [ROOT / "README.rst", *sorted((ROOT / "docs").glob("*.rst"))]:
        text = page.read_text()
        new = PART.sub(made, text)
        if new != text:
            stale.append(page)
            if "--check" not in sys.argv:
                page.write_text(new)
    for page in stale:
        print(page.relative_to(ROOT), "is not up to date" if "--check" in sys.argv else "is written")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
