"""Each recipe of the cookbook is run as it stands. All share one process, a few at a time."""

from __future__ import annotations

import importlib.util
import re
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from unittest import mock

import pytest

import asyncplot

PAGE = Path(asyncplot.__file__).parents[1] / "docs" / "cookbook.rst"

#: A heading, its underline, and what stands up to the program of the recipe; and the program.
RECIPE = re.compile(
    r"^(I want to .*)\n-+\n(?:(?!I want to ).*\n)*?\.\. code-block:: python\n\n((?: {4}.*\n|\n)+)",
    re.MULTILINE,
)

#: Libraries that a recipe uses, and that need not be installed: a stand-in takes every call.
OTHERS = ("torch.utils.tensorboard", "wandb")


def recipes() -> dict[str, str]:
    """What the reader wants -> the program."""
    return {title: textwrap.dedent(program) for title, program in RECIPE.findall(PAGE.read_text())}


def test_every_recipe_draws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It raises nothing, its plotter neither, and something is drawn, unless it starts no viewer."""
    programs = recipes()
    assert len(programs) == PAGE.read_text().count("code-block:: python") >= 12
    monkeypatch.setenv("ASYNCPLOT_BACKEND", "offscreen")
    monkeypatch.chdir(tmp_path)
    stand_in_for_what_is_missing(monkeypatch)
    with ThreadPoolExecutor(3) as pool:
        plots = dict(zip(programs, pool.map(run, programs.values()), strict=True))
    for title, plot in plots.items():
        plot.check()
        assert plot.stats.failed == 0, title
        assert plot.stats.drawn > 0 or "viewer=None" in programs[title], title
    assert len(list(tmp_path.glob("frames/*.png"))) == 20, "each frame of the movie"


def run(program: str) -> asyncplot.Server:
    """Run a program as a script would be, and return its server."""
    names: dict[str, asyncplot.Server] = {"__name__": "__main__"}  # type: ignore[dict-item]
    exec(program, names)
    return names["plot"]


def stand_in_for_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a module that takes every call in the place of each library that is not installed."""
    for name in OTHERS:
        if importlib.util.find_spec(name.split(".")[0]) is None:
            parts = name.split(".")
            for count in range(1, len(parts) + 1):
                monkeypatch.setitem(sys.modules, ".".join(parts[:count]), Anything(name))


class Anything(ModuleType):
    """A module in which every name is a `mock.MagicMock`."""

    def __getattr__(self, name: str) -> mock.MagicMock:
        if name.startswith("__"):
            raise AttributeError(name)
        return mock.MagicMock()
