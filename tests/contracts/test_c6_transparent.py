"""C6: the user's process does not change: signals, start method, backend, stdout, exit code, forks."""

from __future__ import annotations

import json
import os
import signal
import sys
import textwrap
from pathlib import Path

import pexpect
import pytest

from conditions import wait_until
from run_processes import computation, computation_environment, run_computation, viewer_pids

pytestmark = pytest.mark.contract

#: A script that reads the state of its own process.
STATE = """
import json, multiprocessing, os, signal, sys, threading, warnings
import numpy  # which adds to the warning filters

def state():
    return {
        "handlers": {int(number): repr(signal.getsignal(number)) for number in signal.valid_signals()},
        "mask": sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, ()))),
        "start method": multiprocessing.get_start_method(allow_none=True),
        "streams": [repr(sys.stdin), repr(sys.stdout), repr(sys.stderr)],
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "hooks": [repr(sys.excepthook), repr(threading.excepthook), repr(sys.displayhook)],
        "path": list(sys.path),
        "switch interval": sys.getswitchinterval(),
        "filters": [repr(entry) for entry in warnings.filters],
        "umask": os.umask(0o22),
    }
"""

PLOT = """
import asyncplot
from contract_plotters import Echo
"""


def test_the_process_stays_what_it_was(tmp_path: Path) -> None:
    """Signal handlers and mask, start method, streams, folder, environment and hooks stay the same."""
    code = f"""
{STATE}
os.umask(0o22)
before = state()
{PLOT}
with asyncplot.Server(Echo, backend="offscreen") as plot:
    for number in range(1000):
        plot.update(number)
    assert plot.flush(20)
    during = state()
    assert "matplotlib" not in sys.modules, "the computation's process needs no matplotlib"
    plotter = plot.plotter
after = state()
assert plot.stats.drawn > 0
assert before == during == after, [key for key in before if not before[key] == during[key] == after[key]]
assert "matplotlib" not in sys.modules
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("no child is left", end="")
"""
    done = run_computation(tmp_path, code)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "no child is left")


def test_the_users_backend_is_left_alone(tmp_path: Path) -> None:
    """A computation that plots by itself keeps its backend and its figures."""
    code = f"""
{PLOT}
import matplotlib
matplotlib.use("svg")
from matplotlib import pyplot
figure = pyplot.figure()
with asyncplot.Server(Echo, backend="offscreen") as plot:
    plot.update(1)
    assert plot.flush(20)
    assert matplotlib.get_backend() == "svg" and pyplot.get_fignums() == [1]
    assert not pyplot.isinteractive()
"""
    done = run_computation(tmp_path, code)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_a_plotter_prints_is_not_on_stdout(tmp_path: Path) -> None:
    """stdout has only what the computation prints. What the plotter prints goes to stderr, with its name."""
    code = f"""
{PLOT}
class Printing:
    def update(self):
        import os, sys
        print("from the plotter")
        os.write(1, b"and from below it\\n")
        print("its stdin:", repr(sys.stdin.read()))
with asyncplot.Server(Printing, backend="offscreen", name="talk") as plot:
    plot.update()
    assert plot.flush(20)
print("from the computation")
"""
    done = run_computation(tmp_path, code)
    assert done.returncode == 0
    assert done.stdout == "from the computation\n"
    lines = done.stderr.splitlines()
    assert sorted(lines) == [
        "[talk] and from below it",
        "[talk] from the plotter",
        "[talk] its stdin: ''",
    ]


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("pass", 0),
        ("sys.exit(7)", 7),
        ("raise ValueError('mine')", 1),
        ("os._exit(5)", 5),
        ("os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
        ("os.kill(os.getpid(), signal.SIGINT)", -signal.SIGINT),
    ],
)
@pytest.mark.parametrize("within", [True, False], ids=["with", "plain"])
def test_the_exit_code_is_the_computations(tmp_path: Path, ending: str, code: int, within: bool) -> None:
    """However the computation ends, its exit code is the same as without a plot."""
    end = f"with plot:\n    {ending}\n" if within else f"{ending}\n"
    done = run_computation(
        tmp_path,
        f"""
import os, signal, sys
{PLOT}
plot = asyncplot.Server(Echo, backend="offscreen")
plot.update(1)
assert plot.flush(20)
{end}""",
    )
    assert done.returncode == code
    assert done.stdout == ""
    own = [line for line in done.stderr.splitlines() if "asyncplot" in line and "script.py" not in line]
    assert not own, done.stderr


