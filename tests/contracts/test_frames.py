"""Frames: each argument of `update` arrives equal, or there is one clear error that names it."""

from __future__ import annotations

import builtins
import datetime
import decimal
import logging
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import asyncplot
from asyncplot.frames import Encoder, decode
from asyncplot.mailbox import Control, MailboxReader, MailboxWriter
from conditions import missing, wait_until
from contract_plotters import Echo, Keep
from run_processes import run_computation

pytestmark = pytest.mark.contract

#: All examples of a test share one `Way`, on purpose: what it keeps of one frame must not change the next.
GENERATED = settings(
    database=None,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class Way:
    """A mailbox in shared memory with both ends: the way of a frame without the processes."""

    def __init__(self, folder: Path) -> None:
        self.control = Control.make(folder)
        lane = self.control.add_lane("update")
        self.writer = MailboxWriter(folder, self.control, lane)
        self.reader = MailboxReader(folder, self.control, lane)
        self.encoder = Encoder()

    def send(self, *args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Encode, copy into shared memory, copy out, decode."""
        frame = self.encoder.encode(args, kwargs)
        payload = self.writer.payload(frame)
        if payload > self.writer.capacity:
            self.writer.grow(payload)
        self.writer.put(frame, 1)
        received = self.reader.newest()
        assert received is not None
        return decode(received.header, received.buffers)


@pytest.fixture
def one_way(tmp_path: Path) -> Iterator[Way]:
    """A `Way` for many frames. It is unmapped at the end."""
    way = Way(tmp_path)
    yield way
    way.reader.close()
    way.writer.close()
    way.control.close()


def assert_same(sent: Any, arrived: Any) -> None:
    """Equal in type, dtype, shape, order, mask and every element. nan equals nan."""
    assert type(arrived) is type(sent)
    if isinstance(sent, np.ndarray):
        if arrived.dtype != sent.dtype:
            # numpy pickles some dates and texts in the machine's byte order, and those in C order.
            assert arrived.dtype.newbyteorder("=") == sent.dtype.newbyteorder("=")
            sent = sent.astype(arrived.dtype, order="C")
        assert arrived.dtype == sent.dtype
        assert arrived.shape == sent.shape
        if isinstance(sent, np.ma.MaskedArray):
            np.testing.assert_array_equal(np.ma.getmaskarray(arrived), np.ma.getmaskarray(sent))
            sent, arrived = sent.data, arrived.data
        if sent.dtype.hasobject:
            assert arrived.tolist() == sent.tolist()
        else:
            assert arrived.tobytes() == sent.tobytes()  # to the bit: nan, -0.0 and padding-free fields
            if sent.size > 1 and sent.flags.f_contiguous and not sent.flags.c_contiguous:
                assert arrived.flags.f_contiguous
    elif isinstance(sent, pd.DataFrame):
        pd.testing.assert_frame_equal(arrived, sent)
    elif isinstance(sent, pd.Series):
        pd.testing.assert_series_equal(arrived, sent)
    elif isinstance(sent, list | tuple):
        assert len(arrived) == len(sent)
        for one, other in zip(sent, arrived, strict=True):
            assert_same(one, other)
    else:
        assert arrived == sent


dtypes = st.one_of(
    npst.scalar_dtypes(), npst.unicode_string_dtypes(), npst.byte_string_dtypes(), npst.array_dtypes()
)
arrays = dtypes.flatmap(
    lambda dtype: npst.arrays(dtype, npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))
)


@st.composite
def views(draw: st.DrawFn) -> np.ndarray:
    """Views of an array with any dtype, order and strides: transposed, reversed, every second element, a part."""
    array = np.array(draw(arrays), order=draw(st.sampled_from("CF")))
    if array.ndim and draw(st.booleans()):
        array = array.transpose(draw(st.permutations(range(array.ndim))))
    if array.ndim:
        steps = st.sampled_from([slice(None), slice(None, None, -1), slice(None, None, 2), slice(1, None)])
        array = array[tuple(draw(steps) for _ in range(array.ndim))]
    if draw(st.booleans()):
        array.flags.writeable = False
    return array


@GENERATED
@given(args=st.lists(views(), max_size=4), repeat=st.booleans())
def test_any_array_arrives_equal(one_way: Way, args: list[np.ndarray], repeat: bool) -> None:
    """Every dtype, order, stride and shape, also 0-d and empty. The same array again, with other contents, too."""
    for _ in range(1 + repeat):
        arrived, kwargs = one_way.send(*args)
        assert kwargs == {}
        assert_same(tuple(args), arrived)
        args = [np.array(array[::-1] if array.ndim else array, order="K") for array in args]


@GENERATED
@given(args=st.lists(views(), max_size=3), names=st.sets(st.sampled_from("abc"), max_size=3))
def test_any_keyword_arrives_equal(one_way: Way, args: list[np.ndarray], names: set[str]) -> None:
    """The same for keyword arguments."""
    sent = dict(zip(sorted(names), args, strict=False))
    arrived, kwargs = one_way.send(1, **sent)
    assert arrived == (1,)
    assert list(kwargs) == list(sent)
    assert_same(list(sent.values()), list(kwargs.values()))


@GENERATED
@given(data=st.data())
def test_structured_arrays_arrive_equal(one_way: Way, data: st.DataObject) -> None:
    """The same for structured and nested dtypes."""
    dtype = data.draw(npst.nested_dtypes())
    array = data.draw(npst.arrays(dtype, npst.array_shapes(min_side=0, max_dims=2, max_side=4)))
    (arrived,), _ = one_way.send(array)
    assert_same(array, arrived)


@GENERATED
@given(data=st.data())
def test_masked_arrays_arrive_equal(one_way: Way, data: st.DataObject) -> None:
    """Masked arrays keep mask and data."""
    numbers = st.one_of(npst.integer_dtypes(), npst.floating_dtypes(), npst.boolean_dtypes())
    shape = data.draw(npst.array_shapes(min_dims=0, min_side=0, max_side=5))
    mask = data.draw(npst.arrays(bool, shape))
    sent = np.ma.array(data.draw(npst.arrays(data.draw(numbers), shape)), mask=mask)
    (arrived,), _ = one_way.send(sent)
    assert type(arrived) is np.ma.MaskedArray
    np.testing.assert_array_equal(np.ma.getmaskarray(arrived), mask)
    np.testing.assert_array_equal(arrived.data, sent.data)


@GENERATED
@given(frames=st.lists(st.tuples(views(), views()), min_size=2, max_size=3))
def test_what_arrived_is_the_readers_own(one_way: Way, frames: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """An array that a plotter keeps does not change when later frames arrive."""
    arrived = [one_way.send(*frame)[0] for frame in frames]
    for sent, kept in zip(frames, arrived, strict=True):
        assert_same(sent, kept)


def test_arrays_arrive_aligned_and_writeable(one_way: Way) -> None:
    """A plotter may write into its arrays. Each array starts at a cache line."""
    sent = [np.zeros(3, np.uint8), np.zeros(5), np.zeros((3, 3), np.complex128)]
    arrived, _ = one_way.send(*sent)
    for array in arrived:
        assert array.flags.aligned
        assert array.flags.writeable
        assert array.ctypes.data % 16 == 0


def samples() -> dict[str, tuple[tuple[Any, ...], dict[str, Any]]]:
    """Frames of every kind that real computations send."""
    random = np.random.default_rng(1)
    table = pd.DataFrame({"a": random.random(50), "b": ["x", "y"] * 25, "when": pd.Timestamp("2026-01-01")})
    shared = random.random(10)
    return {
        "nothing": ((), {}),
        "plain": ((1, 2.5, "text", None, True, b"", 10**40), {"key": [1, {"a": (2, 3)}]}),
        "keyword arrays": ((), {"x": random.random(20), "y": random.random((3, 4)).T}),
        "zero-size": ((np.empty(0), np.empty((0, 5)), np.empty((3, 0), order="F")), {}),
        "0-d": ((np.array(3.0), np.float32(1.5), np.array("text")), {}),
        "strided": ((random.random((40, 40))[::3, ::-2], random.random((5, 6, 7)).transpose(2, 0, 1)), {}),
        "fortran": ((np.asfortranarray(random.random((20, 30))),), {}),
        "big-endian": ((np.arange(5, dtype=">i4"), np.arange(5, dtype=">c16")), {}),
        "structured": ((np.zeros(5, [("a", "i1"), ("b", "f8", (2,))]),), {}),
        "dates": ((np.arange("2026-01", "2026-03", dtype="datetime64[D]"), datetime.timedelta(1)), {}),
        "objects": ((np.array([1, "two", None], dtype=object), decimal.Decimal("0.1")), {}),
        "masked": ((np.ma.masked_greater(np.arange(10), 5),), {}),
        "twice the same": ((shared, shared), {"again": shared}),
        "pandas": ((table, table["a"]), {"table": table[::2]}),
        "large": ((random.random(500_000),), {}),
    }


@pytest.fixture(scope="module")
def sample_frames() -> dict[str, tuple[tuple[Any, ...], dict[str, Any]]]:
    """The frames, made once."""
    return samples()


def test_frames_of_every_kind_arrive_in_the_plotter(
    tmp_path: Path, sample_frames: dict[str, tuple[tuple[Any, ...], dict[str, Any]]]
) -> None:
    """From `update` to the plotter's method, through two real processes, frames arrive equal."""
    with asyncplot.Server(Keep, backend="offscreen", max_overhead=1.0) as plot:
        for name, (args, kwargs) in sample_frames.items():
            path = tmp_path / name
            pending = plot.update(str(path), *args, **kwargs)
            assert plot.flush(20), name
            assert pending.state == "drawn", name
            arrived, named = pickle.loads(path.read_bytes())
            assert_same(args, arrived)
            assert list(named) == list(kwargs), name
            assert_same(list(kwargs.values()), list(named.values()))


def test_classes_of_the_script_itself_arrive(tmp_path: Path) -> None:
    """A dataclass and a plotter of the script itself, ``__main__``, work in the viewer's process."""
    done = run_computation(
        tmp_path,
        """
import dataclasses
import numpy as np
import asyncplot

@dataclasses.dataclass
class Field:
    name: str
    values: np.ndarray

class Summing:
    def update(self, field, more):
        assert isinstance(field, type(more)) and dataclasses.is_dataclass(field)
        return [field.name, float(field.values.sum()), float(more.values.sum())]

with asyncplot.Server(Summing, backend="offscreen") as plot:
    for number in range(3):
        last = plot.update(Field("density", np.ones(1000) * number), more=Field("phase", np.ones(3)))
        assert plot.flush(20)
    print(last.value)
""",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "['density', 2000.0, 3.0]\n"


@pytest.mark.parametrize(
    ("args", "kwargs", "named"),
    [
        ((threading.Lock(),), {}, "argument 0"),
        ((1, 2, threading.Lock()), {}, "argument 2"),
        ((np.zeros(3), lambda: None), {}, "argument 1"),
        ((1,), {"lock": threading.Lock()}, "argument 'lock'"),
        ((1, asyncplot.lazy(lambda: 1 / 0)), {}, "argument 1"),
    ],
    ids=["first", "third", "lambda", "keyword", "lazy"],
)
@pytest.mark.parametrize("copy", ["auto", "always"])
def test_the_first_call_raises_and_names_the_argument(
    args: tuple[Any, ...], kwargs: dict[str, Any], named: str, copy: str
) -> None:
    """If an argument of a lane's first call cannot be sent, the FrameError has its name and the reason."""
    with asyncplot.Server(Echo, backend="offscreen", copy=copy) as plot:
        with pytest.raises(asyncplot.FrameError, match=named) as raised:
            plot.update(*args, **kwargs)
        assert isinstance(raised.value, TypeError)
        assert plot.stats.failed == plot.stats.called == 1
        with pytest.raises(asyncplot.FrameError, match=named):
            plot.lane("second")(*args, **kwargs)
        assert plot.update(5).value == 5


def test_an_interrupt_that_the_pickler_takes_for_an_error_costs_no_frame(
    one_way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pickler turns a Ctrl-C during an import into a PicklingError. The frame arrives all the same."""
    untouched = builtins.__import__
    interrupts = iter([KeyboardInterrupt()])

    def interrupted(name: str, *args: Any, **kwargs: Any) -> Any:
        # The pickler imports numpy itself, because of `dtype`; numpy imports only its own submodules.
        if name == "numpy":
            for interrupt in interrupts:
                raise interrupt
        return untouched(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", interrupted)
    (array,), _ = one_way.send(np.arange(3))
    assert not list(interrupts), "the pickler did not import numpy: this test holds nothing"
    np.testing.assert_array_equal(array, np.arange(3))


@pytest.mark.parametrize("copy", ["auto", "always"])
def test_later_ones_are_logged_once_and_counted(caplog: pytest.LogCaptureFixture, copy: str) -> None:
    """After a first good frame no call raises: there is one log record, a count, and the pending results."""
    with asyncplot.Server(Echo, backend="offscreen", max_overhead=1.0, copy=copy) as plot:
        plot.update(1)
        assert plot.flush(20)
        caplog.clear()
        pending = []
        for _ in range(5):
            pending.append(plot.update(threading.Lock()))
            plot.flush(20)
        last = plot.update(2)
        assert plot.flush(20)
        assert last.value == 2
        records = [record for record in caplog.records if record.name == "asyncplot"]
        assert len(records) == 1
        assert records[0].levelno == logging.ERROR
        assert "argument 0" in records[0].getMessage()
        assert plot.stats.failed == 5
        for each in pending:
            with pytest.raises(asyncplot.FrameError):
                _ = each.value


def test_lazy_arguments_are_evaluated_for_taken_frames_only() -> None:
    """The function of a lazy argument is called once for each taken frame, and never for other frames."""
    calls = []

    def expensive() -> float:
        calls.append(1)
        return float(len(calls))

    with asyncplot.Server(Echo, backend="offscreen") as plot:
        assert plot.ready(20)
        for _ in range(2000):
            last = plot.update(asyncplot.lazy(expensive))
        assert plot.flush(20)
        assert last.value == float(len(calls))
        assert len(calls) == plot.stats.taken < 1000
        last = plot.update(0, keyword=asyncplot.lazy(expensive))
        plot.flush(20)
        assert len(calls) == plot.stats.taken


def test_lazy_takes_a_function() -> None:
    """If the argument of `lazy` is not callable, `lazy` raises at once."""
    with pytest.raises(TypeError, match="function without arguments, not float"):
        asyncplot.lazy(3.0)  # type: ignore[arg-type]


@pytest.mark.timeout(120)  # 1 GB is copied five times
@pytest.mark.slow
def test_a_frame_of_1_gb_arrives(runtime_dir: Path) -> None:
    """A very large frame is shown like any other, and small frames work after it."""
    if psutil.virtual_memory().available < 10 * 10**9 or psutil.disk_usage(str(runtime_dir)).free < 5 * 10**9:
        missing("less than 10 GB of free memory, or 5 GB of shared memory")

    class Ends:
        def update(self, array: Any) -> list[float]:
            return [float(array[0]), float(array[-1]), len(array)]

    array = np.zeros(125_000_000)
    array[0], array[-1] = 1.0, 2.0
    with asyncplot.Server(Ends, backend="offscreen", max_overhead=1.0) as plot:
        assert plot.update(np.ones(1)).value == [1.0, 1.0, 1]
        large = plot.update(array)
        assert plot.flush(60)
        assert large.value == [1.0, 2.0, 125_000_000]
        assert plot.update(np.ones(2)).value == [1.0, 1.0, 2]
        plot.check()


FULL = """
import logging, os, subprocess, sys
from pathlib import Path
import numpy as np
import asyncplot
from contract_plotters import Echo

records = []
class Keeping(logging.Handler):
    def emit(self, record):
        records.append(record.getMessage())
logging.getLogger("asyncplot").addHandler(Keeping())

base = Path(sys.argv[1])
base.mkdir()
if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", base], check=False).returncode:
    sys.exit(77)
os.environ["ASYNCPLOT_RUNTIME_DIR"] = str(base)

def fill():
    try:
        with open(base / "filler", "wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError:
        pass
"""


def run_in_full_tmpfs(folder: Path, code: str) -> str:
    """Run a script whose run directory has 4 MB, in its own mount namespace. Returns its output."""
    script = folder / "full.py"
    script.write_text(FULL + code)
    launcher = f"""
import os, sys
os.execvp("unshare", ["unshare", "-rm", sys.executable, {str(script)!r}, {str(folder / "small")!r}])
"""
    done = run_computation(folder, launcher)
    if done.returncode == 77 or "unshare" in done.stderr:
        missing(f"no tmpfs of our own can be mounted here: {done.stderr.strip()}")
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    return done.stdout


def test_a_frame_too_large_for_the_tmpfs_is_an_error_message(tmp_path: Path) -> None:
    """There is no SIGBUS: the frame fails with an error that tells what to do, and smaller frames work."""
    out = run_in_full_tmpfs(
        tmp_path,
        """
with asyncplot.Server(Echo, backend="offscreen", max_overhead=1.0) as plot:
    assert plot.update(1).value == 1
    for number in range(3):
        large = plot.update(2, np.zeros(1_000_000))
        plot.flush(20)
        assert large.state == "failed", large
    try:
        large.value
    except asyncplot.FrameError as error:
        print(error)
    last = plot.update(3)
    assert plot.flush(20) and last.value == 3
    assert plot.stats.failed == 3
    print(len(records), "logged")
""",
    )
    assert "No space left on device" in out
    assert "ASYNCPLOT_RUNTIME_DIR" in out
    assert out.endswith("1 logged\n")


def test_a_tmpfs_that_fills_up_meanwhile_does_no_harm(tmp_path: Path) -> None:
    """If other programs fill the tmpfs, frames still arrive: the room of a mailbox is really allocated."""
    run_in_full_tmpfs(
        tmp_path,
        """
with asyncplot.Server(Echo, backend="offscreen") as plot:
    assert plot.update(0).value == 0
    assert plot.ready(20)
    fill()
    for number in range(3000):
        last = plot.update(number, np.zeros(1000))
    assert plot.flush(20) and last.state == "drawn", last
    assert plot.is_alive
""",
    )


def test_no_room_for_a_run_is_an_error_message(tmp_path: Path) -> None:
    """If there is no room at all, the computation goes on without a plot, and `check` tells why."""
    out = run_in_full_tmpfs(
        tmp_path,
        """
fill()
with asyncplot.Server(Echo, backend="offscreen") as plot:
    for number in range(1000):
        last = plot.update(number)
    assert last.state == "lost" and not plot.is_alive
    try:
        plot.check()
    except asyncplot.ViewerGone as error:
        print(error)
assert len(records) == 1, records
assert os.listdir(base) == ["filler"], os.listdir(base)
""",
    )
    assert "No space left on device" in out


def test_a_growing_frame_arrives_without_another_call() -> None:
    """A frame that needs a larger mailbox waits for it, and is delivered without another call."""
    with asyncplot.Server(Echo, backend="offscreen", max_overhead=1.0) as plot:
        assert plot.ready(20)
        plot.update(0)
        for size in (10_000, 100_000, 1_000_000, 10, 3_000_000):
            last = plot.update(size, np.zeros(size))
            wait_until(lambda last=last: last.ready, what=f"a frame of {size} numbers")
            assert last.value == size
