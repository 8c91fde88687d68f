"""A screen that nobody sees, for the windows of the tests: Xvfb with a window manager."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from conditions import missing, wait_until

PROGRAMS = ("setpriv", "Xvfb", "openbox", "wmctrl")


@contextmanager
def virtual_display() -> Iterator[str]:
    """Start Xvfb on a free display, and openbox on it. Gives the display's name, and ends both."""
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if absent:
        missing(f"no {', '.join(absent)} here, which window tests need")
    number_from, number_to = os.pipe()
    try:
        command = [
            "Xvfb",
            "-displayfd",
            str(number_to),
            "-screen",
            "0",
            "1280x1024x24",
            "-nolisten",
            "tcp",
            "-noreset",
        ]
        with running(command, pass_fds=[number_to]):
            os.close(number_to)  # so that the pipe ends if Xvfb ends early
            display = f":{read_line(number_from, timeout=20)}"
            environment = {**os.environ, "DISPLAY": display}
            with running(["openbox", "--sm-disable"], environment):

                def window_manager_answers() -> bool:
                    asked = subprocess.run(
                        ["wmctrl", "-m"], env=environment, capture_output=True, check=False
                    )
                    return asked.returncode == 0

                wait_until(window_manager_answers, 20)
                yield display
    finally:
        os.close(number_from)


@contextmanager
def running(
    command: Sequence[str], environment: dict[str, str] | None = None, pass_fds: Sequence[int] = ()
) -> Iterator[None]:
    """Run a program, and kill it at the end. If we are killed first, the kernel kills it (setpriv)."""
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", "--", *command],
        env=environment,
        pass_fds=pass_fds,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()  # Xvfb removes its lock and socket
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def read_line(descriptor: int, timeout: float) -> str:
    """Read a line, which may come in several pieces. Fail if it does not come."""
    line = b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([descriptor], [], [], timeout)
        piece = os.read(descriptor, 64) if ready else b""
        if not piece:
            missing(f"Xvfb said no display number within {timeout:g} s, only {line!r}")
        line += piece
    return line.decode().strip()
