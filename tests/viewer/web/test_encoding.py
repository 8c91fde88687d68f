"""Whatever has changed, and in however many colours: a PNG that is laid over the old pixels gives the new ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from looking import decoded, lay
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from asyncplot.viewer.web.encoding import Codec, png, pngs_of_changes


@pytest.mark.parametrize("ground", ["one colour of the palette", "other colours", "half transparent"])
@given(
    colours=st.one_of(st.integers(1, 6), st.integers(250, 260)),
    size=st.tuples(st.integers(17, 40), st.integers(17, 40)),
    share=st.floats(0.0, 1.0),
    seed=st.integers(0, 1 << 32),
)
@settings(max_examples=60, deadline=None)
def test_a_png_of_changes_is_exact(
    ground: str, colours: int, size: tuple[int, int], share: float, seed: int
) -> None:
    """With few colours, with 255 to 257 of them, and whether or not the unchanged pixels have the same colours."""
    chance = np.random.default_rng(seed)
    palette = chance.integers(0, 256, (colours, 4), np.uint8)
    palette[:, 3] = 255
    old = np.empty((*size, 4), np.uint8)
    if ground == "one colour of the palette":
        old[:] = palette[0]
    else:
        old[:] = chance.integers(0, 256, old.shape, np.uint8)
        old[:, :, 3] = 255 if ground == "other colours" else 127
    changed = chance.random(size) < share
    changed.flat[chance.integers(0, changed.size)] = True
    new = np.where(changed[:, :, None], palette[chance.integers(0, colours, size)], old)
    for data in pngs_of_changes(new, changed):
        lay(old, 0, 0, Codec.OVER, decoded(data))
    assert (old == new).all()


@pytest.mark.parametrize(("style", "share"), [("-", 0.5), ("--", 0.5), ("+", 0.8), ("o", 0.8)])
def test_a_moving_line_takes_few_bytes(style: str, share: float) -> None:
    """An antialiased line, with up to 256 colours, takes half of the bytes of four channels; markers take less, too."""
    figure = Figure()
    (line,) = figure.subplots().plot(np.sin(np.linspace(0.0, 20.0, 300)), style)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    old = np.array(canvas.buffer_rgba())
    line.set_ydata(np.sin(np.linspace(0.5, 20.5, 300)))
    canvas.draw()
    new = np.array(canvas.buffer_rgba())
    changed = (old != new).any(axis=2)
    both = np.where(changed[:, :, None], new, np.uint8(0))
    assert sum(map(len, pngs_of_changes(new, changed))) < share * len(png(both))
