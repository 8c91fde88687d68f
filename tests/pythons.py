"""Other Pythons on this machine: in a few tests the two sides have different minor versions."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
