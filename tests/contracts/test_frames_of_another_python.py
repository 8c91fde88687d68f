"""Arguments that hold code, and a viewer with another minor version of Python: one clear error, no crash."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import asyncplot
from asyncplot.frames import Encoder, codec, decode
from pythons import another_python
from run_processes import computation_environment

pytestmark = pytest.mark.contract

HERE = "{}.{}".format(*sys.version_info[:2])

#: A viewer with another Python gets frames with code of the script, and plain frames between them.
SCRIPT = """
import dataclasses, enum, sys
import numpy as np
import asyncplot
from contract_plotters import Echo

@dataclasses.dataclass
class State:
    energy: float
    def double(self):
        return 2 * self.energy

class Kind(enum.Enum):
    ONE = 1

def function(x):
    return x + 1

class Derived(np.ndarray):
    pass

ODD = [State(1.0), State, Kind.ONE, function, np.zeros(3).view(Derived), {"a": [State(2.0)]}]
with asyncplot.Server(Echo, [sys.argv[1], "-c"], backend="offscreen", required=True) as plot:
    pid = plot.viewers[0].pid
    for odd in ODD:
        pending = plot.update(odd, np.zeros(3))
        pending.wait(20)
        assert pending.state == "failed", (odd, pending.state)
        try:
            pending.value
        except asyncplot.PlotterError as error:
            print(str(error).replace("\\n", " "))
        assert plot.update(5, np.arange(10.0)).value == 5
    try:
        plot.check()
    except asyncplot.PlotterError as error:
        print("checked", str(error).replace("\\n", " "))
    assert plot.stats.failed == len(ODD)
    assert plot.is_alive and plot.viewers[0].pid == pid
print("end")
"""


def test_it_is_one_clear_error(tmp_path: Path) -> None:
    """A frame with code of the script fails, with both versions in the message. Other frames are drawn."""
    other = another_python()
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    ran = subprocess.run(
        [sys.executable, str(script), other],
        env=computation_environment(), capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    *said, checked, end = ran.stdout.splitlines() or [ran.stderr, "", ""]
    assert end == "end", ran.stderr
    assert len(said) == 6
    for line in [*said, checked]:
        assert f"the computation runs Python {HERE}, this plotting interpreter is Python 3." in line
        assert "into a module that both can import, or pass plain data and arrays" in line
        assert "Traceback" not in line
    assert "__main__.State" in said[0]
    assert ran.stderr.count("the computation runs Python") == 1  # shown once, and counted afterwards
    assert "Traceback" not in ran.stderr


class Here:
    """A class of this file, which the viewer can import."""


def named(cls: Any) -> Any:
    """The class, as if it were defined in the script."""
    cls.__module__ = "__main__"
    setattr(sys.modules["__main__"], cls.__qualname__, cls)
    return cls


@pytest.fixture
def script_class() -> Any:
    """A class that is defined in the script."""
    cls = named(type("Scripted", (), {"double": lambda self: 2}))
    yield cls
    delattr(sys.modules["__main__"], "Scripted")


def sent(value: Any) -> Any:
    """The arguments as they arrive."""
    frame = Encoder().encode((value,), {})
    return decode(frame.header, frame.buffers)[0][0]


def test_the_same_python_is_as_before(script_class: type) -> None:
    """With the same Python, code is sent by value. Data with the text ``__main__`` stay plain data."""
    assert sent(script_class()).double() == 2
    assert sent("__main__") == "__main__"


@pytest.mark.parametrize(
    "value", ["__main__", ["__main__", None, type(None), int, len], Here, np.float64(1.0)]
)
def test_what_holds_no_code_crosses(monkeypatch: pytest.MonkeyPatch, value: Any) -> None:
    """Data that contain ``__main__`` or the names of modules are accepted by every version."""
    frame = Encoder().encode((value, "__main__"), {})
    monkeypatch.setattr(codec, "_PYTHON", "3.99")
    assert decode(frame.header, frame.buffers)[0] == (value, "__main__")


def test_what_holds_code_is_refused(monkeypatch: pytest.MonkeyPatch, script_class: type) -> None:
    """The message has the class and both versions. Nothing of the frame was loaded before."""
    frame = Encoder().encode((), {"state": [script_class()]})
    monkeypatch.setattr(codec, "_PYTHON", "3.99")
    with pytest.raises(asyncplot.FrameError, match=f"of __main__.Scripted, .* Python {HERE}, .* Python 3.99"):
        decode(frame.header, frame.buffers)
