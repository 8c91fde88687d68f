"""The state that the computation was started with: any umask, and stdin, stdout or stderr closed."""

from __future__ import annotations

import itertools
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from conditions import wait_until
from run_processes import computation_environment, named_pids

pytestmark = pytest.mark.contract

#: A whole run under an umask: frames (also with a larger mailbox), a request, a picture, a joined viewer. It
#: prints the modes of all files in the run directory and in the register, by path.
UNDER_AN_UMASK = """
import json, os, sys
mask = int(sys.argv[1], 8)
os.umask(mask)
import numpy, asyncplot
from contract_plotters import Echo
modes = {}
def look(folder):
    for path, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            modes[os.path.relpath(os.path.join(path, name), folder)] = os.lstat(os.path.join(path, name)).st_mode
with asyncplot.Server(Echo, name="masked", backend="offscreen") as plot:
    values = [plot.update(1, numpy.zeros(size)).value for size in (10, 100_000)]
    plot.plotter.update(2)
    with asyncplot.attach("masked") as run:
        run.stats
    look(plot.directory.parent)
    look(os.environ["XDG_STATE_HOME"])
assert os.umask(mask) == mask
print(json.dumps([values, modes]))
"""


@pytest.mark.parametrize("mask", ["0", "077", "777"])
def test_any_umask(tmp_path: Path, runtime_dir: Path, mask: str) -> None:
    """A run works under any umask and leaves nothing. Folders have mode 0700, files 0600. The umask stays."""
    script = tmp_path / "script.py"
    script.write_text(UNDER_AN_UMASK)
    runs = runtime_dir / "runs"  # does not exist yet
    environment = computation_environment(ASYNCPLOT_RUNTIME_DIR=str(runs), PYTHONDONTWRITEBYTECODE="1")
    ran = subprocess.run(
        [sys.executable, str(script), mask],
        env=environment, capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    values, modes = json.loads(ran.stdout)
    assert values == [1, 1]
    assert {"masked", "masked/control", "masked/viewer-1/control.sock", "asyncplot/runs"} <= modes.keys()
    for path, mode in modes.items():
        assert stat.S_IMODE(mode) == (0o700 if stat.S_ISDIR(mode) else 0o600), path
    assert stat.S_IMODE(runs.stat().st_mode) == 0o700
    assert list(runs.iterdir()) == []
    runs.rmdir()


#: Closes descriptors, and checks that no descriptor of asyncplot gets their numbers, in either process.
WITHOUT = """
import json, os, sys
closed = json.loads(sys.argv[1])
for descriptor in closed:
    os.close(descriptor)
import numpy, asyncplot
from contract_plotters import Echo
def is_open(descriptor):
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
plot = asyncplot.Server(Echo, backend="offscreen", name="without")
taken = [descriptor for descriptor in closed if is_open(descriptor)]
values = [plot.update(1, numpy.zeros(size)).value for size in (10, 100_000)]
plot.plotter.update(2)
plot.stats, plot.received
taken += [descriptor for descriptor in closed if is_open(descriptor)]
theirs = {}
for pid in os.listdir("/proc"):
    try:
        words = open(f"/proc/{pid}/cmdline").read()
        if str(plot.directory) in words:
            theirs[pid] = [os.readlink(f"/proc/{pid}/fd/{number}") for number in range(3)]
    except OSError:
        pass
plot.close()
with open(sys.argv[2], "w") as file:
    json.dump([values, taken, theirs], file)
"""


@pytest.mark.parametrize(
    "closed", [list(some) for n in range(4) for some in itertools.combinations((0, 1, 2), n)], ids=str
)
def test_closed_standard_streams(tmp_path: Path, runtime_dir: Path, closed: list[int]) -> None:
    """Closed streams stay closed in the computation, and are open in supervisor and viewer: no pipe of ours."""
    script, said = tmp_path / "script.py", tmp_path / "said.json"
    script.write_text(WITHOUT)
    ran = subprocess.run(
        [sys.executable, str(script), json.dumps(closed), str(said)],
        env=computation_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    values, taken, theirs = json.loads(said.read_text())
    assert values == [1, 1]
    assert taken == []
    assert len(theirs) == 2
    for streams in theirs.values():
        assert all(stream == os.devnull or stream.startswith("pipe:") for stream in streams)
    wait_until(lambda: not named_pids(runtime_dir), 5)
