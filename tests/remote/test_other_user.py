"""A second real user on this host: neither lists, views, inspects nor ends a run, by no verb of the command line."""

from __future__ import annotations

import json
import os
import pwd
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import asyncplot
from asyncplot import join
from asyncplot.remote import finder
from asyncplot.rundir import register
from conditions import missing
from remote_plotters import Moody

NOBODY = pwd.getpwnam("nobody")

#: Runs the command line, as another user from a point on where all is imported: he need not be able to read our Python.
SCRIPT = """
import importlib, json, os, pkgutil, pprint, sys
told = json.loads(sys.argv[1])
sys.path[:0] = told["paths"]
import IPython.terminal.ipapp, traitlets.config
import asyncplot, asyncplot.commands
for part in ("commands", "join", "remote", "rpc", "rundir", "viewer"):
    folder = os.path.join(asyncplot.__path__[0], part)
    for each in pkgutil.walk_packages([folder], f"asyncplot.{part}."):
        if "backends" not in each.name:
            importlib.import_module(each.name)
if told["user"] is not None:
    os.setgroups([])
    os.setgid(told["group"])
    os.setuid(told["user"])
    assert os.getresuid() == (told["user"],) * 3
if told["directory"] is not None:
    asyncplot.remote.source.main(told["directory"])
sys.exit(asyncplot.commands.main(told["words"]))
"""


@pytest.fixture
def plot() -> Iterator[asyncplot.Server]:
    """Our run, with a viewer."""
    if os.getuid() != 0:
        missing("only root can try this as another user")
    with asyncplot.Server(Moody, name="gpe", backend="offscreen") as made:
        made.update(1)
        assert made.flush(20)
        yield made


def ran(
    plot: asyncplot.Server, *words: str, ours: bool = False, directory: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a verb, or the relay of a directory, as the other user (or as us), told where our runs and records are."""
    assert plot.directory is not None
    told = {
        "paths": sys.path,
        "group": NOBODY.pw_gid,
        "user": None if ours else NOBODY.pw_uid,
        "words": words,
        "directory": None if directory is None else str(directory),
    }
    environment = {
        "PATH": os.environ["PATH"],
        "ASYNCPLOT_RUNTIME_DIR": str(plot.directory.parent),
        "XDG_STATE_HOME": os.environ["XDG_STATE_HOME"],
        "HOME": "/nonexistent",
        "IPYTHONDIR": "/nonexistent",
    }
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(told)],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
        cwd="/",
    )


def assert_untouched(plot: asyncplot.Server) -> None:
    """The run draws, and has its one viewer."""
    pending = plot.update(2)
    pending.wait(20)
    assert pending.value == 2
    assert len(plot.viewers) == 1


@pytest.fixture(params=["closed", "open"])
def way(request: pytest.FixtureRequest, plot: asyncplot.Server) -> str:
    """The folder of all runs as it is made, and as somebody has made it by mistake: others can enter it."""
    assert plot.directory is not None
    if request.param == "open":
        plot.directory.parent.chmod(0o755)
    return str(request.param)


def test_the_same_words_reach_it_as_its_own_user(plot: asyncplot.Server) -> None:
    """What fails below fails for the user only: as its owner, the same words list it, and tell of it."""
    listed = ran(plot, "list", "--json", ours=True)
    assert [run["name"] for run in json.loads(listed.stdout)] == ["gpe"]
    assert ran(plot, "stats", "gpe", ours=True).returncode == 0


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
def test_no_verb_reaches_it(plot: asyncplot.Server, way: str, words: tuple[str, ...]) -> None:
    """Each verb says that there is no such run, and nothing else; the run and its viewer are as before."""
    said = ran(plot, *words)
    assert said.returncode == 2, said
    assert said.stdout == ""
    assert said.stderr == "asyncplot: there is no run 'gpe' on this host; there are: none\n"
    assert_untouched(plot)


def test_it_is_not_listed(plot: asyncplot.Server, way: str) -> None:
    """What the other user lists is his own: nothing."""
    said = ran(plot, "list", "--json")
    assert (said.returncode, json.loads(said.stdout)) == (0, [])


def test_who_knows_its_directory_cannot_relay_it(plot: asyncplot.Server, way: str) -> None:
    """The relay itself, given the run's directory, is kept out by the system, and says so in one line."""
    said = ran(plot, directory=plot.directory)
    assert said.returncode == 1, said
    assert said.stderr.startswith("asyncplot: ")
    assert "Permission denied" in said.stderr
    assert said.stderr.count("\n") == 1, said.stderr
    assert_untouched(plot)


def in_our_folder(planted: Path, plot: asyncplot.Server) -> None:
    """His directory, among our runs."""
    assert plot.directory is not None
    planted.rename(plot.directory.parent / planted.name)


def linked_from_our_folder(planted: Path, plot: asyncplot.Server) -> None:
    """A link to it, among our runs."""
    assert plot.directory is not None
    (plot.directory.parent / planted.name).symlink_to(planted)


def named_by_our_register(planted: Path, plot: asyncplot.Server) -> None:
    """A record of ours that names it: of a run whose directory has gone, say."""
    record = {"host": socket.gethostname(), "name": "planted", "directory": str(planted)}
    path = register.register_directory() / "planted.json"
    path.write_text(json.dumps(record))
    path.chmod(0o600)


@pytest.mark.parametrize("plant", [in_our_folder, linked_from_our_folder, named_by_our_register])
def test_what_he_plants_is_not_entered(
    plot: asyncplot.Server, runtime_dir: Path, plant: Callable[[Path, asyncplot.Server], None]
) -> None:
    """A directory of his that looks like a run is neither listed nor entered, whatever leads to it."""
    planted = runtime_dir.with_name(f"{runtime_dir.name}-planted")
    planted.mkdir(mode=0o700)
    described = {"name": "planted", "host": socket.gethostname(), "pid": os.getpid()}  # a process that lives
    (planted / "run.json").write_text(json.dumps(described))
    os.chown(planted, NOBODY.pw_uid, NOBODY.pw_gid)
    among_ours = runtime_dir / planted.name
    try:
        plant(planted, plot)
        assert [run.name for run in asyncplot.runs()] == ["gpe"]
        with pytest.raises(asyncplot.AsyncplotError, match="there is no run 'planted'"):
            asyncplot.attach("planted")
        with pytest.raises(asyncplot.AsyncplotError, match="there is no run 'planted'"):
            join.find("planted")
    finally:
        if among_ours.is_symlink():
            among_ours.unlink()
        for path in (planted, among_ours):
            if path.is_dir():
                (path / "run.json").unlink()
                path.rmdir()


def test_the_finder_does_not_enter_what_he_owns(plot: asyncplot.Server, tmp_path: Path) -> None:
    """The far side's look-up passes over a record that is his, though it lies in our register."""
    path = register.register_directory() / "planted.json"
    path.write_text(json.dumps({"host": socket.gethostname(), "name": "planted", "directory": str(tmp_path)}))
    path.chmod(0o600)
    assert "planted" in [record["name"] for record in finder.records()]
    os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid)
    assert [record["name"] for record in finder.records()] == ["gpe"]
