"""The secret that both hosts know: 32 random bytes, written in hexadecimal, in a file that only its user can read.

The secret never stands in a command line, an environment variable or a message; the path of its file may.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from pathlib import Path
from typing import NoReturn

from ... import settings
from ...errors import ConfigurationError
from ...rundir import make_parents, write_file

_BYTES = 32

#: How the file is opened. NONBLOCK, as opening a named pipe, which somebody may have put there, waits for its writer.
_OLD_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Secret:
    """Makes MACs. Its key cannot be printed or pickled.

    Parameters
    ----------
    key : bytes
        32 random bytes.
    """

    __slots__ = ("__key",)

    def __init__(self, key: bytes) -> None:
        if len(key) != _BYTES:
            raise ConfigurationError(f"a secret has {_BYTES} bytes, and this one has {len(key)}")
        self.__key = key

    def mac(self, message: bytes) -> bytes:
        """HMAC-SHA256 of a message, 32 bytes."""
        return hmac.digest(self.__key, message, "sha256")

    def __repr__(self) -> str:
        return "<Secret, hidden>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


def default_path() -> Path:
    """``ASYNCPLOT_SECRET_FILE``, else ``asyncplot/secret`` in the user's folder for configuration."""
    chosen = settings.secret_file()
    if chosen is not None:
        return settings.absolute(chosen)
    return settings.own_folder("config") / "secret"


def make(path: Path) -> bool:
    """Make the file with a new secret, and its folder (mode 0700), unless the file is there; returns whether it did.

    Raises
    ------
    ConfigurationError
        If it cannot be made.
    """
    try:
        make_parents(path)
        write_file(path, secrets.token_hex(_BYTES).encode() + b"\n")
    except FileExistsError:
        return False  # `read` checks what it is
    except OSError as error:
        raise ConfigurationError(
            f"cannot make the secret {path} ({error.strerror}); set ASYNCPLOT_SECRET_FILE to a file in "
            "a folder of your own"
        ) from error
    return True


def read(path: Path) -> Secret:
    """Read the secret, and check on the descriptor that nobody else can read it.

    Raises
    ------
    ConfigurationError
        If the file is not there, is a link or no plain file, belongs to another user, can be read by others, or
        holds no secret. The message does not show what it holds.
    """
    try:
        descriptor = os.open(path, _OLD_FILE)
    except FileNotFoundError:
        raise ConfigurationError(
            f"there is no secret {path}; copy it from the host of `asyncplot serve`, which makes it, "
            "or set ASYNCPLOT_SECRET_FILE"
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"cannot open the secret {path} ({error.strerror}); it must be a plain file of yours, no link"
        ) from error
    try:
        _check(path, os.fstat(descriptor))
        text = os.read(descriptor, 2 * _BYTES + 2)
    finally:
        os.close(descriptor)
    try:
        return Secret(bytes.fromhex(text.decode("ascii").strip()))
    except ValueError:  # raised below: this error, or the chain of errors, could show what the file holds
        pass
    raise ConfigurationError(
        f"{path} holds no secret of {2 * _BYTES} hexadecimal digits; remove it, and `asyncplot serve` makes one"
    )


def _check(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigurationError(f"the secret {path} is no plain file; remove it, and copy the secret there")
    if status.st_uid != os.getuid():
        raise ConfigurationError(
            f"the secret {path} belongs to user {status.st_uid}, not to you ({os.getuid()}); "
            "set ASYNCPLOT_SECRET_FILE to a file of your own"
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise ConfigurationError(
            f"the secret {path} is open to others (mode {stat.S_IMODE(status.st_mode):04o}): others may know it. "
            f"Remove it for `asyncplot serve` to make a new one, or, if nobody else was there, chmod 600 {path}"
        )
