"""C4: a frame that a call, `flush` or `close` copied is never torn, whatever happens to its arrays later."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import asyncplot
import checked_frames
from asyncplot.frames import Encoder
from asyncplot.mailbox import Control, MailboxWriter
from checked_frames import WORDS, Checking, overwrite
from conditions import wait_until_elsewhere
from run_processes import computation_environment

pytestmark = pytest.mark.contract

FRAMES = 100_000


@pytest.mark.slow
@pytest.mark.timeout(120)  # two processes that copy 100,000 frames of 40 kB, on two cores
def test_none_of_100000_frames_is_torn(tmp_path: Path) -> None:
    """The writer overwrites its array in place and waits for nobody; the reader, a process, checks each frame."""
    control = Control.make(tmp_path)
    lane = control.add_lane("update")
    writer, encoder = MailboxWriter(tmp_path, control, lane), Encoder()
    array = np.zeros(WORDS, np.uint64)
    reader = subprocess.Popen(
        [sys.executable, checked_frames.__file__, str(tmp_path), str(FRAMES)],
        env=computation_environment(),
        stdout=subprocess.PIPE,
    )
    try:
        while reader.poll() is None:
            for _ in range(100):
                overwrite(array, writer.newest + 1)
                frame = encoder.encode((array,), {})
                assert writer.payload(frame) <= writer.capacity
                writer.put(frame, time.monotonic_ns())
        out, _ = reader.communicate()
    finally:
        reader.kill()
        reader.wait()
    writer.close()
    control.close()
    assert reader.returncode == 0
    assert json.loads(out) == {"read": FRAMES, "torn": 0, "backwards": 0}


def test_frames_that_calls_took_are_whole_on_the_screen() -> None:
    """From `update` to the plotter: no frame is torn, although its array is overwritten right after each call."""
    array = np.zeros(100_000, np.uint64)
    with asyncplot.Server(Checking, backend="offscreen", max_overhead=1.0) as plot:
        assert plot.ready(20)
        number = 0
        while plot.stats.drawn < 100:
            for _ in range(20):
                number += 1
                overwrite(array, number)
                plot.update(array)
        array = array.copy()  # the last frame stays as it is
        last = plot.update(array)
        assert plot.flush(20)
        shown, torn = last.value
        assert shown == number
        assert torn <= plot.stats.trailing  # frames that the helper took when the calls paused may be torn


def test_flush_and_close_take_the_array_as_it_is() -> None:
    """When `flush` returns, the frame is copied: the array may change at once."""
    array = np.zeros(WORDS, np.uint64)
    with asyncplot.Server(Checking, backend="offscreen") as plot:
        assert plot.ready(20)
        for number in range(1, 60):
            overwrite(array, number)
            pending = plot.update(array)
            if number % 3 == 0:
                assert plot.flush(20)
                array[:] = 7
                assert pending.value == [number, 0]


def test_copied_at_each_call_the_last_frame_is_exact() -> None:
    """`copy="always"`: the waiting frame has the array of its call, whatever is written into the array later."""
    array = np.zeros(WORDS, np.uint64)
    with asyncplot.Server(Checking, backend="offscreen", copy="always") as plot:
        assert plot.ready(20)
        for round_number in range(20):
            for number in range(100 * round_number, 100 * round_number + 50):
                overwrite(array, number)
                pending = plot.update(array)
            array[:] = 7
            wait_until_elsewhere(lambda pending=pending: pending.ready)
            assert pending.value == [100 * round_number + 49, 0]


def test_a_waiting_frame_is_a_reference() -> None:
    """`copy="auto"`: if the calls stop, the frame is delivered with the array of that moment, and is counted."""
    array = np.zeros(3)
    with asyncplot.Server(Returning, backend="offscreen") as plot:
        assert plot.ready(20)
        trailing = plot.stats.trailing
        for _ in range(100):
            pending = plot.update(array)
        array[0] = 5.0
        wait_until_elsewhere(lambda: pending.ready)
        assert pending.value == 5.0
        assert plot.stats.trailing == trailing + 1


class Returning:
    """Returns the first element."""

    def update(self, array: np.ndarray) -> float:
        return float(array[0])