@pytest.mark.timeout(90)  # sixteen times Ctrl-C, and each time a frame is drawn
def test_ctrl_c_in_a_terminal_interrupts_the_computation_only(tmp_path: Path) -> None:
    """Ctrl-C is typed in a real terminal at random times: KeyboardInterrupt here, and the plot goes on."""
    script = tmp_path / "script.py"
    script.write_text(
        f"""
import random, sys, time
{PLOT}
import numpy as np
array = np.zeros(100_000)
with asyncplot.Server(Echo, backend="offscreen", max_overhead=1) as plot:
    assert plot.ready(20)
    pid = plot.viewers[0].pid
    for interrupt in range(16):
        try:
            print("go", interrupt, flush=True)
            while True:
                plot.update(interrupt, array)
        except KeyboardInterrupt:
            last = plot.update(-interrupt, array)
            print("flushed", plot.flush(20), last.value, flush=True)
    assert plot.is_alive and plot.viewers[0].pid == pid and len(plot.viewers) == 1
    plot.check()
    print("the end", flush=True)
sys.exit(3)
"""
    )
    terminal = pexpect.spawn(
        sys.executable, [str(script)], env=computation_environment(), timeout=20, encoding="utf-8", echo=False
    )
    try:
        for interrupt in range(16):
            terminal.expect(f"go {interrupt}\r\n")
            terminal.sendintr()  # writes the terminal's own interrupt character
            terminal.expect(f"flushed True -?{interrupt}\r\n")
        terminal.expect("the end\r\n")
        terminal.expect(pexpect.EOF)
        assert terminal.before.strip() == ""
        terminal.wait()
        assert terminal.exitstatus == 3
    finally:
        terminal.close(force=True)


def test_ctrl_c_while_the_viewer_starts(tmp_path: Path) -> None:
    """A Ctrl-C in the first moments that nobody catches ends the computation by SIGINT, and all its processes."""
    script = tmp_path / "script.py"
    script.write_text(
        f"{PLOT}\nwith asyncplot.Server(Echo, backend='offscreen') as plot:\n"
        "    print(plot.directory, flush=True)\n    while True:\n        plot.update(1)\n"
    )
    terminal = pexpect.spawn(
        sys.executable, [str(script)], env=computation_environment(), timeout=20, encoding="utf-8", echo=False
    )
    try:
        directory = Path(terminal.readline().strip())
        wait_until(lambda: viewer_pids(directory))
        terminal.sendintr()
        terminal.expect("KeyboardInterrupt")
        terminal.expect(pexpect.EOF)
        terminal.wait()
        assert terminal.signalstatus == signal.SIGINT
        wait_until(lambda: not viewer_pids(directory) and not directory.exists(), 3)
    finally:
        terminal.close(force=True)


FORK = """
import ctypes, json, os, sys, threading, warnings
counts = []
# Registered before asyncplot's own hook, and so run after it: the threads that the fork would meet.
os.register_at_fork(before=lambda: counts.append(len(os.listdir("/proc/self/task"))))
import asyncplot
from contract_plotters import Echo
warnings.simplefilter("always")
"""


def test_no_thread_and_no_warning_crosses_a_fork(tmp_path: Path) -> None:
    """At 200 forks in the middle of calls the process has one thread, and Python warns of no others."""
    code = f"""
{FORK}
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.ready(20)
        plot.plotter.update  # a control connection, with its thread
        children = []
        for fork in range(200):
            for number in range(300):
                plot.update(number)
            child = os.fork()
            if not child:
                os._exit(0)
            os.waitpid(child, 0)
            if fork % 50 == 0:
                plot.plotter.update
        last = plot.update(-1)
        assert plot.flush(20) and last.value == -1
        assert plot.is_alive
print(json.dumps({{"threads": sorted(set(counts)), "warnings": [str(each.message) for each in caught]}}))
"""
    done = run_computation(tmp_path, code)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"threads": [1], "warnings": []}


