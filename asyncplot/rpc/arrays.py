"""Arrays that live in a viewer, as numpy arrays of the client: their memory crosses as plain bytes.

In: a proxy, in the client. Out: an array with a copy of the memory. Any thread of the client; GUI thread of the viewer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RemoteError

#: The number of our request beside rpyc's, which end at 20: an array's memory.
HANDLE_ARRAY = 64

#: With these attributes numpy would ask the viewer to compute with a remote array, and the viewer cannot take our
#: functions out of their proxies. Without them numpy makes an array of it by ``__array__``.
_OF_NUMPY = {"__array_ufunc__", "__array_function__", "__array_interface__", "__array_struct__"}


def make_convertible(kind: type[Any]) -> None:
    """Have ``np.asarray`` fetch objects of a class of proxies."""
    if vars(kind).get("__array__", _fetched) is not _fetched:
        kind.__array__ = _fetched
        for protocol in _OF_NUMPY & vars(kind).keys():
            delattr(kind, protocol)


def memory_of(obj: Any) -> tuple[str, tuple[int, ...], bytes]:
    """The answer to the request: dtype, shape and memory of an array. In the viewer."""
    array = np.asarray(obj)
    if array.dtype.hasobject or array.dtype.names:
        raise TypeError(f"an array of {array.dtype} does not cross; convert it to plain numbers")
    return array.dtype.str, array.shape, array.tobytes()


def _fetched(proxy: Any, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:  # noqa: ARG001 (numpy's protocol)
    """The method ``__array__`` of proxies."""
    connection = object.__getattribute__(proxy, "____conn__")
    letters, shape, memory = connection.sync_request(HANDLE_ARRAY, proxy)
    if "O" in str(letters):
        raise RemoteError("the viewer sent an array of objects")
    return np.frombuffer(bytearray(memory), np.dtype(str(letters))).reshape(shape).astype(dtype or letters)
