"""How debuggers, tracers and coverage tools are kept out of a process that we start: its command and environment. Pure.

These tools rewrite the command line of each Python that a program starts, and set variables by which a Python
loads them. A supervisor or a viewer in which such a tool runs comes up late or never, and outlives the run.
"""

from __future__ import annotations

import os

#: The variables of debugpy, coverage, pytest-cov and viztracer begin so. The last one has a Python go on with a prompt.
FOLLOWING = ("PYDEVD_", "DEBUGPY_", "COVERAGE_PROCESS_", "COV_CORE_", "VIZTRACER_", "PYTHONINSPECT")


def unfollowed(command: list[str]) -> list[str]:
    """A command that such tools do not take for a Python, as its first word is ``env``.

    ``env`` takes a word with "=" in it for a variable, so a shell starts such a command. A shell does not start all: it
    drops variables whose names are no names for it.

    Examples
    --------
    >>> unfollowed(["python3", "-c", ""])
    ['env', 'python3', '-c', '']
    """
    if "=" in command[0]:
        return ["sh", "-c", 'exec "$0" "$@"', *command]
    return ["env", *command]


def environment() -> dict[str, str]:
    """The environment of this process, without the variables of such tools."""
    return {name: value for name, value in os.environ.items() if not name.startswith(FOLLOWING)}