def test_the_waiting_frame_is_published_before_a_fork(tmp_path: Path) -> None:
    """If a frame waits when the process forks, it arrives without another call."""
    code = f"""
{FORK}
import time
with asyncplot.Server(Echo, backend="offscreen") as plot:
    assert plot.ready(20)
    for number in range(300):
        last = plot.update(number)
    child = os.fork()
    if not child:
        time.sleep(60)
    assert last.state in ("taken", "drawn"), last
    last.wait(20)
    assert last.value == 299, last.value
    os.kill(child, 9)
    os.waitpid(child, 0)
"""
    done = run_computation(tmp_path, code)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_fork_beside_a_thread_that_calls_flat_out(tmp_path: Path) -> None:
    """Forks end in time while another thread calls without a pause. Its last frame arrives without a further call."""
    code = f"""
{FORK}
warnings.simplefilter("ignore")  # Python 3.12 warns of the thread of this program
with asyncplot.Server(Echo, backend="offscreen") as plot:
    assert plot.ready(20)
    going, last = True, []
    def flat_out():
        while going:
            last[:] = [plot.update("again")]
        last[:] = [plot.update("last")]
    thread = threading.Thread(target=flat_out)
    thread.start()
    for fork in range(20):
        plot.update("forks")
        child = os.fork()
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
    going = False
    thread.join()
    last[0].wait(20)
    assert last[0].state == "drawn", last
"""
    done = run_computation(tmp_path, code)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_forked_child_does_nothing_and_warns_once(tmp_path: Path) -> None:
    """The child's calls are lost, with one warning. Its `close` ends nothing. The parent's plot goes on."""
    code = f"""
{FORK}
with asyncplot.Server(Echo, backend="offscreen") as plot:
    for number in range(100):
        plot.update(number)
    child = os.fork()
    if not child:
        for number in range(1000):
            pending = plot.update(number)
            plot.lane("second")(number)
        assert pending.state == "off" and plot.stats.called == 0, (pending, plot.stats)
        assert not plot.flush(20) and not plot.is_alive and plot.viewers[0].phase == "off"
        assert len(os.listdir("/proc/self/task")) == 1
        plot.close()
        del plot
        sys.exit(9)  # with everything that the end of an interpreter runs
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    last = plot.update("after")
    assert plot.flush(20) and last.value == "after"
    plot.check()
"""
    done = run_computation(tmp_path, code)
    assert done.returncode == 0, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "forked child" in done.stderr


def test_a_fork_after_close_changes_nothing(tmp_path: Path) -> None:
    """A closed server has nothing more to do with forks: the child keeps its numbers and all descriptors of others."""
    code = f"""
{FORK}
plot = asyncplot.Server(Echo, viewer=None)
for number in range(100):
    last = plot.update(number)
plot.close()
stats, state = plot.stats, last.state
assert (stats.called, state) == (100, "lost"), (stats, state)
mine = [os.dup(0) for _ in range(50)]  # they take the numbers that the server's descriptors had
child = os.fork()
if not child:
    assert plot.stats == stats, plot.stats
    assert (last.state, plot.update(1).state) == (state, "lost"), last
    for descriptor in mine:
        os.fstat(descriptor)
    sys.exit(9)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
"""
    done = run_computation(tmp_path, code)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_child_that_outlives_the_computation_holds_nothing(tmp_path: Path, runtime_dir: Path) -> None:
    """Viewer and run directory end with the computation, although a forked worker of it lives on."""
    code = f"""
{FORK}
import time
plot = asyncplot.Server(Echo, backend="offscreen")
plot.update(1)
assert plot.flush(20)
child = os.fork()
if not child:
    os.close(1); os.close(2)
    time.sleep(60)
print(child, plot.directory, flush=True)
os.kill(os.getpid(), 9)
"""
    done = run_computation(tmp_path, code)
    assert done.returncode == -signal.SIGKILL
    child, directory = done.stdout.split()
    try:
        wait_until(lambda: not viewer_pids(Path(directory)) and not Path(directory).exists(), 3)
    finally:
        os.kill(int(child), signal.SIGKILL)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_works_beside_a_plot(tmp_path: Path, method: str) -> None:
    """A pool of each start method works while the plot goes on, and the plot goes on after the pool."""
    code = f"""
import asyncplot, multiprocessing, sys
from contract_plotters import Echo

def square(number):
    return number * number

if __name__ == "__main__":
    with asyncplot.Server(Echo, backend="offscreen") as plot:
        for number in range(300):
            plot.update(number)
        with multiprocessing.get_context({method!r}).Pool(2) as pool:
            for value in pool.imap(square, range(100)):
                plot.update(value)
            pool.close()
            pool.join()
        last = plot.update(-1)
        assert plot.flush(20) and last.value == -1
        plot.check()
        print("squared", value)
"""
    done = run_computation(tmp_path, code)
    own = "\n".join(line for line in done.stderr.splitlines() if "asyncplot" in line)
    assert (done.returncode, done.stdout, own) == (0, "squared 9801\n", "")


def test_stderr_ends_with_the_computation(tmp_path: Path) -> None:
    """A reader of the computation's streams (`... | tee log`) does not have to wait for the viewer."""
    code = f"""
{PLOT}
plot = asyncplot.Server(Echo, backend="offscreen", persist=True)
plot.update(1)
assert plot.flush(20)
print(plot.directory, flush=True)
import os
os._exit(0)
"""
    with computation(tmp_path, textwrap.dedent(code)) as process:
        out, err = process.communicate(timeout=20)  # to the end of both streams
        directory = Path(out.strip())
        pids = viewer_pids(directory)
        assert pids, err
        os.kill(pids[0], signal.SIGKILL)
        wait_until(lambda: not directory.exists(), 5)
