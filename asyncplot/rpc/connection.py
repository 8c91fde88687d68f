"""rpyc's protocol on a `Pump`: boxing, netrefs and exceptions are rpyc's, the engine is ours.

Two roles. The **client** (compute side) sends requests and serves none: a viewer can answer, and call
nothing. The **server** (viewer, see `serving`) carries the requests out. What the client passes by value beyond rpyc's plain types (arrays, lists,
dicts, functions) crosses as a pickle, in that direction only: a viewer runs the computation's code
anyway, and the compute side never unpickles what a viewer sent.

This uses rpyc's private names (`_box`, `_unbox`, `_request_handlers`, ...), so the version is pinned
and a test drives each of them.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from rpyc.core import brine, consts, netref
from rpyc.core.protocol import Connection
from rpyc.core.service import Service

from .. import errors
from ..errors import AsyncplotError, RemoteError, ViewerGone, WaitTimeout
from .pickling import ProxyPickler
from .pump import Pump
from .transport import Stream, Transport
from .unanswered import unanswered

#: Makes a stand-in for what cannot be asked, because of an error; or raises it.
Absent = Callable[[AsyncplotError], Any]

#: Our labels and handlers beside rpyc's (which end at 4 and 20): a pickle, and an array's memory.
LABEL_PICKLE = 64
HANDLE_ARRAY = 64

#: By these numpy would have a remote array compute over there, which cannot take our functions' proxies
#: apart; without them it makes an array of it by ``__array__``.
_OF_NUMPY = {"__array_ufunc__", "__array_function__", "__array_interface__", "__array_struct__"}

_CLIENT = {"allow_safe_attrs": False, "allow_exposed_attrs": False, "allow_getattr": False, "logger": None}


class RpcConnection(Connection):  # type: ignore[misc]  # rpyc has no annotations
    """What both roles share: sending by the pump, and an end that waits for nobody."""

    def __init__(
        self,
        root: Service,
        config: dict[str, Any],
        pump: Pump,
        stream: Stream,
        attached: Callable[[memoryview], None] | None = None,
    ) -> None:
        self.transport = Transport(pump, stream, self._received, self._lost, attached)
        super().__init__(root, _NoChannel(), config)
        pump.add(self.transport)

    def __del__(self) -> None:
        """Nothing: rpyc's sends a request here and waits for the answer."""

    def close(self) -> None:
        """Close the stream; nothing is sent and nothing waited for. Any thread."""
        self._closed = True
        self.transport.close()

    def serve(self, *_: object, **__: object) -> bool:
        """Refuse: the pump reads this connection, and nobody else."""
        raise RemoteError("asyncplot's connections are served by their own thread")

    def _send(self, message: int, sequence: int, args: object) -> None:
        self.transport.send(brine.I1.pack(message) + brine.dump((sequence, args)))

    def _received(self, data: bytes) -> None:
        raise NotImplementedError

    def _lost(self) -> None:
        raise NotImplementedError


class _NoChannel:
    """Stands where rpyc keeps its channel; the pump has taken its place."""

    closed = True

    def close(self) -> None:
        """Nothing to close."""


class Reply:
    """The answer to one request, which may not have come yet.

    Parameters
    ----------
    connection : ClientConnection
        Was asked.
    notify : callable, optional
        Called when the answer has come, or the peer is gone; on the pump's thread.
    """

    __slots__ = ("_connection", "_notify", "answer", "arrived")

    def __init__(self, connection: ClientConnection, notify: Callable[[], None] | None = None) -> None:
        self._connection = connection
        self._notify = notify
        self.arrived = threading.Event()
        self.answer: tuple[int, Any] | None = None

    @property
    def ready(self) -> bool:
        """Whether `value` returns at once."""
        return self.arrived.is_set()

    def set(self, answer: tuple[int, Any] | None) -> None:
        """The answer has come: (is it an exception, boxed answer); None if the peer is gone."""
        self.answer = answer
        self.arrived.set()
        if self._notify is not None:
            self._notify()

    def value(self) -> Any:
        """The answer, once it is there; raises what the request raised, or ViewerGone."""
        if self.answer is None:
            raise ViewerGone("the viewer ended before it answered")
        message, boxed = self.answer
        if message == consts.MSG_EXCEPTION:
            raise self._connection._unbox_exc(boxed)
        # Unboxed here and not on the pump's thread: a new netref asks for its methods first.
        return self._connection._unbox(boxed)


