"""A cell of a notebook, or an input of an IPython prompt, that is executed again: real kernels, real prompts, real windows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import asyncplot
from asyncplot.compute import cells

FOLDERS = [Path(asyncplot.__file__).parents[1], Path(__file__).parent, Path(__file__).parents[1]]

#: A kernel and a client that sends cells with their ids, as JupyterLab does; functions for what it sees.
CLIENT = """
import contextlib, json, sys
import jupyter_client
import desktop
from conditions import wait_until

@contextlib.contextmanager
def kernel():
    manager = jupyter_client.KernelManager()
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=40)
        yield lambda source, cell=None: execute(client, source, cell)
    finally:
        client.stop_channels()
        manager.shutdown_kernel()

def execute(client, source, cell):
    "Execute a cell; returns what its last line is worth."
    content = dict(code=source, silent=False, store_history=True, user_expressions={}, allow_stdin=False, stop_on_error=True)
    message = client.session.msg("execute_request", content, metadata={"cellId": cell} if cell else {})
    client.shell_channel.send(message)
    result = None
    while True:
        answer = client.get_iopub_msg(timeout=50)
        if answer["parent_header"].get("msg_id") != message["header"]["msg_id"]:
            continue
        kind, content = answer["msg_type"], answer["content"]
        if kind == "execute_result":
            result = eval(content["data"]["text/plain"])
        assert kind != "error", content["traceback"]
        if kind == "status" and content["execution_state"] == "idle":
            return result

def place(title):
    "Left, top, width and height of a window with its frame, by the window manager."
    lines = [line.split(None, 7) for line in desktop.tool("wmctrl", "-lG").splitlines()]
    return [tuple(map(int, line[2:6])) for line in lines if line[-1].endswith(title)]

def move(title, x, y, width, height):
    "As its user does, until it is there."
    window = hex(desktop.window(title).id)
    desktop.tool("wmctrl", "-i", "-r", window, "-e", f"0,{x},{y},{width},{height}")
    wait_until(lambda: place(title)[0][2:] == (width, height), what="the size")

"""

WINDOWS = """
PLOTTER = '''
import asyncplot
class Two:
    size = (4, 3)
    def __init__(self):
        from matplotlib import pyplot
        self.figures = [pyplot.figure(figsize=self.size), pyplot.figure(figsize=(3, 2))]
        for figure, title in zip(self.figures, ("first", "second")):
            figure.canvas.manager.set_window_title(title)
    def update(self, value):
        return value
'''
backend = sys.argv[1]
with kernel() as run:
    run(PLOTTER, "definition")
    start = f"plot = asyncplot.Server(Two, backend={backend!r}, required=True); plot.update(1).wait(); plot.name, plot"
    name = f"{start}.name"
    assert run(name, "start") == ("plot", "plot")
    move("first", 300, 200, 500, 350)
    move("second", 60, 500, 280, 260)
    before = place("first"), place("second")
    wait_until(lambda: "500, 350" in run("open(plot.directory / 'viewer-1' / 'windows.json').read()", "look"))
    wait_until(lambda: "280, 260" in run("open(plot.directory / 'viewer-1' / 'windows.json').read()", "look"))
    # The same cell, edited: the old windows have gone, and the new ones stand where they stood.
    assert run("import math\\n" + name, "start") == ("plot", "plot")
    assert (place("first"), place("second")) == before, (place("first"), place("second"), before)
    # A plotter with another size of its own gets that, at the old place.
    run("Two.size = 5, 2", "size")
    run(name, "start")
    (x, y, width, height), = place("first")
    assert (x, y) == before[0][0][:2] and width >= 500 and height < 300, place("first")
    assert place("second") == before[1]
print("done")
"""

SERVERS = """
with kernel() as run:
    run('''
import asyncplot
class Echo:
    def update(self, value): return value
def make(**options):
    return asyncplot.Server(Echo, viewer=None, **options)
''', "definition")
    names = "[each.name for each in plots]"
    three = f"plots = [make(), make(), make(name='named')]; {names}"
    assert run(three, "one") == ["plot", "plot-2", "named"]
    assert run(f"others = [make()]; [each.name for each in others]", "two") == ["plot-3"]
    # Each takes the name of the one whose place it takes; the other cell's is left alone.
    assert run("old = plots", "three") is None
    assert run(three, "one") == ["plot", "plot-2", "named"]
    assert run("[each.directory is not None and each.directory.exists() for each in others]", "x") == [True]
    assert run("[each.update(1).state for each in old]", "x") == ["lost"] * 3
    # Fewer than before: what is left over has closed, too.
    assert run("plots = [make(name='named')]; " + names, "one") == ["named"]
    assert run("import os; sorted(os.listdir(plots[0].directory.parent))", "x") == ["named", "plot-3"]
    # One that is off, or another kind, closes the earlier ones, too.
    run("plots = [make(enabled=False)]", "one")
    assert run("sorted(os.listdir(others[0].directory.parent))", "x") == ["plot-3"]
    # One that persists is closed as well: the computation has not ended.
    assert run("lasting = asyncplot.Server(Echo, backend='offscreen', persist=True, required=True); lasting.name", "p") == "plot"
    assert run("lasting = asyncplot.Server(Echo, backend='offscreen', persist=True, required=True); lasting.name", "p") == "plot"
    run("lasting = asyncplot.Server(Echo, enabled=False)", "p")
    # Where the front end tells no ids, the source does.
    assert run("again = make(); again.name") == "plot"
    assert run("again = make(); again.name") == "plot"
    assert run("more = make(); more.name") == "plot-2"
    run("[each.close() for each in (*others, again, more)]; None")
