"""Pickles of values for the live plotter. They may hold proxies, as ``legend(handles=[line])`` does: these cross by number.

The client makes them, on any thread. The viewer loads them, on its GUI thread: it runs the computation's code anyway.
Nothing is pickled in the other direction.
"""

from __future__ import annotations

import pickle
from typing import IO, Any

import cloudpickle
from rpyc.core import netref


class ProxyPickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no annotations
    """Pickles values, with the number of each proxy of a connection in place of the proxy."""

    def __init__(self, file: IO[bytes], connection: object) -> None:
        super().__init__(file, protocol=5)
        self._connection = connection

    def persistent_id(self, obj: object) -> object:
        if isinstance(obj, netref.BaseNetref) and obj.____conn__ is self._connection:
            return obj.____id_pack__
        return None


class ProxyUnpickler(pickle.Unpickler):
    """Loads values, with the object itself in place of each number."""

    def __init__(self, file: IO[bytes], objects: Any) -> None:
        super().__init__(file)
        self._objects = objects

    def persistent_load(self, number: Any) -> Any:
        return self._objects[number]
