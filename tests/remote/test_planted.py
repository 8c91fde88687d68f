"""Records that somebody else has planted: the finder executes what a record names, so it follows only our own."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from asyncplot.remote import finder
from asyncplot.rundir import register
from conditions import missing


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The record of a run that is here, in the register."""
    folder = register.register_directory()
    path = folder / "node-gpe.json"
    path.write_text(json.dumps({"host": socket.gethostname(), "name": "gpe", "directory": str(tmp_path)}))
    path.chmod(0o600)
    return path


def found() -> list[str]:
    """The names of the runs that the finder would enter."""
    return [str(record["name"]) for record in finder.records()]


def by_another_user(path: Path) -> None:
    """Give it to somebody else."""
    if os.getuid() != 0:
        missing("only root can give a file to another user")
    os.chown(path, 65534, 65534)


def link(path: Path) -> None:
    """Put a link in its place."""
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))


def test_our_own_record(record: Path) -> None:
    """A plain record in a plain folder is found."""
    assert found() == ["gpe"]


@pytest.mark.parametrize("plant", [by_another_user, link, lambda path: path.chmod(0o666)])
@pytest.mark.parametrize("of", ["record", "folder"])
def test_what_is_planted(record: Path, plant: Callable[[Path], None], of: str) -> None:
    """A record, or the folder of all, that is another user's, a link, or open to writers is not followed."""
    path = record if of == "record" else record.parent
    plant(path)
    assert found() == []


@pytest.mark.parametrize("text", ["[1]", "3", "{", '"x"', "\0"])
def test_what_is_no_record(record: Path, text: str) -> None:
    """A file with something else is passed over."""
    record.write_text(text)
    assert found() == []
