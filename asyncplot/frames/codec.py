"""A frame in bytes: a pickle (protocol 5), and the buffers that it refers to, out of band.

In: the arguments of ``update``. Out: an `EncodedFrame`. Its buffers are still the caller's memory, so the
mailbox copies each of them only once. Encoding runs on the compute side, in the thread of the take. Decoding
runs in the viewer's GUI thread.

To pickle an array with out-of-band buffers takes 4 us, whatever its size. In band, 8 MB take 3.4 ms.
"""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Sequence
from types import FunctionType
from typing import Any

import cloudpickle
import numpy as np

from ..errors import FrameError
from .lazy import evaluated
from .shipment import loading

#: A longer header holds data. It is not searched for names of ``__main__``, or for objects that must not be
#: sent.
_SEARCHED_BYTES = 1 << 16

#: The modules of objects that must not be sent, such as a `Server`, have names that begin like this.
_STAYS = b"asyncplot.compute."
#: The version of Python, as text. Byte code of another version crashes the interpreter.
_PYTHON = "{}.{}".format(*sys.version_info[:2])

#: The header of a frame that holds code begins with this; a pickle begins with b"\x80". Then comes one line
#: with the version of Python and the name of the class or function, and then the pickle.
_BY_VALUE = b"by value "


class EncodedFrame:
    """One frame, ready to be copied.

    Attributes
    ----------
    header : bytes
        The pickle of ``(args, kwargs)``.
    buffers : list of memoryview
        Flat views (format "B") of the memory that the pickle refers to, in order.
    lengths : list of int
        The size of each buffer, bytes.
    """

    __slots__ = ("buffers", "header", "lengths")

    def __init__(self, header: bytes, buffers: list[memoryview], lengths: list[int] | None = None) -> None:
        self.header = header
        self.buffers = buffers
        self.lengths = [view.nbytes for view in buffers] if lengths is None else lengths

    def copied(self) -> EncodedFrame:
        """The same frame with its own copies of the buffers (for ``copy="always"``)."""
        return EncodedFrame(self.header, [memoryview(bytearray(view)) for view in self.buffers])


