"""The network learns, and says what it needs."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from asyncplot.demos.training import Network, digits, tiled
from asyncplot.errors import MissingDependency


def test_gradient_descent_goes_down() -> None:
    """After 1,500 steps the loss is a tenth, and nine of ten digits never seen are told right."""
    network = Network(*digits())
    first = network.first
    for _ in range(1500):
        network.step()
    assert network.history[-1, 1] < 0.1 * network.history[0, 1]
    assert network.accuracies()[1] > 0.9
    assert network.first is first  # in place, so that a waiting frame is a reference


def test_what_is_tested_was_not_learnt_from() -> None:
    """No digit is in both parts, and none is lost."""
    network = Network(*digits())
    learnt, tested = network._train[0], network._test[0]
    assert len(learnt) + len(tested) == 1797
    assert not {row.tobytes() for row in learnt} & {row.tobytes() for row in tested}


def test_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the package and the extra."""
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(MissingDependency, match=r"scikit-learn.*asyncplot\[demo\]"):
        digits()


def test_each_neuron_has_its_square() -> None:
    """The squares stand in rows, eight across, in the order of the neurons."""
    weights = np.repeat(np.arange(32.0)[None], 64, 0)
    picture = tiled(weights)
    assert [picture[9 * (n // 8), 9 * (n % 8)] for n in range(32)] == list(range(32))
