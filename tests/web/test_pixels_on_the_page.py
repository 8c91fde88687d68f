"""What the page shows equals, to the pixel, what a viewer without a window has drawn of the same frames."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import asyncplot
from conditions import wait_until
from driven_page import DrivenPage, unpacked
from kinds_plotter import Kinds

FOLDER = str(Path(__file__).parents[1] / "viewer")

BUILDERS = 10

#: Pictures of each figure. Together they have every change of the table several times.
PICTURES, CHANGES = 4, 6


def test_pictures_of_all_kinds(monkeypatch: pytest.MonkeyPatch, desktop: DrivenPage) -> None:
    """Lines, images, twins, insets, legends, polar axes, ..., after random changes: blitted and sent by boxes."""
    monkeypatch.setenv("ASYNCPLOT_WEB_PORT", "0")
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    options: dict[str, Any] = {"required": True, "max_overhead": 1.0}
    with (
        asyncplot.Server(lambda: Kinds(FOLDER), backend="web", name="page", **options) as page,
        asyncplot.Server(lambda: Kinds(FOLDER), backend="offscreen", name="none", **options) as none,
        asyncplot.attach("page") as on_page,
        asyncplot.attach("none") as drawn,
    ):
        desktop.go(page.url)
        for builder in range(BUILDERS):
            for number in range(PICTURES):
                changes = [(chance.randrange(1000), chance.randrange(1000)) for _ in range(CHANGES)]
                frame = builder if number == 0 else None, changes if number else []
                for plot in (page, none):
                    plot.update(*frame)
                    assert plot.flush(20)
                    plot.check()
                expected = unpacked(drawn.snapshot())
                assert np.array_equal(unpacked(on_page.snapshot()), expected), (builder, changes)
                wait_until(
                    lambda expected=expected: np.array_equal(desktop.pixels(), expected),
                    what=f"figure {builder} after {changes}",
                )
    assert not desktop.faults()