class Encoder:
    """Encodes the frames of one lane. The buffers stay the caller's memory. Only one thread at a time may use it.

    The last header is kept, because frames of arrays with the same dtypes, shapes and orders have the same
    header. That saves 4 of 6 us if the caches are warm. It saves 60 of 80 us in a running computation, whose
    data has pushed numpy's pickling code out of the caches.
    """

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        # The shapes of the last frame, its header, and the lengths of its buffers. They are one attribute.
        # With three, a Ctrl-C between two assignments could leave the shapes of one frame and the header of
        # another.
        self._kept: tuple[list[tuple[Any, ...]] | None, bytes, list[int]] = (None, b"", [])

    def encode(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> EncodedFrame:
        """Encode the arguments of one call.

        Raises
        ------
        FrameError
            If an argument cannot be pickled, or a `lazy` argument raised. The message names the argument.
        """
        try:
            key = None if kwargs else _shapes(args)
            kept, header, lengths = self._kept
            if key is not None and key == kept:
                buffers = [pickle.PickleBuffer(value).raw() for value in args]
                return EncodedFrame(header, buffers, lengths)
            args, kwargs = evaluated(args, kwargs)
            frame = _encode(_contiguous(args), kwargs)
        except Exception as error:
            raise _named(args, kwargs, error) from error
        # Keep the header only if each array has its own buffer. An array that is passed twice has one buffer
        # for both, and an array of dates has none.
        self._kept = key if len(frame.buffers) == len(args) else None, frame.header, frame.lengths
        return frame


def evaluated_or_named(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments, with each `lazy` one evaluated.

    Raises
    ------
    FrameError
        If one raised. The message names the argument.
    """
    try:
        return evaluated(args, kwargs)
    except Exception as error:
        raise _named(args, kwargs, error) from error


def _shapes(args: tuple[Any, ...]) -> list[tuple[Any, ...]] | None:
    """All that the header of a frame of plain arrays depends on; None if the frame holds anything else.

    The flags tell the order of the array, and whether it is writable.
    """
    key = []
    for value in args:
        if type(value) is not np.ndarray:
            return None
        dtype, flags = value.dtype, value.flags
        if dtype.hasobject or not flags.forc:
            return None
        key.append((dtype, value.shape, flags.num))
    return key


def _encode(args: tuple[Any, ...], kwargs: dict[str, Any]) -> EncodedFrame:
    try:
        return _pickled(args, kwargs)
    except pickle.PicklingError:
        # Try again. The C pickler imports the module of each function and class, and turns every exception of
        # that import into a PicklingError. This includes a Ctrl-C, if `__import__` runs Python code, as
        # PySide6's does. That Ctrl-C is lost, as in a destructor, but the frame is not.
        return _pickled(args, kwargs)


def _pickled(args: tuple[Any, ...], kwargs: dict[str, Any]) -> EncodedFrame:
    buffers: list[pickle.PickleBuffer] = []
    header = pickle.dumps((args, kwargs), 5, buffer_callback=buffers.append)
    # A class of the user's script is pickled as a name in __main__, which the viewer does not have.
    # cloudpickle sends the code of such a class. (If the text only looks like a name, this costs time.)
    if len(header) < _SEARCHED_BYTES:
        if b"__main__" in header:
            buffers.clear()
            header = _by_value(args, kwargs, buffers)
        if _STAYS in header:
            # Pickle again, so that an object that must not be sent raises. (To let it check each frame in its
            # own ``__reduce_ex__`` would cost 1 us.)
            loading("frame", cloudpickle.dumps, (args, kwargs))
    return EncodedFrame(header, [buffer.raw() for buffer in buffers])


def _by_value(args: tuple[Any, ...], kwargs: dict[str, Any], buffers: list[pickle.PickleBuffer]) -> bytes:
    """A header that holds the code of the user's classes, and the version of Python for it."""
    file = io.BytesIO()
    pickler = _ByValue(file, 5, buffer_callback=buffers.append)
    pickler.dump((args, kwargs))
    said = f"{_PYTHON} {pickler.name}\n".encode() if pickler.name else b""
    return _BY_VALUE + said + file.getvalue() if said else file.getvalue()


class _ByValue(cloudpickle.Pickler):  # type: ignore[misc]  # it has no annotations
    """Notes the first class or function that is written as code, and not only by name.

    Attributes
    ----------
    name : str
        The name of that class or function; empty if there is none.
    """

    name = ""

    def reducer_override(self, obj: Any) -> Any:
        reduced = super().reducer_override(obj)
        # The type of None is written as (type, (None,)).
        if reduced is not NotImplemented and isinstance(obj, (type, FunctionType)) and reduced[0] is not type:
            self.name = self.name or f"{obj.__module__}.{obj.__qualname__}"
        return reduced


def _contiguous(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """``args`` with strided views made contiguous. Two plain copies: numpy would pickle the views in band."""
    for value in args:
        if type(value) is np.ndarray and not value.flags.forc and not value.dtype.hasobject:
            return tuple(
                value.copy() if type(value) is np.ndarray and not value.flags.forc else value
                for value in args
            )
    return args


def decode(
    header: bytes | memoryview, buffers: Sequence[memoryview]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a frame. Its arrays live in ``buffers``, which must belong to this frame alone.

    Raises
    ------
    FrameError
        If the frame holds code of another minor version of Python.
    """
    if header[0] == _BY_VALUE[0]:
        header = _data_behind(bytes(header))
    args, kwargs = pickle.loads(header, buffers=buffers)
    return args, kwargs


def _data_behind(header: bytes) -> bytes:
    """The pickle in the header of a frame that holds code, if that code can run here."""
    said, _, data = header.removeprefix(_BY_VALUE).partition(b"\n")
    python, name = said.decode().split(" ", 1)
    if python != _PYTHON:
        raise FrameError(
            f"an argument of this frame, of {name}, cannot be sent: the computation runs Python {python}, this "
            f"plotting interpreter is Python {_PYTHON}, and code of one cannot run in the other. Move {name} "
            "into a module that both can import, or pass plain data and arrays"
        )
    return data


def _named(args: tuple[Any, ...], kwargs: dict[str, Any], error: Exception) -> FrameError:
    """``error`` as a FrameError that names the argument that cannot be sent."""
    named = [*((f"argument {index}", value) for index, value in enumerate(args))]
    named += [(f"argument {key!r}", value) for key, value in kwargs.items()]
    for name, value in named:
        try:
            _encode((evaluated((value,), {})[0],), {})
        except Exception as cause:  # noqa: BLE001 (an object's own __reduce__ raises what it likes)
            return FrameError(
                f"{name} of update, a {type(value).__module__}.{type(value).__qualname__}, cannot be sent "
                f"to the viewer ({type(cause).__name__}: {cause}); pass arrays and plain data instead"
            )
    return FrameError(
        f"the arguments of update cannot be sent to the viewer ({type(error).__name__}: {error})"
    )
