"""Other interpreters for viewers: of another minor version, or with packages of the system."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conditions import missing

#: Read at import, because our variables are removed from the environment of a test.
OTHER_PYTHON = os.environ.get("ASYNCPLOT_TEST_PYTHON", "")


def another_python() -> str:
    """An interpreter of another minor version with numpy, matplotlib, cloudpickle and rpyc."""
    candidates = [
        OTHER_PYTHON,
        *(f"python3.{minor}" for minor in (11, 12, 13, 14)),
    ]
    candidates += sorted(map(str, Path.home().glob(".pyenv/versions/3.1[1-9]*/bin/python")))
    asks = "import sys, numpy, matplotlib, cloudpickle, rpyc; print(*sys.version_info[:2])"
    for candidate in filter(None, candidates):
        if shutil.which(candidate) is None:
            continue
        ran = subprocess.run([candidate, "-c", asks], capture_output=True, text=True, check=False, timeout=20)
        if ran.returncode == 0 and tuple(map(int, ran.stdout.split())) != sys.version_info[:2]:
            return candidate
    # Not `missing`, which fails in CI: a machine may have only one Python.
    pytest.skip("no Python of another minor version here; ASYNCPLOT_TEST_PYTHON may name one")


#: Code for ``python -c``: it adds the packages of Debian's Python behind all others, and runs the code that follows it.
_WITH_DEBIANS = "import sys; sys.path.append('/usr/lib/python3/dist-packages'); exec(sys.argv[1])"


def python_with(*modules: str) -> list[str]:
    """A command for a viewer: this Python, which finds packages of the system's Python (Debian), too.

    PyPI has some toolkits as sources only, which take long to build. Debian has them built, for the minor version of its own
    Python. If ours is another one, the test is skipped, in CI too: no package could help.
    """
    ask = "import sys; print(*sys.version_info[:2])"
    system_python = "/usr/bin/python3"
    if not os.access(system_python, os.X_OK):
        pytest.skip(f"no {system_python} here, whose packages this test needs")
    minor = subprocess.run(
        [system_python, "-c", ask], capture_output=True, text=True, check=False, timeout=20
    ).stdout
    if tuple(map(int, minor.split())) != sys.version_info[:2]:
        pytest.skip(f"the packages of {system_python} are for another minor version of Python")
    command = [sys.executable, "-c", _WITH_DEBIANS]
    ran = subprocess.run(
        [*command, f"import {', '.join(modules)}"], capture_output=True, check=False, timeout=20
    )
    if ran.returncode:
        missing(f"{system_python} has no {', '.join(modules)}")
    return command
