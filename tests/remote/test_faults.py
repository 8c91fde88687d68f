"""Bad links: whatever happens between viewer and relay, after it has healed the picture is the newest frame."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import asyncplot
from asyncplot import join
from asyncplot.rundir import read_json
from conditions import wait_until
from far_host import HERE
from remote_plotters import Checked, overwrite

#: `asyncplot view`, where a link that is silent for 3 s counts as dead: 20 s are long for a test.
VIEW = (
    "import sys; from asyncplot.remote import link; link._SILENT = 3.0; "
    "from asyncplot.commands import main; sys.exit(main(sys.argv[1:]))"
)


class Computation:
    """A run of this process that calls `update` from a thread all the time."""

    def __init__(self, words: int) -> None:
        self.plot = asyncplot.Server(Checked, name="gpe", viewer=None)
        self.number = 0
        self._words = words
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._compute)
        self._thread.start()

    def _compute(self) -> None:
        array = np.zeros(self._words, np.uint64)
        while not self._stop.wait(0.002):
            overwrite(array, self.number + 1)
            self.plot.update(array.copy(), self.number + 1)
            self.number += 1

    def calls(self, seconds: float) -> int:
        """How many calls it makes in a while."""
        before = self.number
        assert not self._stop.wait(seconds)
        return self.number - before

    def stop(self) -> int:
        """Make no more calls; returns the number of the last one."""
        self._stop.set()
        self._thread.join()
        return self.number

    def close(self) -> None:
        """End it."""
        self.stop()
        self.plot.close()


class Link:
    """A viewer behind the faulty carrier."""

    def __init__(self, folder: Path) -> None:
        self.control = folder / "faults.json"
        self.says()
        via = f"{sys.executable} {HERE / 'faulty_carrier.py'} {self.control}"
        words = ["view", "gpe", "--via", via, "--yes", "--backend", "offscreen"]
        self.errors = open(folder / "view.log", "w+")  # noqa: SIM115 (closed by close)
        self.process = subprocess.Popen(
            [sys.executable, "-c", VIEW, *words],
            stdin=subprocess.DEVNULL,
            stdout=self.errors,
            stderr=self.errors,
            start_new_session=True,
        )
        self.mirror = wait_until(self._mirror, 20.0)
        self.attached = join.attach(self.mirror.name)

    def _mirror(self) -> join.Run | None:
        assert self.process.poll() is None
        found = [run for run in join.runs() if run.name.startswith("gpe-on-")]
        return found[0] if found and found[0].stats.drawn else None

    def says(self, **faults: Any) -> None:
        """Have the carrier do this from now on."""
        temporary = self.control.with_suffix(".new")
        temporary.write_text(json.dumps(faults))
        os.replace(temporary, self.control)

    @property
    def note(self) -> str:
        """What the windows say in their titles."""
        return str((read_json(self.mirror.directory / "note.json") or {}).get("text", ""))

    def state(self) -> tuple[int, int, int]:
        """Newest frame, torn ones, ones that came too late."""
        newest, torn, backwards = self.attached.plotter.state()
        return newest, torn, backwards

    def close(self) -> None:
        """End the viewer as Ctrl-C does."""
        self.attached.close()
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        finally:
            self.process.kill()
            self.process.wait()
            self.errors.close()


@pytest.fixture(params=[500, 50_000], ids=["4kB", "400kB"])
def computation(request: pytest.FixtureRequest) -> Iterator[Computation]:
    """Frames that go within a request, and frames that go as attachments."""
    made = Computation(request.param)
    yield made
    made.close()


@pytest.fixture
def link(computation: Computation, tmp_path: Path) -> Iterator[Link]:
    """A viewer of it that has shown a frame."""
    made = Link(tmp_path)
    yield made
    made.close()


def assert_healed(link: Link, computation: Computation) -> None:
    """The link works: frames go on coming, and the last one is what is shown, whole, in order."""
    newest = computation.number
    wait_until(lambda: link.state()[0] > newest, 25.0, what="frames that come again")
    last = computation.stop()
    wait_until(lambda: link.state()[0] == last, 10.0, what="the last frame")
    wait_until(lambda: not link.note)
    assert link.process.poll() is None


def test_a_slow_link(link: Link, computation: Computation) -> None:
    """Delay and little bandwidth cost frames; none is torn, none comes late, none piles up."""
    link.says(delay=0.02, bandwidth=4e6)
    before = link.state()[0]
    wait_until(lambda: link.state()[0] > before + 50, 25.0)
    assert_healed(link, computation)
    assert link.state()[1:] == (0, 0)
    assert computation.plot.stats.failed == 0


def test_a_link_that_is_cut(link: Link, computation: Computation) -> None:
    """Cut, and refused for a while: the picture stays, its title says so, the computation does not notice."""
    link.says(cut=True)
    wait_until(lambda: "no connection" in link.note)
    shown = link.state()[0]
    dead = computation.calls(0.5)
    assert dead > 100
    assert link.state() == (shown, 0, 0)
    link.says()
    assert_healed(link, computation)
    assert link.state()[1:] == (0, 0)


def test_a_link_that_is_half_open(link: Link, computation: Computation) -> None:
    """A link over which nothing comes any more and that never ends is given up after a while, and made anew."""
    link.says(half_open=True)
    wait_until(lambda: "no connection" in link.note, 15.0)
    assert computation.calls(0.5) > 100
    assert link.process.poll() is None
    link.says(cut=True)  # who tries meanwhile hangs in the half-open carrier, as ssh does until its time-out
    link.says()
    assert_healed(link, computation)
    assert link.state()[1:] == (0, 0)


@pytest.mark.parametrize("fault", ["flip", "lose"])
def test_bytes_that_change_or_are_lost(
    link: Link, computation: Computation, tmp_path: Path, fault: str
) -> None:
    """What ssh never delivers: changed bytes and lost pieces end the connection at worst, never the viewer.

    A changed byte within an array is not seen by asyncplot: ssh's own checksum is what keeps it away.
    """
    done = tmp_path / "done"
    done.touch()
    link.says(**{fault: 0.2}, done=str(done))
    wait_until(lambda: done.stat().st_size >= 2, 25.0, what="two pieces that were changed or lost")
    assert link.process.poll() is None, link.errors.read()
    link.says(cut=True)  # so that what is left of the broken stream is gone
    wait_until(lambda: "no connection" in link.note, 15.0)
    link.says()
    if fault == "flip":
        return  # what the mirror was told of the run may have been changed, and nothing after that is promised
    _, torn, _ = link.state()
    assert_healed(link, computation)
    assert link.state()[1] == torn
