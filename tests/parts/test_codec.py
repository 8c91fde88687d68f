"""Frames as bytes, without a process: what is kept of the last header, what is refused, and what is pickled by value."""

from __future__ import annotations

import pickle
import sys
from typing import Any

import numpy as np
import pytest

import asyncplot
from asyncplot.compute.pending import PendingResult, off
from asyncplot.errors import FrameError
from asyncplot.frames import EncodedFrame, Encoder, decode, evaluated_or_named
from asyncplot.frames.shipment import load, loading

THREE = np.arange(9.0).reshape(3, 3)


def arrived(frame: EncodedFrame) -> tuple[Any, ...]:
    """What a viewer gets: decoded from copies, as the mailbox makes them."""
    args, kwargs = decode(frame.header, [memoryview(bytearray(view)) for view in frame.buffers])
    assert kwargs == {}
    return args


def read_only(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    "then",
    [
        THREE.T,
        THREE.astype("f4"),
        THREE.astype(">f8"),
        THREE.reshape(9),
        read_only(THREE),
        np.asfortranarray(THREE),
    ],
    ids=["transposed", "smaller", "other byte order", "flat", "read-only", "Fortran"],
)
def test_a_header_is_not_kept_for_another_array(then: np.ndarray) -> None:
    """A C array and then another one of the same size, and back: order, dtype, shape and flags are those that were sent."""
    encoder = Encoder()
    for array in (THREE, then, THREE, then):
        (found,) = arrived(encoder.encode((array,), {}))
        assert (found.dtype, found.flags.c_contiguous) == (array.dtype, array.flags.c_contiguous)
        assert found.flags.writeable == array.flags.writeable
        np.testing.assert_array_equal(found, array)


def test_a_header_is_kept_for_arrays_of_one_form() -> None:
    """The second frame has the same object as its header, and its own contents."""
    encoder = Encoder()
    first, second = (encoder.encode((np.full(5, value), THREE * value), {}) for value in (1.0, 2.0))
    assert first.header is second.header
    assert first.lengths is second.lengths
    assert arrived(second)[0].tolist() == [2.0] * 5


@pytest.mark.parametrize("before", [(THREE, THREE), (THREE, 7), (THREE,), ()])
def test_no_header_is_kept_of_a_frame_of_another_form(before: tuple[Any, ...]) -> None:
    """An array that is passed twice has one buffer for both; two arrays of that shape have two."""
    encoder = Encoder()
    encoder.encode(before, {})
    for args in ((THREE, THREE + 1), (THREE, THREE + 2)):
        first, second = arrived(encoder.encode(args, {}))
        np.testing.assert_array_equal(first, args[0])
        np.testing.assert_array_equal(second, args[1])


def test_the_same_array_twice_after_two_arrays() -> None:
    """The header of two arrays has room for both."""
    encoder = Encoder()
    encoder.encode((THREE, THREE + 1), {})
    first, second = arrived(encoder.encode((THREE, THREE), {}))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    "other",
    [
        np.array([{"a": 1}, None], dtype=object),
        THREE[:, ::2],
        np.ma.masked_array(THREE, THREE > 4),
        "text",
        np.array("2026-11-27", dtype="M8[D]"),
    ],
    ids=["objects", "strided", "masked", "text", "dates"],
)
def test_what_has_no_buffer_of_its_own_crosses_beside_arrays(other: Any) -> None:
    """Again and again, and the arrays beside it too."""
    encoder = Encoder()
    for shift in range(3):
        first, found, last = arrived(encoder.encode((THREE + shift, other, THREE - shift), {}))
        np.testing.assert_array_equal(first, THREE + shift)
        np.testing.assert_array_equal(last, THREE - shift)
        assert type(found) is type(other)
        assert np.array_equal(np.asarray(found), np.asarray(other))


def test_strided_views_become_contiguous_out_of_band() -> None:
    """numpy would pickle them in band, which takes a hundred times as long."""
    frame = Encoder().encode((np.zeros((400, 400))[::2, ::2], "x"), {})
    assert frame.lengths == [200 * 200 * 8]
    assert len(frame.header) < 1000


def test_keywords_cross_after_arrays_of_the_same_form() -> None:
    """The kept header knows positions only."""
    encoder = Encoder()
    encoder.encode((THREE,), {})
    frame = encoder.encode((THREE,), {"scale": 2})
    args, kwargs = decode(frame.header, frame.buffers)
    assert kwargs == {"scale": 2}
    np.testing.assert_array_equal(args[0], THREE)


def test_a_copied_frame_has_its_own_memory() -> None:
    """Later writes do not reach it."""
    array = np.ones(4)
    frame = Encoder().encode((array,), {}).copied()
    array[:] = 5.0
    assert arrived(frame)[0].tolist() == [1.0] * 4
    assert frame.lengths == [32]


# --- lazy arguments --------------------------------------------------------------------------------


def test_lazy_arguments_are_replaced_wherever_they_stand() -> None:
    """Among others, by position and by name. Each is evaluated once."""
    calls: list[str] = []

    def made(name: str) -> Any:
        return asyncplot.lazy(lambda: calls.append(name) or name)

    frame = Encoder().encode((1, made("a")), {"b": made("b"), "c": 3})
    assert decode(frame.header, frame.buffers) == ((1, "a"), {"b": "b", "c": 3})
    assert calls == ["a", "b"]
    assert evaluated_or_named((1,), {"c": 3}) == ((1,), {"c": 3})
    assert evaluated_or_named((1,), {"b": made("b")}) == ((1,), {"b": "b"})


# --- what cannot be sent ---------------------------------------------------------------------------


def raising() -> Any:
    raise ZeroDivisionError("no such value")


@pytest.mark.parametrize(
    ("args", "kwargs", "said"),
    [
        (
            (1, asyncplot.lazy(raising)),
            {},
            "argument 1 of update, a .*Lazy, .*ZeroDivisionError: no such value",
        ),
        ((1,), {"a": 1, "b": (x for x in ())}, "argument 'b' of update, a builtins.generator"),
        (
            ((x for x in ()), 1),
            {},
            r"argument 0 of update, a builtins.generator, .*pass arrays and plain data",
        ),
    ],
)
def test_the_error_names_the_argument(args: tuple[Any, ...], kwargs: dict[str, Any], said: str) -> None:
    """With its place or name, and its kind."""
    with pytest.raises(FrameError, match=said):
        Encoder().encode(args, kwargs)


def test_a_lazy_argument_that_raises_is_named_before_it_is_encoded() -> None:
    """`prepare` needs the values first."""
    with pytest.raises(FrameError, match="argument 'late'"):
        evaluated_or_named((1,), {"late": asyncplot.lazy(raising)})


class Moody:
    """Raises whenever it is pickled, but for the times in ``well``."""

    def __init__(self, error: type[Exception], well: set[int]) -> None:
        self.error, self.well, self.times = error, well, 0

    def __reduce__(self) -> tuple[Any, ...]:
        self.times += 1
        if self.times not in self.well:
            raise self.error("not now")
        return str, ("pickled",)


def test_an_error_that_no_argument_repeats_is_told_all_the_same() -> None:
    """Each argument alone can be sent then."""
    with pytest.raises(FrameError, match=r"the arguments of update cannot be sent .*OSError: not now"):
        Encoder().encode((Moody(OSError, {2}),), {})


def test_a_pickling_error_is_tried_again() -> None:
    """The pickler takes a Ctrl-C in an import for such an error."""
    assert arrived(Encoder().encode((Moody(pickle.PicklingError, {2}),), {})) == ("pickled",)
    with pytest.raises(FrameError):
        Encoder().encode((Moody(pickle.PicklingError, {5}),), {})


def test_what_stays_with_the_computation_is_refused() -> None:
    """A pending result cannot be sent, and says so."""
    pending = PendingResult()
    pending._fate = off()
    with pytest.raises(FrameError, match="refers to a PendingResult"):
        Encoder().encode((pending,), {})


def test_the_reason_of_a_pickle_is_known_within_it_only() -> None:
    """It ends with the call, and with an exception."""
    assert loading("plotter", load) == "plotter"
    with pytest.raises(ZeroDivisionError):
        loading("frame", raising)
    assert load() == ""


# --- classes of the user's script ------------------------------------------------------------------


@pytest.fixture
def scripts_class(monkeypatch: pytest.MonkeyPatch) -> type[Any]:
    """A class that the user's script defines."""
    kind = type("Particle", (), {"__module__": "__main__", "__qualname__": "Particle"})
    monkeypatch.setattr(sys.modules["__main__"], "Particle", kind, raising=False)
    return kind


def test_a_class_of_the_script_is_sent_as_code(
    scripts_class: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The header names it and the version of Python. It arrives where no ``__main__`` has it; arrays cross beside it."""
    encoder = Encoder()
    frame = encoder.encode((scripts_class(), THREE), {})
    version = "{}.{}".format(*sys.version_info[:2])
    assert frame.header.startswith(f"by value {version} __main__.Particle\n".encode())
    assert len(frame.lengths) == 1
    monkeypatch.delattr(sys.modules["__main__"], "Particle")
    particle, array = arrived(frame)
    assert type(particle).__name__ == "Particle"
    np.testing.assert_array_equal(array, THREE)


def test_text_that_looks_like_a_class_of_the_script_is_no_code() -> None:
    """It crosses to any Python."""
    frame = Encoder().encode(("see __main__", THREE), {})
    assert frame.header[:1] == b"\x80"
    assert arrived(frame)[0] == "see __main__"


def test_a_long_header_is_not_searched(scripts_class: type[Any]) -> None:
    """It holds data; to search it takes time."""
    assert Encoder().encode((scripts_class(), "x" * 70_000), {}).header[:1] == b"\x80"
    assert Encoder().encode((scripts_class(), "x" * 60_000), {}).header[:8] == b"by value"


def test_code_of_another_python_is_refused(scripts_class: type[Any]) -> None:
    """The message names both versions and the class."""
    header = Encoder().encode((scripts_class(),), {}).header
    ours = "{}.{}".format(*sys.version_info[:2])
    theirs = header.replace(f"by value {ours}".encode(), b"by value 2.7")
    with pytest.raises(FrameError, match=f"of __main__.Particle, .* runs Python 2.7, .* is Python {ours}"):
        decode(theirs, [])
    assert type(decode(memoryview(header), [])[0][0]).__name__ == "Particle"
