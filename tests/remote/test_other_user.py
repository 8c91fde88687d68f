"""A second real user on this host: neither lists, views, inspects nor ends a run, by no verb of the command line."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import asyncplot
from conditions import missing
from remote_plotters import Moody

NOBODY = pwd.getpwnam("nobody")


@pytest.fixture
def plot() -> Iterator[asyncplot.Server]:
    """Our run, with a viewer."""
    if os.getuid() != 0:
        missing("only root can try this as another user")
    with asyncplot.Server(Moody, name="gpe", backend="offscreen") as made:
        made.update(1)
        assert made.flush(20)
        yield made


def by_nobody(*words: str, runtime: str) -> subprocess.CompletedProcess[str]:
    """Run a verb as the other user, told where our runs are."""
    # All is imported before: the other user need not be able to read our Python.
    script = (
        "import importlib, os, pkgutil, sys; sys.path[:0] = PATHS; import asyncplot, asyncplot.commands as commands; "
        "[importlib.import_module(each.name) for part in ('commands', 'join', 'relay', 'rpc', 'rundir') "
        "for each in pkgutil.walk_packages([asyncplot.__path__[0] + '/' + part], f'asyncplot.{part}.')]; "
        "os.setgroups([]); os.setgid(GROUP); os.setuid(USER); sys.exit(commands.main(WORDS))"
    )
    for name, value in {
        "PATHS": sys.path,
        "GROUP": NOBODY.pw_gid,
        "USER": NOBODY.pw_uid,
        "WORDS": list(words),
    }.items():
        script = script.replace(name, repr(value))
    environment = {"PATH": os.environ["PATH"], "ASYNCPLOT_RUNTIME_DIR": runtime, "HOME": "/nonexistent"}
    return subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
        cwd="/",
    )


@pytest.mark.parametrize(
    "words",
    [
        ("view", "gpe", "--backend", "offscreen"),
        ("stats", "gpe"),
        ("close", "gpe"),
        ("relay", "gpe"),
        ("shell", "gpe"),
    ],
    ids=lambda words: words[0],
)
def test_no_verb_reaches_it(plot: asyncplot.Server, words: tuple[str, ...]) -> None:
    """Each verb ends with an error that betrays nothing; the run and its viewer are as before."""
    assert plot.directory is not None
    ran = by_nobody(*words, runtime=str(plot.directory.parent))
    assert ran.returncode not in {0, None}, ran.stdout
    assert "Traceback" not in ran.stderr, ran.stderr
    assert str(os.getpid()) not in ran.stdout + ran.stderr
    assert plot.update(2).value == 2
    assert len(plot.viewers) == 1


def test_it_is_not_listed(plot: asyncplot.Server) -> None:
    """What the other user lists is his own: nothing."""
    assert plot.directory is not None
    ran = by_nobody("list", "--json", runtime=str(plot.directory.parent))
    assert "gpe" not in ran.stdout
    if ran.returncode == 0:
        assert json.loads(ran.stdout or "[]") == []


def test_what_he_plants_is_not_entered(plot: asyncplot.Server, tmp_path: Path) -> None:
    """A folder of the other user's that looks like a run is neither listed nor entered by us."""
    assert plot.directory is not None
    planted = plot.directory.parent / "planted"
    planted.mkdir()
    (planted / "run.json").write_text(json.dumps({"name": "planted", "host": "x", "pid": 1}))
    os.chown(planted, NOBODY.pw_uid, NOBODY.pw_gid)
    try:
        names = [run.name for run in asyncplot.runs()]
        assert "gpe" in names
        assert "planted" not in names
        with pytest.raises(asyncplot.AsyncplotError):
            asyncplot.attach("planted")
    finally:
        (planted / "run.json").unlink()
        planted.rmdir()
