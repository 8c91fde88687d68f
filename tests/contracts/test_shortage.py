"""What a computation can lack: a home, a current directory, a folder that nobody else can exchange. Pure."""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path

import pytest

from asyncplot import settings
from asyncplot.compute import plotter
from asyncplot.errors import ConfigurationError, RunDirectoryError
from asyncplot.rundir import base_directory, base_path, register
from asyncplot.rundir.basedir import check_above


@pytest.fixture
def without_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user of a container: no ``HOME``, and no passwd entry."""

    def unknown(user: int) -> pwd.struct_passwd:
        raise KeyError(user)

    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)


@pytest.mark.usefixtures("without_home")
def test_without_a_home_there_is_no_record_of_the_run(tmp_path: Path) -> None:
    """The register has no place, and that is all."""
    assert register.enter("gpe", tmp_path, {}) is None
    assert not list(register.records())
    register.clear()
    with pytest.raises(ConfigurationError, match="XDG_CONFIG_HOME"):
        settings.own_folder("config")


@pytest.mark.usefixtures("without_home")
def test_a_path_in_a_home_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who writes ``~`` and has no home is told so; a run that is switched off still says where it would be."""
    with pytest.raises(ConfigurationError, match="~/pictures"):
        settings.absolute("~/pictures")
    monkeypatch.setenv("ASYNCPLOT_RUNTIME_DIR", "~/runs")
    with pytest.raises(RunDirectoryError, match="ASYNCPLOT_RUNTIME_DIR"):
        base_directory()
    assert base_path() == Path("~/runs")


def test_a_current_directory_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its entry of ``sys.path`` is left out; the others are sent, and a relative path is an error that says why."""
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", ["", "modules", str(tmp_path)])
    folder.rmdir()
    assert str(tmp_path) in plotter.own_paths()
    plotter.write_plotter(int, tmp_path / "plotter")
    with pytest.raises(ConfigurationError, match="current directory"):
        settings.absolute("picture.png")


@pytest.mark.parametrize(
    ("mode", "refused"), [(0o700, False), (0o755, False), (0o1777, False), (0o777, True)]
)
def test_a_folder_above_that_others_can_write(tmp_path: Path, mode: int, refused: bool) -> None:
    """Whoever can write there can exchange what is in it, unless it has the sticky bit; a link is followed."""
    folder = tmp_path / "shared"
    (folder / "mine").mkdir(parents=True)
    folder.chmod(mode)
    (tmp_path / "link").symlink_to(folder / "mine")
    for path in (folder / "mine", folder / "mine" / "runs", tmp_path / "link" / "runs"):
        if refused:
            with pytest.raises(RunDirectoryError, match=f"{folder} can be written by others .*chmod go-w"):
                check_above(path)
        else:
            check_above(path)


def test_a_folder_above_that_belongs_to_somebody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its owner can exchange what is in it."""
    owner = os.getuid()
    if owner == 0:
        owner = 61_234
        os.chown(tmp_path, owner, -1)
    else:
        monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    with pytest.raises(RunDirectoryError, match=f"user {owner}"):
        check_above(tmp_path / "runs")
