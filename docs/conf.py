"""Sphinx: ``python -m sphinx -n -W -b html docs docs/_build/html``, and ``-b doctest`` for the examples."""

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE.parent), str(_HERE / "_ext")]

import asyncplot  # noqa: E402 (found by the line above, installed or not)

project = "asyncplot"
author = "the asyncplot authors"
project_copyright = "the asyncplot authors, BSD 3-Clause"
version = release = asyncplot.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.doctest", "sphinx.ext.napoleon", "page_links"]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {
    "description": "A running computation, seen live",
    "fixed_sidebar": True,
    "page_width": "1100px",
    "show_relbars": True,
}

# A single backtick in the docstrings names an object.
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the numpydoc sections say it in words
napoleon_google_docstring = False
# The types in the docstrings are words ("class, callable or instance"), which must not become links.
napoleon_use_param = False
napoleon_use_rtype = False
napoleon_custom_sections = [("Attributes", "params_style")]
# Names that the docstrings use where they are not in scope.
nitpick_ignore = [("py:obj", "update"), ("py:obj", "Server.viewers")]

# Examples open no windows, and see no other runs of this machine.
doctest_global_setup = """
import atexit, os, shutil, tempfile
os.environ["ASYNCPLOT_BACKEND"] = "offscreen"
if "/ap-docs-" not in os.environ.get("ASYNCPLOT_RUNTIME_DIR", ""):
    os.environ["ASYNCPLOT_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="ap-docs-")
    atexit.register(shutil.rmtree, os.environ["ASYNCPLOT_RUNTIME_DIR"], ignore_errors=True)
for variable in ("ASYNCPLOT", "ASYNCPLOT_LOG", "ASYNCPLOT_RANKS"):
    os.environ.pop(variable, None)
import asyncplot
import numpy as np
from asyncplot import Stats  # its docstring stands in its own module, and uses its bare name
"""


def summary_of_property(_app, what, _name, _obj, _options, lines):
    """Keep napoleon from reading "What it is: more about it" as a type and a description."""
    if what == "property" and lines:
        lines[0] = lines[0].replace(": ", " -- ", 1)


def setup(app):
    """Called by Sphinx; before napoleon, which has priority 500."""
    app.connect("autodoc-process-docstring", summary_of_property, priority=400)
