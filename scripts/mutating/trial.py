"""The trial of a mutant: it is put into a copy of the repository, and the tests run there.

In: a mutant, and tests. Out: a `Verdict`. The checkout is never touched. The tests run in a fork of this process, which has imported
what they need: that saves some seconds each time. asyncplot itself is imported in the fork.
"""

from __future__ import annotations

import compileall
import ctypes
import importlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import NamedTuple, NoReturn

import psutil
import pytest

from .mutants import Mutant

#: What the tests import. (Not asyncplot, and nothing that starts a thread.)
_IMPORTED = ("numpy", "pandas", "cloudpickle", "rpyc", "matplotlib.pyplot", "matplotlib.backends.backend_agg")

#: The number of ``prctl`` by which a process becomes the parent of orphans below it (Linux).
_PR_SET_CHILD_SUBREAPER = 36

#: How long the tests may take: so many times as long as without a change, and so many s more.
_TIMES, _MORE = 4.0, 20.0


class Verdict(NamedTuple):
    """What came out of one run of tests.

    Attributes
    ----------
    noticed : bool
        Whether a test failed, or the tests did not end in time.
    by : str
        The first test that failed, or what happened instead.
    seconds : float
        How long it took.
    """

    noticed: bool
    by: str
    seconds: float


class Ground:
    """A copy of the repository, in which mutants are tried. It is removed at the end of the context.

    Parameters
    ----------
    repository : Path
        What is copied: files that git knows, and new ones that it does not ignore.
    """

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._root = Path()
        self._limit = 600.0

    def __enter__(self) -> Ground:
        self._root = Path(tempfile.mkdtemp(prefix="asyncplot-mutants-"))
        names = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=self._repository, capture_output=True, check=True,
        ).stdout.split(b"\0")  # fmt: skip
        for name in filter(None, map(os.fsdecode, names)):
            if (self._repository / name).is_file():
                (self._root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(self._repository / name, self._root / name)
        # Byte code that is compared with its source: times of files are too coarse for changes that come so fast.
        compileall.compile_dir(
            self._root / "asyncplot", quiet=1, invalidation_mode=PycInvalidationMode.CHECKED_HASH
        )
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        for name in _IMPORTED:
            importlib.import_module(name)
        return self

    def __exit__(self, *_: object) -> None:
        _end_children()
        shutil.rmtree(self._root, ignore_errors=True)

    def baseline(self, tests: Sequence[str]) -> Verdict:
        """Run the tests without a change. From then on a mutant has some times as long."""
        self._limit = 600.0
        verdict = self._run(tests, first=True)
        self._limit = _TIMES * verdict.seconds + _MORE
        return verdict

    def trial(self, mutant: Mutant, tests: Sequence[str]) -> Verdict:
        """Run the tests on a mutant, until one of them fails."""
        path = self._root / mutant.module
        original = path.read_bytes()
        path.write_text(mutant.text)
        try:
            return self._run(tests)
        finally:
            path.write_bytes(original)

    def _run(self, tests: Sequence[str], *, first: bool = False) -> Verdict:
        start = time.monotonic()
        output = self._root / "output"
        pid = os.fork()
        if pid == 0:
            self._be_the_tests(tests, output, writes=first)
        try:
            code = _ended(pid, start + self._limit)
        finally:
            _end_children()
        seconds = time.monotonic() - start
        if code is None:
            return Verdict(True, f"no end after {self._limit:.0f} s", seconds)
        if code == 0:
            return Verdict(False, "", seconds)
        failed = re.search(r"^(?:FAILED|ERROR) (\S+)", output.read_text(errors="replace"), re.MULTILINE)
        return Verdict(True, failed[1] if failed else f"pytest ended with code {code}", seconds)

    def _be_the_tests(self, tests: Sequence[str], output: Path, *, writes: bool) -> NoReturn:
        """In the fork: run pytest, and end."""
        code = 1
        try:
            os.setsid()  # a Ctrl-C reaches the parent alone, which ends this
            signal.signal(signal.SIGINT, signal.default_int_handler)
            with open(output, "wb") as file:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
            with open(os.devnull) as file:
                os.dup2(file.fileno(), 0)
            os.chdir(self._root)
            sys.path[:] = [
                str(self._root),
                *(path for path in sys.path if not path.startswith(str(self._repository / "scripts"))),
            ]
            os.environ["PYTHONPATH"] = str(self._root)
            if not writes:
                sys.dont_write_bytecode = True
                os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
            options = [
                "-x",
                "-q",
                "-p",
                "no:randomly",
                "-p",
                "no:cacheprovider",
                "-m",
                "not soak and not slow",
                "--tb=short",
            ]
            code = int(pytest.main([*options, *tests]))
        except BaseException:  # noqa: BLE001 (it must not go on as a second parent)
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def _ended(pid: int, deadline: float) -> int | None:
    """Wait for a child, and return its exit code; None if it has not ended in time."""
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            return None
        time.sleep(0.02)


def _end_children() -> None:
    """Kill all that the tests left, and reap it."""
    for process in psutil.Process().children(recursive=True):
        try:
            process.kill()
        except psutil.Error:
            pass
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass
