"""A plotter from the cell of a notebook, run by a real kernel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import asyncplot

CELLS = [
    "import asyncplot, math\nfactor = 2",
    "class Doubler:\n    def update(self, value):\n        print('drawn')\n        return factor * math.floor(value)",
    "plot = asyncplot.Server(Doubler, backend='offscreen', required=True)",
    "plot.update(20.5).value",
    "class Doubler:\n    def update(self, value):\n        return 3 * value",
    "second = asyncplot.Server(Doubler, backend='offscreen', required=True)\nsecond.update(20).value",
    "plot.plotter.update(4)",
    "plot.close(); second.close()",
]

#: Runs the cells and prints their results; in a process of its own, as the client keeps an event loop.
NOTEBOOK = """
import json, sys, nbclient, nbformat
cells = [nbformat.v4.new_code_cell(cell) for cell in json.loads(sys.argv[1])]
notebook = nbformat.v4.new_notebook(cells=cells)
nbclient.NotebookClient(notebook, timeout=40, kernel_name="here").execute()
outputs = [output for cell in notebook.cells for output in cell.outputs]
print(json.dumps([each["data"]["text/plain"] for each in outputs if each.output_type == "execute_result"]))
"""


def test_a_plotter_of_a_cell(tmp_path: Path) -> None:
    """A class of a cell is sent to the viewer with what it uses; redefined, the next server takes the new one."""
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    kernel = tmp_path / "kernels" / "here" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": command, "display_name": "here", "language": "python"}))
    own = {"JUPYTER_PATH": tmp_path, "IPYTHONDIR": tmp_path / "ipython", "JUPYTER_RUNTIME_DIR": tmp_path}
    ran = subprocess.run(
        [sys.executable, "-c", NOTEBOOK, json.dumps(CELLS)],
        env={**os.environ, **own, "PYTHONPATH": str(Path(asyncplot.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == ["40", "60", "8"]
