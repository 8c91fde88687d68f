"""Figures under the cell of a notebook while it computes: a real kernel, and a client that shows nothing but notes what it gets."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import asyncplot
from driven_page import unpacked

HERE = Path(__file__).parent

PLOTTER = """
import asyncplot, numpy as np, time

class Wave:
    def __init__(self, number=1):
        from matplotlib import pyplot
        self.lines = [pyplot.subplots()[1].plot(np.zeros(200))[0] for _ in range(number)]

    def update(self, y):
        for line in self.lines:
            line.set_ydata(y)

class Two(Wave):
    def __init__(self):
        super().__init__(2)

def busy(plot, pictures):
    '''Compute in pure Python until the plot has shown so many.'''
    end, number = time.monotonic() + 40, 0
    while plot.output_count() < pictures and time.monotonic() < end:
        number += 1
        plot.update(np.sin(np.linspace(0, 6, 200) + number))
        sum(range(2000))

class Counted(asyncplot.Server):
    def output_count(self):
        shown = self._session.output._shown
        self.numbers = getattr(self, 'numbers', set()) | {each.number for each in shown}
        return len(self.numbers)
"""


class Ran(NamedTuple):
    """What came of the cells.

    Attributes
    ----------
    messages : list of dict
        What the kernel has sent, in its order, with the number of the execution.
    outputs : list of list of dict
        What the saved notebook has, for each cell.
    """

    messages: list[dict[str, Any]]
    outputs: list[list[dict[str, Any]]]

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        """The messages of these types."""
        return [each for each in self.messages if each["type"] in kinds]

    def said(self) -> str:
        """What the cells have printed."""
        return "".join(each["text"] for each in self.of("stream"))


@pytest.fixture
def execute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run cells in a kernel of this Python."""
    monkeypatch.delenv("ASYNCPLOT_BACKEND", raising=False)
    kernel = tmp_path / "kernels" / "here" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": command, "display_name": "here", "language": "python"}))
    own = {"JUPYTER_PATH": tmp_path, "IPYTHONDIR": tmp_path / "ipython", "JUPYTER_RUNTIME_DIR": tmp_path}
    environment = {**os.environ, **{name: str(path) for name, path in own.items()}}
    environment["PYTHONPATH"] = str(Path(asyncplot.__file__).parents[1])

    def executed(*cells: str, order: list[int] | None = None) -> Ran:
        every = [PLOTTER, *cells]
        told = json.dumps([every, order or list(range(len(every)))])
        ran = subprocess.run(
            [sys.executable, str(HERE / "notebook_client.py"), told],
            env=environment, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        found = Ran(**json.loads(ran.stdout))
        assert not found.of("error")

        return found

    return executed


@pytest.mark.timeout(120)
def test_pictures_come_while_the_cell_computes(execute: Any) -> None:
    """One output is made in the cell, and renewed while it computes. The saved notebook has one exact picture of the last frame."""
    ran = execute(
        "plot = Counted(Wave)\nbusy(plot, 4)\nprint('computed', repr(plot.url))",
        "plot.update(np.zeros(200)); plot.flush(30); plot.close()",
    )
    (made,) = ran.of("display_data")
    assert made["execution"] == 1
    assert "computed ''" in ran.said()  # there is no port
    renewed = ran.of("update_display_data")
    assert {each["transient"]["display_id"] for each in renewed} == {made["transient"]["display_id"]}
    computed = next(number for number, each in enumerate(ran.messages) if "computed" in each.get("text", ""))
    during = [each for each in ran.messages[:computed] if each["type"] == "update_display_data"]
    assert len(during) >= 3
    for each in renewed:
        (mime,) = set(each["data"]) - {"text/plain"}
        assert each["metadata"] == {mime: {"width": 640, "height": 480}}
    (output,) = [each for each in ran.outputs[1] if each["output_type"] == "display_data"]
    pixels = unpacked(base64.b64decode(output["data"]["image/png"]))
    assert pixels.shape == (480, 640, 3)
    is_line = np.abs(pixels[:, 110:540].astype(int) - (31, 119, 180)).max(axis=2) < 40
    assert is_line.mean(axis=1).max() > 0.9  # it is level


@pytest.mark.timeout(120)
def test_a_cell_that_runs_again_replaces_its_plot(execute: Any) -> None:
    """The run before is closed, and one picture is left in the output of the cell."""
    ran = execute(
        "plot = Counted(Wave, name='wave')\nbusy(plot, 1)\nprint(plot.name)",
        "plot.close()",
        order=[0, 1, 1, 2],
    )
    assert [each["execution"] for each in ran.of("display_data")] == [1, 2]
    assert ran.said().count("wave") == 2
    assert len([each for each in ran.outputs[1] if each["output_type"] == "display_data"]) == 1


@pytest.mark.timeout(120)
def test_a_plot_in_another_cell(execute: Any) -> None:
    """As the last expression of another cell it is shown there, too; both have the last picture. Two figures are two images."""
    ran = execute("plot = Counted(Two)\nbusy(plot, 1)", "plot", "plot.close()")
    first, second = ran.of("display_data")
    assert (first["execution"], second["execution"]) == (1, 2)
    assert first["transient"] == second["transient"]
    (one,), (other,) = [
        [each for each in ran.outputs[number] if each["output_type"] == "display_data"] for number in (1, 2)
    ]
    assert one["data"] == other["data"]
    assert one["data"]["text/html"].count("<img") == 2


@pytest.mark.timeout(120)
def test_an_explicit_backend_is_as_elsewhere(execute: Any) -> None:
    """With ``backend=``, a cell has no figure; the plot is text there."""
    ran = execute(
        "plot = asyncplot.Server(Wave, backend='offscreen')\nplot.update(np.zeros(200)).value",
        "plot",
        "plot.close()",
    )
    assert not ran.of("display_data", "update_display_data")
    (result,) = ran.of("execute_result")
    assert "asyncplot.Server" in result["data"]["text/plain"]


@pytest.mark.timeout(120)
def test_a_fork_in_a_cell(execute: Any) -> None:
    """A forked child shows nothing and ends as it should; the pictures go on in the parent."""
    ran = execute(
        "import os\nplot = Counted(Wave)\nbusy(plot, 1)\nchild = os.fork()\nif not child:\n    os._exit(5)\n"
        "print('child', os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\nbusy(plot, 3)\nprint(len(plot.numbers))",
        "plot.close()",
    )
    assert "child 5\n3" in ran.said(), ran.said()


def test_outside_of_a_kernel_nothing_is_imported() -> None:
    """A program does not import what notebooks need."""
    code = "import sys, asyncplot\nwith asyncplot.Server(dict, viewer=None): pass\nprint('asyncplot.notebook' in sys.modules, 'tornado' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=True)
    assert ran.stdout.split() == ["False", "False"]


@pytest.mark.timeout(120)
def test_a_viewer_that_is_killed_or_stopped(execute: Any) -> None:
    """Killed, the next viewer of the run is shown in the same place. Stopped, `close` takes no longer than elsewhere."""
    ran = execute(
        "import os, signal\nplot = Counted(Wave, respawn=True)\nbusy(plot, 1)\nos.kill(plot.viewers[0].pid, signal.SIGKILL)\n"
        "plot.numbers = set(); plot._session.output._shown = ()\nbusy(plot, 2)\nprint('again', len(plot.numbers))",
        "os.kill(plot.viewers[-1].pid, signal.SIGSTOP)\nstart = time.monotonic()\nplot.close()\n"
        "print('closed', time.monotonic() - start < 5)",
    )
    assert "again 2" in ran.said()
    assert "closed True" in ran.said()
    assert len(ran.of("display_data")) == 1
