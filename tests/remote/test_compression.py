"""Frames over a slow link: packed where that pays, by what is measured, and equal to what was sent."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

import asyncplot
from asyncplot.errors import ViewerError
from asyncplot.remote.compression import Compression, unpacked
from conditions import wait_until
from far_host import HERE

zstandard = pytest.importorskip("zstandard")


class Kept:
    """Says what came."""

    def update(self, array: Any, number: int) -> list[Any]:
        """The sum of what came, and its number."""
        return [float(array.sum()), number]


def frames(kind: str, number: int) -> np.ndarray:
    """A picture of 400 kB: smooth, or noise."""
    if kind == "noise":
        return np.random.default_rng(number).integers(0, 256, 400_000).astype(np.uint8)
    return np.full(400_000, number % 200, np.uint8)


#: A carrier with a bounded rate, which counts what comes back from the other side.
SLOW = """
import os, subprocess, sys, threading, time
counted, rate, command = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
child = subprocess.Popen(command, stdin=0, stdout=subprocess.PIPE, bufsize=0)
total = 0
while data := os.read(child.stdout.fileno(), 65536):
    time.sleep(len(data) / rate)
    total += len(data)
    with open(counted + ".new", "w") as file:
        file.write(str(total))
    os.replace(counted + ".new", counted)
    while data:
        data = data[os.write(1, data):]
"""


@contextmanager
def viewed(folder: Path, via: str) -> Iterator[subprocess.Popen[bytes]]:
    """`asyncplot view` of the run "gpe" through a carrier."""
    words = ["view", "gpe", "--via", via, "--yes", "--backend", "offscreen"]
    command = [sys.executable, "-m", "asyncplot", *words]
    with open(folder / "view.log", "w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            finally:
                process.kill()


@contextmanager
def slowly_viewed(folder: Path, rate: float) -> Iterator[Path]:
    """The same through a slow carrier; gives the file with the count of what crossed."""
    carrier, counted = folder / "slow.py", folder / "counted"
    carrier.write_text(SLOW)
    with viewed(folder, f"{sys.executable} {carrier} {counted} {rate}"):
        yield counted


def test_it_pays_or_it_is_not_done() -> None:
    """Compressible frames are packed on a slow link, noise is not, and nothing is on a fast one."""
    smooth, noise = memoryview(frames("smooth", 3)).cast("B"), memoryview(frames("noise", 3)).cast("B")

    def packs(buffer: memoryview, link: float) -> float:
        """The share of 200 frames that cross packed."""
        compression, packed = Compression(["zstd"]), 0
        for _ in range(200):
            payload = compression.packed([buffer], buffer.nbytes)
            packed += payload is not None
            nbytes = buffer.nbytes if payload is None else len(payload)
            compression.crossed(nbytes, nbytes / link)
        return packed / 200

    assert packs(smooth, 2e6) > 0.9
    assert packs(noise, 2e6) < 0.1
    assert packs(smooth, 1e11) < 0.1


def test_no_codec_in_common() -> None:
    """Where the other side cannot unpack, nothing is packed."""
    compression = Compression([])
    compression.crossed(1_000_000, 10.0)
    assert compression.packed([memoryview(bytes(100_000))], 100_000) is None


def test_what_is_packed_is_equal() -> None:
    """What is unpacked is what was packed."""
    data = np.random.default_rng(1).integers(0, 4, 100_000).astype(np.uint8).tobytes()
    compression = Compression(["zstd"])
    compression.crossed(len(data), 1.0)
    packed = compression.packed([memoryview(data)[:50_000], memoryview(data)[50_000:]], len(data))
    assert packed is not None
    assert len(packed) < len(data) / 2
    assert unpacked("zstd", packed, len(data)) == data
    assert unpacked("", data, len(data)) == data


def test_a_bomb_is_not_unpacked() -> None:
    """A frame that claims another length than its header is refused before a byte is allocated."""
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(200_000_000))
    assert len(bomb) < 20_000
    with pytest.raises(ViewerError, match="a frame of 1000 bytes came packed as one of 200000000"):
        unpacked("zstd", bomb, 1000)
    with pytest.raises(ViewerError, match="cannot be unpacked here"):
        unpacked("rar", b"x", 1)
    with pytest.raises(ViewerError, match="without its payload"):
        unpacked("zstd", None, 1)


@pytest.mark.timeout(180)  # a slow link is slow
@pytest.mark.parametrize("kind", ["smooth", "noise"])
def test_a_slow_link_carries_less(tmp_path: Path, kind: str) -> None:
    """At 1 MB/s smooth frames arrive equal in a small part of their size, noise in its own; calls never wait."""
    with (
        asyncplot.Server(Kept, name="gpe", viewer=None, max_overhead=1.0) as plot,
        slowly_viewed(tmp_path, 1e6) as counted,
    ):
        wait_until(lambda: plot.is_alive, 20)
        for number in range(8):
            pending = plot.update(frames(kind, number), number)
            pending.wait(60)
            assert pending.value == [float(frames(kind, number).sum()), number]
        before = int(counted.read_text())
        for number in range(5):
            plot.update(frames(kind, number), number).wait(60)
        crossed = (int(counted.read_text()) - before) / 5
        assert crossed < 100_000 if kind == "smooth" else crossed > 300_000
        called = plot.stats.called
        slow = plot.update(frames("noise", 1), 1)
        for number in range(10_000):
            plot.update(number * np.ones(10), number)
        assert plot.stats.called == called + 10_001
        slow.wait(60)


@pytest.mark.timeout(120)
def test_a_fast_link_carries_frames_as_they_are(tmp_path: Path) -> None:
    """Over pipes, data that compress by a few per cent cross as they are, but for a look now and then."""
    walk = np.random.default_rng(1).normal(size=1_000_000).cumsum()
    packed = zstandard.ZstdCompressor(level=1).compress(walk)
    assert len(packed) < 0.99 * walk.nbytes  # so that the count tells one from the other
    with (
        asyncplot.Server(Kept, name="gpe", viewer=None, max_overhead=1.0) as plot,
        viewed(tmp_path, "env") as process,
    ):
        wait_until(lambda: plot.is_alive, 20)
        (relay,) = psutil.Process(process.pid).children()  # `env` has become it
        small = 0
        for number in range(20):
            before = relay.io_counters().write_chars
            pending = plot.update(walk, number)
            pending.wait(60)
            assert pending.value == [float(walk.sum()), number]
            small += relay.io_counters().write_chars - before < walk.nbytes
        assert small <= 3


def test_a_link_that_stands_still_holds_no_call(tmp_path: Path) -> None:
    """While nothing crosses, all calls return and supersede each other; then the last frame comes, and few others."""
    control = tmp_path / "faults.json"

    def says(**faults: bool) -> None:
        temporary = control.with_suffix(".new")
        temporary.write_text(json.dumps(faults))
        os.replace(temporary, control)

    says()
    via = f"{sys.executable} {HERE / 'faulty_carrier.py'} {control}"
    with (
        asyncplot.Server(Kept, name="gpe", viewer=None, max_overhead=1.0) as plot,
        viewed(tmp_path, via),
    ):
        wait_until(lambda: plot.is_alive, 20)
        plot.update(frames("smooth", 0), 0).wait(30)
        wait_until(lambda: plot.stats.drawn == 1)
        says(half_open=True)
        for number in range(1, 1001):
            last = plot.update(frames("smooth", number), number)
        assert plot.stats.called == 1001
        assert plot.stats.drawn == 1
        assert not last.ready
        says()
        last.wait(30)
        assert last.value == [float(frames("smooth", 1000).sum()), 1000]
        assert plot.stats.drawn < 10
