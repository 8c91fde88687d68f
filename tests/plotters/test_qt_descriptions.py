"""`asyncplot.plotters.qt` without a window: what is sent, and what is refused."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import asyncplot
from asyncplot.plotters.qt import Image, Lines


@pytest.mark.parametrize("plotter", [Lines("a", "b", logy=True), Image("z", extent=(0, 1, 0, 1))])
def test_a_description_is_what_is_sent(plotter: Any) -> None:
    """A plotter pickles as what it was made with."""
    assert pickle.loads(pickle.dumps(plotter)).__getstate__() == plotter.__getstate__()


def test_what_cannot_be_is_refused_where_it_is_written() -> None:
    """Wrong options raise on the compute side, with what would do."""
    with pytest.raises(asyncplot.ConfigurationError, match="used twice"):
        Lines("a", "a")
    with pytest.raises(asyncplot.ConfigurationError, match="dark"):
        Lines(theme="grey")
    with pytest.raises(asyncplot.ConfigurationError, match="'lower' or 'upper'"):
        Image(origin="middle")
