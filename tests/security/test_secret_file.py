"""The file with the secret: ours alone, or refused."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from asyncplot.errors import ConfigurationError
from asyncplot.remote.tcp import secret

NOBODY = 65534


@pytest.fixture
def path(runtime_dir: Path) -> Path:
    """Where a secret could be; others may enter the folder above it, so that only the file's mode counts."""
    folder = runtime_dir.with_name(f"{runtime_dir.name}-state")
    folder.mkdir(mode=0o755)
    return folder / "secret"


def test_it_is_made_once_and_read_by_its_user(path: Path) -> None:
    """Mode 0600, random, and the second time the same."""
    assert secret.make(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(bytes.fromhex(path.read_text())) == 32
    assert not secret.make(path)
    assert secret.read(path).mac(b"x") == secret.read(path).mac(b"x")
    other = path.with_name("other")
    assert secret.make(other)
    assert secret.read(other).mac(b"x") != secret.read(path).mac(b"x")


def test_its_folder_is_closed_to_others(path: Path) -> None:
    """A folder that is made for it has mode 0700."""
    secret.make(path.parent / "config" / "secret")
    assert stat.S_IMODE((path.parent / "config").stat().st_mode) == 0o700


def test_the_variable_names_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``ASYNCPLOT_SECRET_FILE`` wins over the folder for configuration."""
    monkeypatch.delenv("ASYNCPLOT_SECRET_FILE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", "/config")
    assert secret.default_path().name == "secret"
    monkeypatch.setenv("ASYNCPLOT_SECRET_FILE", str(path))
    assert secret.default_path() == path


def linked(path: Path) -> None:
    secret.make(path.with_name("real"))
    path.symlink_to("real")


def opened(path: Path) -> None:
    secret.make(path)
    path.chmod(0o640)


def given_away(path: Path) -> None:
    if os.getuid():
        pytest.skip("only root can give a file away")
    secret.make(path)
    os.chown(path, NOBODY, NOBODY)


def short(path: Path) -> None:
    path.touch(0o600)
    path.write_text("5ec3e7")


def no_digits(path: Path) -> None:
    path.touch(0o600)
    path.write_text("5ec3e7" * 20)


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (linked, "no link"),
        (opened, "open to others"),
        (given_away, "belongs to user"),
        (Path.mkdir, "no plain file"),
        (os.mkfifo, "no plain file"),
        (short, "holds no secret"),
        (no_digits, "holds no secret"),
        (lambda path: None, "there is no secret"),
    ],
)
def test_a_file_that_is_not_ours_alone_is_refused(
    path: Path, plant: Callable[[Path], object], said: str
) -> None:
    """With what is wrong and what to do, and without what the file holds."""
    plant(path)
    with pytest.raises(ConfigurationError, match=said) as raised:
        secret.read(path)
    assert "5ec3e7" not in str(raised.value)


def test_another_user_cannot_read_it(path: Path) -> None:
    """A second user id that may enter the folder gets neither the file nor what it holds."""
    if os.getuid():
        pytest.skip("needs root to become another user")
    secret.make(path)
    child = os.fork()
    if not child:
        status = 2
        try:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            path.read_text()
        except PermissionError:
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
