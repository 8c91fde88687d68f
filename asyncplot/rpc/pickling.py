"""Pickles of what is passed to the live plotter by value, and may hold proxies: those cross by their numbers.

Made on the client's side, loaded in the viewer, which runs the computation's code anyway; never the other
way round.
"""

from __future__ import annotations

import pickle
from typing import IO, Any

import cloudpickle
from rpyc.core import netref


class ProxyPickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no annotations
    """Pickles what holds proxies of a connection, as ``legend(handles=[line])`` does: by their numbers."""

    def __init__(self, file: IO[bytes], connection: object) -> None:
        super().__init__(file, protocol=5)
        self._connection = connection

    def persistent_id(self, obj: object) -> object:
        if isinstance(obj, netref.BaseNetref) and obj.____conn__ is self._connection:
            return obj.____id_pack__
        return None


class ProxyUnpickler(pickle.Unpickler):
    """Puts the objects themselves in their proxies' place."""

    def __init__(self, file: IO[bytes], objects: Any) -> None:
        super().__init__(file)
        self._objects = objects

    def persistent_load(self, number: Any) -> Any:
        return self._objects[number]