print("done")
"""


def run_client(folder: Path, code: str, *words: str) -> None:
    """Run a client of a kernel in a process of its own, as it keeps an event loop."""
    pytest.importorskip("jupyter_client")
    pytest.importorskip("ipykernel")
    kernel = folder / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": command, "display_name": "here", "language": "python"}))
    own = {"JUPYTER_PATH": folder, "IPYTHONDIR": folder / "ipython", "JUPYTER_RUNTIME_DIR": folder}
    ran = subprocess.run(
        [sys.executable, "-c", CLIENT + code, *words],
        env={**os.environ, **own, "PYTHONPATH": os.pathsep.join(map(str, FOLDERS))},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert ran.stdout == "done\n", ran.stdout + ran.stderr


@pytest.mark.timeout(120)
@pytest.mark.parametrize("backend", ["qt", "tk"])
def test_windows_keep_their_places(tmp_path: Path, display: str, backend: str) -> None:
    """A cell that is executed again has its windows where its user had put them, as large as they were."""
    run_client(tmp_path, WINDOWS, backend)


@pytest.mark.timeout(120)
def test_servers_of_a_cell(tmp_path: Path) -> None:
    """What an earlier execution made closes, and names are kept; within one execution, and between cells, nothing changes."""
    run_client(tmp_path, SERVERS)


#: What is typed at a plain prompt, and the names of the servers that there are then.
PROMPT = [
    ("plot = make(name='mine')", ["mine"]),
    ("plot = make(name='mine')", ["mine"]),
    ("both = [make(name='mine'), make(name='mine')]", ["mine", "mine-2"]),
    ("nameless = [make()]", ["mine", "mine-2", "plot"]),
    ("nameless.append(make())", ["mine", "mine-2", "plot", "plot-2"]),
    ("%run SCRIPT", ["mine", "mine-2", "plot", "plot-2", "script"]),
    ("%run SCRIPT", ["mine", "mine-2", "plot", "plot-2", "script"]),
]

DEFINITION = (
    "import asyncplot, os, pathlib; make = lambda **given: asyncplot.Server(type('P', (), {'update': print}), "
    "viewer=None, **given)"
)
NAMES = "print('there are', sorted(os.listdir(os.environ['ASYNCPLOT_RUNTIME_DIR'])))"


def test_at_a_prompt(tmp_path: Path) -> None:
    """At a plain IPython prompt the same explicit name, or the same script, takes the place of the earlier one."""
    pexpect = pytest.importorskip("pexpect")
    pytest.importorskip("IPython")
    script = tmp_path / "script.py"
    script.write_text(f"{DEFINITION}\nplot = make()\n")
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path), "PYTHONPATH": str(FOLDERS[0]), "TERM": "dumb"}
    words = ["-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor"]
    prompt = pexpect.spawn(sys.executable, words, env=environment, encoding="utf-8", timeout=30, echo=False)
    try:
        for line, names in [(DEFINITION, []), *PROMPT]:
            prompt.expect(r"In \[\d+\]: ")
            prompt.sendline(line.replace("SCRIPT", str(script)))
            prompt.expect(r"In \[\d+\]: ")
            prompt.sendline(NAMES)
            prompt.expect(r"there are (\[.*?\])")
            assert json.loads(prompt.match.group(1).replace("'", '"')) == names, line
        prompt.sendline("exit")
        prompt.expect(pexpect.EOF)
    finally:
        prompt.close(force=True)


def in_ipython(monkeypatch: pytest.MonkeyPatch, **shell: Any) -> None:
    """Have a shell with these attributes be the one that runs."""
    ipython: Any = ModuleType("IPython")
    ipython.get_ipython = lambda: SimpleNamespace(**shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)


def message(**parts: Any) -> dict[str, Any]:
    """What a kernel carries out."""
    return {"get_parent": lambda: {"header": {"msg_id": "m"}, "content": {"code": "x"}, **parts}}


@pytest.mark.parametrize(
    ("shell", "cell"),
    [
        (message(metadata={"cellId": "id"}), (("cell", "id"), (3, "m"))),
        (message(metadata={}), (("source", "x"), (3, "m"))),
        (message(metadata=None, header=None), (("source", "x"), (3, ""))),
        (message(content={"comm_id": "a widget's"}), None),
        ({"get_parent": dict}, (("name", "given"), (3, ""))),
        ({"get_parent": lambda: "nonsense"}, (("name", "given"), (3, ""))),
        ({}, (("name", "given"), (3, ""))),
    ],
)
def test_which_cell_it_is(monkeypatch: pytest.MonkeyPatch, shell: dict[str, Any], cell: Any) -> None:
    """The id of the cell tells, else its source, else the name; nonsense from a kernel is no error."""
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    in_ipython(monkeypatch, execution_count=3, **shell)
    assert cells.present("given") == cell
    if cell is not None and cell[0][0] == "name":
        assert cells.present(None) is None


@pytest.mark.parametrize("ipython", [None, ModuleType("IPython"), SimpleNamespace(get_ipython=lambda: None)])
def test_no_cell_in_a_script(monkeypatch: pytest.MonkeyPatch, ipython: Any) -> None:
    """Where IPython is not there, is just being imported, or runs no shell, there are no cells."""
    if ipython is None:
        monkeypatch.delitem(sys.modules, "IPython", raising=False)
    else:
        monkeypatch.setitem(sys.modules, "IPython", ipython)
    assert cells.present("given") is None
