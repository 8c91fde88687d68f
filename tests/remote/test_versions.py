"""Another minor version of Python on the other side of a relay: by name it works, by value it is one clear error."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

import asyncplot
from asyncplot import join
from conditions import wait_until
from far_host import FarHost, Network
from pythons import another_python
from remote_plotters import Moody
from test_pull import mirror_of, viewing

HERE = "{}.{}".format(*sys.version_info[:2])

#: A run of another Python; its plotter is that of a module, or of the script. It ends with its stdin.
COMPUTATION = """
import select, sys
sys.path[:0] = {paths!r}
import asyncplot
from remote_plotters import Moody

class Local(Moody):
    pass

with asyncplot.Server({plotter}, name="gpe", viewer=None) as plot:
    print("{{}}.{{}}".format(*sys.version_info[:2]), flush=True)
    number = 0
    while not select.select([sys.stdin], [], [], 0.005)[0]:
        plot.update(number := number + 1)
    print(plot.stats.called == number, flush=True)
"""


@contextmanager
def run_of_another_python(network: Network, far: FarHost, plotter: str) -> Iterator[str]:
    """A computation on node7 in another Python; gives its minor version, and sees that it made all its calls."""
    script = far.folder / "computation.py"
    script.write_text(COMPUTATION.format(paths=network.paths, plotter=plotter))
    with subprocess.Popen(
        ["ssh", "-T", far.name, f"exec {another_python()} {script}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
            process.stdin.close()
            assert process.stdout.readline() == "True\n"
            assert process.wait(10) == 0
        finally:
            process.kill()


def test_a_plotter_that_is_imported_by_name(far: FarHost) -> None:
    """A plotter of a module that both sides have works over ssh in another Python: frames, results, requests."""
    with asyncplot.Server(Moody, [another_python(), "-c"], host="node7", backend="offscreen") as plot:
        pending = plot.update([1, 2])
        pending.wait(40)
        plot.check()
        assert pending.value == [1, 2]
        assert plot.plotter.where()[0] == "node7"
        (viewer,) = plot.viewers
        assert not viewer.python.startswith(HERE)


def test_a_plotter_of_the_script(far: FarHost) -> None:
    """A plotter that only the script has cannot cross: one error, which names both versions, and the run goes on."""

    class Local:
        def update(self, value: int) -> None: ...

    with asyncplot.Server(Local, [another_python(), "-c"], host="node7", backend="offscreen") as plot:
        wait_until(lambda: not plot.is_alive, 40)
        with pytest.raises(asyncplot.AsyncplotError) as told:
            plot.check()
        assert f"the computation runs Python {HERE}" in str(told.value)
        assert "this plotting interpreter is Python 3." in str(told.value)
        plot.update(1)
        assert plot.stats.called == 1


def test_a_run_of_another_python_is_viewed(network: Network, far: FarHost) -> None:
    """`asyncplot view` here shows a run over there whose Python is another: frames come, and requests work."""
    with run_of_another_python(network, far, "Moody") as version:
        assert version != HERE
        with viewing("node7:gpe"):
            mirror_of("gpe")
            with join.attach("gpe-on-node7") as attached:
                first = len(attached.plotter.seen)
                wait_until(lambda: len(attached.plotter.seen) > first)
                assert attached.plotter.total(np.arange(3.0)) == 3.0


def test_a_viewed_plotter_of_the_script(network: Network, far: FarHost) -> None:
    """`asyncplot view` of a plotter that only the script over there has: one error, which names both versions."""
    with run_of_another_python(network, far, "Local") as version, viewing("node7:gpe") as process:
        out, errors = process.communicate(timeout=40)
        said = out + errors
        assert f"the computation runs Python {version}" in said
        assert f"this plotting interpreter is Python {HERE}" in said
        assert said.count("the computation runs Python") == 1
        assert process.returncode not in {0, None}
        assert "Traceback" not in said


#: Sends an object of the script through a relay to another Python, and plain data afterwards.
BY_VALUE = """
import sys
sys.path[:0] = {paths!r}
import asyncplot
from remote_plotters import Moody

class State:
    pass

with asyncplot.Server(Moody, [{other!r}, "-c"], host="node7", backend="offscreen") as plot:
    pending = plot.update(State())
    pending.wait(40)
    try:
        pending.value
    except asyncplot.PlotterError as error:
        print(str(error).replace("\\n", " "))
    print(plot.update([1, 2]).value, plot.is_alive)
"""


def test_an_object_of_the_script(network: Network, far: FarHost) -> None:
    """An argument whose class only the script has loses its frame, with one error that names both versions."""
    script = far.folder / "sender.py"
    script.write_text(BY_VALUE.format(paths=network.paths, other=another_python()))
    ran = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=50, check=False
    )
    told, went_on = ran.stdout.splitlines()
    assert "an argument of this frame, of __main__.State, cannot be sent" in told
    assert f"the computation runs Python {HERE}" in told
    assert went_on == "[1, 2] True"