class ClientConnection(RpcConnection):
    """The asking role (compute side, terminals). Thread-safe; a Ctrl-C in a wait does no harm.

    Parameters
    ----------
    timeout : float or None
        How long a request may take, s; None: as long as the viewer lives.
    doing : callable, optional
        Says what the viewer is busy with, for who has waited in vain; empty: that is not known.
    absent : callable, optional
        Called with the error when a request is not answered; returns a stand-in for the object that was asked
        (see `unanswered`), or raises. Default: the error is raised.
    """

    def __init__(
        self,
        pump: Pump,
        stream: Stream,
        timeout: float | None,
        doing: Callable[[], str] = lambda: "",
        absent: Absent | None = None,
    ) -> None:
        self._absent = absent
        self._waiters: dict[int, Reply] = {}
        self.timeout = timeout
        self._doing = doing
        super().__init__(Service(), _CLIENT, pump, stream)

    @classmethod
    def _request_handlers(cls) -> dict[int, Any]:
        return {}

    def sync_request(self, handler: int, *args: object) -> Any:
        """Ask and wait.

        Raises
        ------
        ViewerGone
            If the viewer ends, or has ended, and there is no stand-in.
        WaitTimeout
            If there is no answer in time, and no stand-in. The viewer still carries the request out when it can.
        Exception
            What the request raised over there, with the remote traceback in its text.
        """
        if handler == consts.HANDLE_PICKLE:
            raise RemoteError("a remote object cannot be pickled: that would unpickle what the viewer sent")
        try:
            return self._answer_to(handler, args)
        except (ViewerGone, WaitTimeout) as error:
            if self._absent is None:
                raise
            return unanswered(handler, args, self._absent(error))

    def _answer_to(self, handler: int, args: tuple[object, ...]) -> Any:
        sequence, reply = self._ask(handler, args, None)
        try:
            if not reply.arrived.wait(self.timeout):
                doing = self._doing() or "it may be drawing, stopped, or in a loop of the plotter"
                raise WaitTimeout(f"the viewer did not answer within {self.timeout:g} s; {doing}")
        finally:
            self._waiters.pop(sequence, None)
        return reply.value()

    def begin(self, proxy: Any, method: str, *args: object, notify: Callable[[], None]) -> Reply:
        """Call a method of a remote object, and do not wait.

        Parameters
        ----------
        proxy : proxy
            The object, of this connection.
        method : str
            The method's name.
        *args
            Passed by value, except for proxies.
        notify : callable
            Called on the pump's thread when the answer has come, or the peer is gone.

        Raises
        ------
        ViewerGone
            If the peer is gone already.
        """
        return self._ask(consts.HANDLE_CALLATTR, (proxy, method, args, ()), notify)[1]

    def _ask(
        self, handler: int, args: tuple[object, ...], notify: Callable[[], None] | None
    ) -> tuple[int, Reply]:
        """Send a request; returns its number and the answer to come."""
        reply = Reply(self, notify)
        sequence = next(self._seqcounter)
        self._waiters[sequence] = reply
        try:
            if self._closed:
                raise ViewerGone("the viewer is gone")
            boxed = self._box(args)
            try:
                self._send(consts.MSG_REQUEST, sequence, (handler, boxed))
            except RemoteError as error:  # it closed just now, or in the child of a fork
                raise ViewerGone("the viewer is gone") from error
        except BaseException:
            self._waiters.pop(sequence, None)
            raise
        return sequence, reply

    def _async_request(self, handler: int, args: Any = (), callback: object = None) -> None:
        """Send without an answer; netrefs say so that they are gone. Errors are nobody's business then."""
        if not self._closed:
            self._send(consts.MSG_REQUEST, next(self._seqcounter), (handler, self._box(args)))

    def _box(self, obj: object) -> tuple[int, Any]:
        if type(obj) is tuple and not brine.dumpable(obj):
            return consts.LABEL_TUPLE, tuple(self._box(item) for item in obj)
        if brine.dumpable(obj) or (isinstance(obj, netref.BaseNetref) and obj.____conn__ is self):
            boxed: tuple[int, Any] = super()._box(obj)
            return boxed
        try:
            file = io.BytesIO()
            ProxyPickler(file, self).dump(obj)
            return LABEL_PICKLE, file.getvalue()
        except Exception as error:  # whatever the object's own __reduce__ raises
            raise RemoteError(
                f"a {type(obj).__qualname__} cannot be passed to the live plotter ({error}); "
                "pass arrays and plain data"
            ) from error

    def _unbox_exc(self, raw: Any) -> BaseException:
        if (ours := _of_ours(raw)) is not None:
            return ours
        error = super()._unbox_exc(raw)
        if isinstance(error, type):  # StopIteration comes as the class
            error = error()
        if isinstance(error, Exception):
            return error
        return RemoteError(f"the request ended with {error!r} in the viewer")

    def _netref_factory(self, id_pack: tuple[str, int, int]) -> Any:
        proxy = super()._netref_factory(id_pack)
        kind = type(proxy)
        if vars(kind).get("__array__", _array_of) is not _array_of:
            kind.__array__ = _array_of
            for protocol in _OF_NUMPY & vars(kind).keys():
                delattr(kind, protocol)
        return proxy

    def _received(self, data: bytes) -> None:
        message = data[0]
        sequence, answer = brine.load(data[1:])
        if message == consts.MSG_REQUEST:
            return  # what a viewer asks of us is ignored
        reply = self._waiters.pop(sequence, None)
        if reply is not None:
            reply.set((message, answer))

    def _lost(self) -> None:
        self._closed = True
        for reply in list(self._waiters.values()):
            reply.set(None)
        self._waiters.clear()


def _of_ours(raw: Any) -> AsyncplotError | None:
    """An error of asyncplot's own as itself; it says what to do, and needs no traceback."""
    match raw:
        case ((errors.__name__, str(name)), tuple(args), *_) if all(type(arg) is str for arg in args):
            kind = getattr(errors, name, None)
            if isinstance(kind, type) and issubclass(kind, AsyncplotError):
                return kind(*args)
    return None


def is_proxy(value: object) -> bool:
    """Whether ``value`` is a netref: an object that lives in another process."""
    return isinstance(value, netref.BaseNetref)


def _array_of(proxy: Any, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:  # noqa: ARG001 (numpy's protocol)
    """``np.asarray`` of a remote array: its memory, as plain bytes."""
    connection = object.__getattribute__(proxy, "____conn__")
    letters, shape, memory = connection.sync_request(HANDLE_ARRAY, proxy)
    if "O" in str(letters):
        raise RemoteError("the viewer sent an array of objects")
    return np.frombuffer(bytearray(memory), np.dtype(str(letters))).reshape(shape).astype(dtype or letters)
