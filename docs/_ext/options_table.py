"""The directive ``options-table``: every keyword of `Server` and every environment variable, in one table.

In: the signature and the docstring of `Server`, and ``settings.VARIABLES``. So the table cannot miss an
option, and a default in it is the real one; a variable or keyword that is gone fails the build.
"""

import inspect
import re

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import asyncplot
from asyncplot import settings

#: Which variables stand behind a keyword; all others stand alone.
_VARIABLES = {"backend": ("ASYNCPLOT_BACKEND",), "enabled": ("ASYNCPLOT", "ASYNCPLOT_RANKS")}

_HEAD = """
.. list-table::
   :header-rows: 1
   :widths: 16 24 12 48

   * - Keyword
     - Environment variable
     - Default
     - Meaning
"""


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


def rows() -> list[tuple[str, str, str, str]]:
    """Keyword, variables, default and meaning of each option, in the order of the signature."""
    described = meanings(asyncplot.Server.__doc__ or "")
    table = []
    for name, parameter in inspect.signature(asyncplot.Server).parameters.items():
        required = parameter.default is inspect.Parameter.empty
        default = "(required)" if required else f"``{parameter.default!r}``"
        variables = _VARIABLES.get(name, ())
        meaning = described[name] + "".join(f" ``{each}``: {settings.VARIABLES[each]}." for each in variables)
        table.append((f"``{name}``", ", ".join(f"``{each}``" for each in variables), default, meaning))
    shown = {variable for variables in _VARIABLES.values() for variable in variables}
    table += [("", f"``{name}``", "", text) for name, text in settings.VARIABLES.items() if name not in shown]
    return table


class OptionsTable(SphinxDirective):
    """Puts the table where the directive stands."""

    def run(self) -> list[nodes.Node]:
        """Build the table as reStructuredText and parse it."""
        text = _HEAD
        for row in rows():
            cells = [re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", cell) for cell in row]
            text += "".join(
                f"   {'* -' if not index else '  -'} {cell}\n" for index, cell in enumerate(cells)
            )
        node = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), "options-table"), 0, node)
        return node.children


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("options-table", OptionsTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
