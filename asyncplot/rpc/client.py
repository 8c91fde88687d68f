"""The client's end of a connection: sends requests to a viewer, and waits for the answers.

Computation and terminals, any thread. In: what is done with a proxy. Out: values, proxies, or what the request raised.
A viewer can only answer: what it asks for is ignored, and nothing that it sends is unpickled.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import Any

from rpyc.core import brine, consts, netref
from rpyc.core.service import Service

from .. import errors
from ..errors import AsyncplotError, RemoteError, ViewerGone, WaitTimeout
from .arrays import make_convertible
from .connection import LABEL_PICKLE, RpcConnection
from .pickling import ProxyPickler
from .pump import Pump
from .transport import Stream
from .unanswered import unanswered

#: Makes a stand-in for an object that does not answer, because of an error; or raises the error.
Absent = Callable[[AsyncplotError], Any]

_CLIENT = {"allow_safe_attrs": False, "allow_exposed_attrs": False, "allow_getattr": False, "logger": None}


class Reply:
    """The answer to one request; it may not have come yet.

    Parameters
    ----------
    connection : ClientConnection
        The connection of the request.
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
        """Note the answer: the kind of message and the boxed value; None if the peer is gone. The pump's thread."""
        self.answer = answer
        self.arrived.set()
        if self._notify is not None:
            self._notify()

    def value(self) -> Any:
        """The answer, when it has come. Raises what the request raised, or ViewerGone."""
        if self.answer is None:
            raise ViewerGone("the viewer ended before it answered")
        message, boxed = self.answer
        if message == consts.MSG_EXCEPTION:
            raise self._connection._unbox_exc(boxed)
        # Not unboxed on the pump's thread: a new netref first asks the viewer for its methods, and waits.
        return self._connection._unbox(boxed)


class ClientConnection(RpcConnection):
    """The client. Thread-safe; a Ctrl-C in a wait does no harm.

    Parameters
    ----------
    timeout : float or None
        How long a request may take, s; None: as long as the viewer lives.
    doing : callable, optional
        Says what the viewer is busy with, for the message at a time-out; empty if that is not known.
    absent : callable, optional
        Called with the error when a request is not answered. It returns a stand-in for the object that was asked
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
        """Send a request, and wait for the answer.

        Raises
        ------
        ViewerGone
            If the viewer ends, or has ended, and there is no stand-in.
        WaitTimeout
            If there is no answer in time, and no stand-in. The viewer still carries out the request when it can.
        Exception
            What the request raised in the viewer, with the remote traceback in its text.
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
        """Call a method of a remote object, without waiting.

        Parameters
        ----------
        proxy : proxy
            The object; a proxy of this connection.
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
        """Send a request; returns its number and the `Reply` to it."""
        reply = Reply(self, notify)
        sequence = next(self._seqcounter)
        self._waiters[sequence] = reply
        try:
            if self._closed:
                raise ViewerGone("the viewer is gone")
            boxed = self._box(args)
            try:
                self._send(consts.MSG_REQUEST, sequence, (handler, boxed))
            except (
                RemoteError
            ) as error:  # it closed just now, or in the child of a fork; or there is no thread
                raise ViewerGone(str(error)) from error
        except BaseException:
            self._waiters.pop(sequence, None)
            raise
        return sequence, reply

    def _async_request(self, handler: int, args: Any = (), callback: object = None) -> None:
        """Send a request without an answer. A netref that ends tells so to the viewer; errors are then of no interest."""
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
        make_convertible(type(proxy))
        return proxy

    def _received(self, data: bytes) -> None:
        message = data[0]
        sequence, answer = brine.load(data[1:])
        if message == consts.MSG_REQUEST:
            return  # requests from a viewer are ignored
        reply = self._waiters.pop(sequence, None)
        if reply is not None:
            reply.set((message, answer))

    def close(self) -> None:
        """Close the stream. Who waits for an answer gets ViewerGone. Waits for nothing. Any thread."""
        super().close()
        self._lost()

    def _lost(self) -> None:
        self._closed = True
        for reply in list(self._waiters.values()):
            reply.set(None)
        self._waiters.clear()


def _of_ours(raw: Any) -> AsyncplotError | None:
    """An error of asyncplot's own. It says what to do, and needs no traceback."""
    match raw:
        case ((errors.__name__, str(name)), tuple(args), *_) if all(type(arg) is str for arg in args):
            kind = getattr(errors, name, None)
            if isinstance(kind, type) and issubclass(kind, AsyncplotError):
                return kind(*args)
    return None


def is_proxy(value: object) -> bool:
    """Whether ``value`` is a netref: an object that lives in another process."""
    return isinstance(value, netref.BaseNetref)
