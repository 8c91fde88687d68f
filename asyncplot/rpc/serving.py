"""The server's end of a connection: carries out the requests of a client. Viewer.

In: requests, read by the pump's thread. Out: answers. Each request runs on the GUI thread, by ``schedule``. A client
can make only those requests that a short list names.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from rpyc.core import brine, consts, vinegar
from rpyc.core.service import Service

from ..errors import RemoteError
from .arrays import HANDLE_ARRAY, memory_of
from .connection import LABEL_PICKLE, RpcConnection
from .pickling import ProxyUnpickler
from .pump import Pump
from .transport import Stream

#: What a client may ask a viewer for. HANDLE_PICKLE is missing (netrefs would unpickle the peer's bytes), and
#: HANDLE_CLOSE (a forked child would end the connection of its parent).
_SERVED = (
    consts.HANDLE_PING,
    consts.HANDLE_GETROOT,
    consts.HANDLE_GETATTR,
    consts.HANDLE_SETATTR,
    consts.HANDLE_DELATTR,
    consts.HANDLE_CALL,
    consts.HANDLE_CALLATTR,
    consts.HANDLE_REPR,
    consts.HANDLE_STR,
    consts.HANDLE_CMP,
    consts.HANDLE_HASH,
    consts.HANDLE_DIR,
    consts.HANDLE_DEL,
    consts.HANDLE_INSPECT,
    consts.HANDLE_CTXEXIT,
    consts.HANDLE_INSTANCECHECK,
)

_SERVER = {
    "allow_all_attrs": True,
    "allow_setattr": True,
    "allow_delattr": True,
    "allow_exposed_attrs": False,
    "propagate_KeyboardInterrupt_locally": False,
    "logger": None,
}


class ServerConnection(RpcConnection):
    """The server. Requests are read on the pump's thread; everything else happens on the thread of ``schedule``.

    Parameters
    ----------
    root : object
        The object that the client gets first, as ``root``.
    schedule : callable
        Called on the pump's thread with a function to be run on the GUI thread.
    lost : callable, optional
        Called on the pump's thread when the peer has gone.
    attached : callable, optional
        Gets the attachments that the client sends, on the pump's thread. Without it they are refused.
    """

    def __init__(
        self,
        pump: Pump,
        stream: Stream,
        root: object,
        schedule: Callable[[Callable[[], None]], None],
        lost: Callable[[], None] = lambda: None,
        attached: Callable[[memoryview], None] | None = None,
    ) -> None:
        self._schedule = schedule
        self._when_lost = lost
        self._root = root
        super().__init__(Service(), _SERVER, pump, stream, attached)

    @classmethod
    def _request_handlers(cls) -> dict[int, Any]:
        handlers = super()._request_handlers()
        return {**{number: handlers[number] for number in _SERVED}, HANDLE_ARRAY: cls._handle_array}

    def _handle_getroot(self) -> object:
        return self._root

    def _handle_array(self, obj: Any) -> tuple[str, tuple[int, ...], bytes]:
        return memory_of(obj)

    def _box(self, obj: object) -> tuple[int, Any]:
        boxed: tuple[int, Any] = super()._box(obj.item() if isinstance(obj, np.generic) else obj)
        return boxed

    def _box_exc(self, typ: type[BaseException], val: BaseException, tb: Any) -> Any:
        return vinegar.dump(typ, val, tb, include_local_traceback=True, include_local_version=False)

    def _unbox(self, package: tuple[int, Any]) -> Any:
        label, value = package
        if label == LABEL_PICKLE:
            return ProxyUnpickler(io.BytesIO(value), self._local_objects).load()
        return super()._unbox(package)

    def _received(self, data: bytes) -> None:
        if data[0] == consts.MSG_REQUEST:
            sequence, request = brine.load(data[1:])
            self._schedule(lambda: self._answer(sequence, request))

    def _answer(self, sequence: int, request: Any) -> None:
        """Carry a request out and answer it. GUI thread."""
        if self._closed:
            return
        try:
            self._dispatch_request(sequence, request)
        except RemoteError:
            pass  # the client is gone, so nobody waits for the answer

    def _lost(self) -> None:
        self._closed = True
        self._schedule(self._local_objects.clear)
        self._when_lost()
