"""An interrupted `Server(...)` leaves nothing behind, and never works in the directory of the next one."""

from __future__ import annotations

import contextlib
import gc
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import asyncplot
from asyncplot.launch import supervisor
from asyncplot.rundir import BoardWriter, ViewerFiles
from conditions import wait_until
from contract_plotters import Echo
from leaks import open_descriptors
from run_processes import is_stopped, named_pids

pytestmark = pytest.mark.contract

PACKAGE = str(Path(asyncplot.__file__).parent)

#: How often the start is interrupted: at chosen lines; and by a signal.
LINES, SIGNALS = 60, 30


def make() -> asyncplot.Server:
    """A server with a viewer. All have the same name."""
    return asyncplot.Server(Echo, name="same", backend="offscreen")


class Tracer:
    """Notes the lines of asyncplot that run, and interrupts at the n-th line that has not run before."""

    def __init__(self, interrupted: int = 0) -> None:
        self.lines: set[tuple[str, int]] = set()
        self._interrupted = interrupted

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE) or is_in_destructor(frame):
            return None
        line = frame.f_code.co_filename, frame.f_lineno
        if event == "line" and line not in self.lines:
            self.lines.add(line)
            if len(self.lines) == self._interrupted:
                sys.settrace(None)
                raise KeyboardInterrupt
        return self


def is_in_destructor(frame: FrameType | None) -> bool:
    """Whether Python would swallow an interrupt here."""
    while frame is not None and frame.f_code.co_name != "__del__":
        frame = frame.f_back
    return frame is not None


@contextmanager
def traced(tracer: Tracer) -> Iterator[None]:
    """Let a tracer see each line, in place of any other tracer of this process."""
    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        yield
    finally:
        sys.settrace(before)


@contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """Raise KeyboardInterrupt in the main thread after this time, wherever the thread is."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def assert_nothing_is_left(runtime_dir: Path, descriptors: dict[int, tuple[int, int]]) -> None:
    """At once: no directory, and no descriptor (except what a cycle holds). In a moment: no process."""
    assert list(runtime_dir.iterdir()) == []
    gc.collect()
    assert open_descriptors() == descriptors
    wait_until(lambda: not named_pids(runtime_dir), 5)


def interrupt_often(runtime_dir: Path, instants: list[Any], at: Callable[[Any], Any]) -> int:
    """Interrupt a start at each line or time, and check what is left. Returns how many starts were interrupted."""
    make().close()  # load all modules before
    descriptors = open_descriptors()
    interrupted = 0
    for instant in instants:
        try:
            with at(instant):
                plot = make()
        except KeyboardInterrupt:
            interrupted += 1
        else:
            plot.close()
        assert_nothing_is_left(runtime_dir, descriptors)
    return interrupted


@pytest.mark.timeout(120)  # about 60 viewers start
def test_at_each_part_of_the_start(runtime_dir: Path) -> None:
    """Interrupted at 60 lines from the first to the last, a start leaves no folder, descriptor or process."""
    make().close()
    tracer = Tracer()
    with traced(tracer):
        plot = make()
    plot.close()
    lines = [1 + number * (len(tracer.lines) - 1) // LINES for number in range(LINES)]
    interrupted = interrupt_often(runtime_dir, lines, lambda line: traced(Tracer(line)))
    assert interrupted > 0.9 * LINES  # the number of lines varies a little
    with make() as plot:
        assert plot.name == "same"
        assert plot.update(1).value == 1


@pytest.mark.timeout(120, method="thread")  # SIGALRM is the test's own
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # in a destructor
def test_at_any_time(runtime_dir: Path) -> None:
    """Interrupted by a signal at 30 times, a start leaves nothing. The next server gets the name, and works."""
    make().close()
    start = time.perf_counter()
    plot = make()
    seconds = time.perf_counter() - start
    plot.close()
    chosen = random.Random(8)
    instants = [chosen.uniform(0.0, seconds) + 1e-5 for _ in range(SIGNALS)]
    interrupt_often(runtime_dir, instants, interrupted_after)
    with make() as plot:
        assert plot.name == "same"
        assert plot.update(1).value == 1


@pytest.mark.timeout(60, method="thread")  # SIGALRM is the test's own
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # in a destructor
def test_while_it_waits_for_the_viewer(runtime_dir: Path) -> None:
    """With `required`, an interrupt of the long wait also ends the viewer."""
    make().close()
    descriptors = open_descriptors()
    silent = [sys.executable, "-c", "import time; time.sleep(50)"]
    for seconds in (0.1, 0.3):
        with pytest.raises(KeyboardInterrupt), interrupted_after(seconds):
            asyncplot.Server(Echo, silent, name="same", required=True)
        assert_nothing_is_left(runtime_dir, descriptors)


def test_a_supervisor_that_is_late_leaves_the_next_run_alone(runtime_dir: Path) -> None:
    """If another run has the same path when the supervisor starts, the supervisor ends, and changes nothing."""
    gone = runtime_dir / "gone"
    gone.mkdir()
    descriptor = os.open(gone, os.O_RDONLY)
    gone.rmdir()
    with make() as plot:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-S", supervisor.__file__, str(plot.directory)],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, descriptor, supervisor.RUN),
            ],
        )
        os.close(descriptor)
        assert os.waitpid(pid, 0)[1] == 0
        assert plot.directory is not None
        wait_until(lambda: len(named_pids(plot.directory)) == 2)  # its own supervisor and its viewer
        assert plot.update(1).value == 1


def test_a_supervisor_that_was_held_up_removes_its_own_directory_only(runtime_dir: Path) -> None:
    """If the next run has made the directory anew, the old supervisor does not remove it when it ends."""
    first = make()
    assert first.ready(20)
    directory = first.directory
    assert directory is not None
    (pid,) = set(named_pids(directory)) - {viewer.pid for viewer in first.viewers}
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: is_stopped(pid))
    os.kill(first.viewers[0].pid, signal.SIGKILL)
    shutil.rmtree(directory)
    with make() as second:
        assert second.directory == directory
        os.kill(pid, signal.SIGCONT)
        first.close()
        wait_until(lambda: pid not in named_pids(directory))
        assert second.update(1).value == 1
        assert second.is_alive
    assert not directory.exists()


def test_two_starts_at_once_do_not_share_a_directory(runtime_dir: Path) -> None:
    """Processes that start and end runs of the same name again and again do not disturb each other."""
    code = (
        "import sys, asyncplot\nfrom contract_plotters import Echo\n"
        "for _ in range(12):\n"
        "    plot = asyncplot.Server(Echo, name='same', viewer=None)\n"
        "    assert (plot.directory / 'launch.json').exists()\n"
        "    plot.update(1)\n"
        "    assert (plot.directory / 'alive').exists()\n"
        "    plot.close()\n"
    )
    paths = os.pathsep.join([str(Path(PACKAGE).parent), str(Path(__file__).parent)])
    command = [sys.executable, "-c", code]
    processes = [
        subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths}, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=50)
        assert errors == ""
        assert process.returncode == 0
    wait_until(lambda: not list(runtime_dir.iterdir()), 5)


def test_a_board_that_is_opened_in_vain_is_closed(tmp_path: Path) -> None:
    """A Ctrl-C at any line, while a viewer's board is opened, leaves no descriptor open."""
    folder = tmp_path / "viewer-1"
    folder.mkdir()
    BoardWriter(folder).close()
    descriptors = open_descriptors()
    for line in range(1, 60):
        files = ViewerFiles(folder)
        with contextlib.suppress(KeyboardInterrupt), traced(Tracer(line)):
            assert files.board is not None
        assert files.board is not None
        files.close(0)
        assert open_descriptors() == descriptors, line
