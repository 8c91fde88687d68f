"""Processes that debuggers, tracers and coverage tools do not follow: their command line and their environment. Pure.

These tools rewrite the command lines of Pythons that a program starts, and set variables by which a Python
loads them. A supervisor or a viewer that one of them runs comes up late or never, and outlives the run.
"""

from __future__ import annotations

import os

#: How the variables begin of debugpy, coverage, pytest-cov and viztracer; and the one that has a Python go on
#: with a prompt.
FOLLOWING = ("PYDEVD_", "DEBUGPY_", "COVERAGE_PROCESS_", "COV_CORE_", "VIZTRACER_", "PYTHONINSPECT")


def unfollowed(command: list[str]) -> list[str]:
    """A command that such tools do not take for a Python's, as ``env`` is its first word.

    ``env`` takes a word with "=" in it for a variable. The shell does not, but it drops the variables whose names it
    cannot write.

    Examples
    --------
    >>> unfollowed(["python3", "-c", ""])
    ['env', 'python3', '-c', '']
    """
    if "=" in command[0]:
        return ["sh", "-c", 'exec "$0" "$@"', *command]
    return ["env", *command]


def environment() -> dict[str, str]:
    """Our environment without the variables of such tools."""
    return {name: value for name, value in os.environ.items() if not name.startswith(FOLLOWING)}
