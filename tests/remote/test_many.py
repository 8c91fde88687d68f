"""Many who look: the computation does nothing for them, and nothing of them stays."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import psutil
import pytest

import asyncplot
from asyncplot import join
from asyncplot.frames import decode
from asyncplot.mailbox import Control, MailboxReader
from conditions import wait_until
from remote_plotters import Checked, is_whole, overwrite


def read_newest(reader: MailboxReader) -> tuple[int, bool]:
    """The newest frame of a reader: its number, and whether it is whole."""

    def newest() -> tuple[int, bool] | None:
        reader.ask()
        frame = reader.newest()
        if frame is None:
            return None
        (array, number), _ = decode(frame.header, frame.buffers)
        return number, is_whole(array)

    return wait_until(newest)


def test_64_at_once() -> None:
    """64 readers and 8 viewers of one run all get its last frame; the computation opens nothing for them."""
    array = np.zeros(1000, np.uint64)
    with asyncplot.Server(Checked, name="gpe", viewer=None) as plot:
        overwrite(array, 1)
        plot.update(array.copy(), 1)
        plot.flush(1)
        descriptors, threads = open_descriptors(plot), psutil.Process().num_threads()
        run = join.find("gpe")
        viewers = [join.JoinedViewer(run, backend="offscreen") for _ in range(8)]
        try:
            for viewer in viewers:
                viewer.ready(50.0)
            assert len({viewer.directory for viewer in viewers}) == 8
            control = Control.open(run.directory)
            readers = [MailboxReader(run.directory, control, 0) for _ in range(56)]
            for number in range(2, 300):
                overwrite(array, number)
                plot.update(array.copy(), number)
                readers[number % 56].ask()
            for reader in readers:
                newest = (0, True)
                while newest[0] < 299:  # the last one comes when the calls have stopped
                    newest = read_newest(reader)
                    assert newest[1]
            for reader in readers:
                reader.close()
            control.close()
            for viewer in viewers:
                wait_until(lambda viewer=viewer: shown(viewer.directory) == 299 or None, 20.0)
            assert join.find("gpe").viewers == 8
        finally:
            for viewer in viewers:
                viewer.close()
        wait_until(lambda: not list(run.directory.glob("viewer-*")))
        assert psutil.Process().num_threads() <= threads + 1  # the helper, while calls come
        wait_until(lambda: open_descriptors(plot) <= descriptors)


def shown(folder: Path) -> int:
    """The newest frame that a viewer has shown: the number that its plotter has."""
    from asyncplot.remote.viewer_connection import ViewerConnection

    remote = ViewerConnection(10.0)
    try:
        return int(remote.root(folder).plotter.newest)
    finally:
        remote.close()


def open_descriptors(plot: asyncplot.Server) -> int:
    """How many descriptors this process has for the run."""
    directory, found = str(plot.directory), 0
    for name in os.listdir("/proc/self/fd"):
        try:
            found += directory in os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            continue  # the one that lists
    return found


@pytest.mark.timeout(120)  # 20 real viewers, one after the other
def test_they_come_and_go() -> None:
    """500 readers and 20 viewers that attach and detach leave no folder, descriptor or thread behind."""
    with asyncplot.Server(Checked, name="gpe", viewer=None) as plot:
        array = np.zeros(1000, np.uint64)
        overwrite(array, 1)
        plot.update(array.copy(), 1)
        plot.flush(1)
        run = join.find("gpe")
        descriptors = open_descriptors(plot)
        for number in range(2, 502):
            control = Control.open(run.directory)
            reader = MailboxReader(run.directory, control, 0)
            overwrite(array, number)
            plot.update(array.copy(), number)
            assert read_newest(reader)[1]
            reader.close()
            control.close()
        for _ in range(20):
            viewer = join.JoinedViewer(run, backend="offscreen")
            viewer.ready(30.0)
            viewer.close()
        assert not list(run.directory.glob("viewer-*"))
        wait_until(lambda: open_descriptors(plot) <= descriptors)
