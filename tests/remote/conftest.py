"""Fixtures of another host, and a configuration folder of the test's own: it remembers whom one trusts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from far_host import HERE, FarHost, Network, need_namespaces


@pytest.fixture(autouse=True)
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where asyncplot keeps its settings in this test; and a PYTHONPATH with the test plotters."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    repository = HERE.parents[1]
    paths = os.pathsep.join([str(repository), str(HERE)])
    monkeypatch.setenv("PYTHONPATH", paths)
    return tmp_path / "config" / "asyncplot"


@pytest.fixture
def network(
    leaves_nothing: None, runtime_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Network]:
    """ssh, with hosts that a test adds; nothing may be left over there either."""
    need_namespaces()
    folder = tmp_path / "network"
    folder.mkdir()
    made = Network(folder, runtime_dir, [str(HERE.parents[1]), str(HERE)])
    monkeypatch.setenv("PATH", f"{made.bin}{os.pathsep}{os.environ['PATH']}")
    yield made
    left = made.close()
    assert not left, left


@pytest.fixture
def far(network: Network) -> FarHost:
    """A host called node7, where nothing is forwarded and no asyncplot is on PATH."""
    return network.add("node7")
