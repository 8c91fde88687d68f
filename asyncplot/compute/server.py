"""`Server`: the public face of the compute side. It checks the options, chooses the session, and passes on.

Everything here runs in the user's process, in the thread that calls it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import log, settings
from ..errors import ConfigurationError, WaitTimeout
from ..launch.command import Interpreter
from ..rundir import Viewer, ViewerOptions
from ..stats import Stats
from . import cells, opened, options
from .copying import Kept, Origin
from .pending import PendingResult, Update
from .received import Received
from .session.contract import OffSession, Session
from .session.inline import InlineSession
from .session.live import LiveSession
from .unpickled import session as unpickled_session

#: The attributes of a server that a pickle does not take as they are.
_NOT_PICKLED = {"_lanes", "_session", "received", "update"}

#: How long ``required=True`` waits for the viewer, s.
_REQUIRED = 60.0


class Server(Kept):
    """Starts a plotting interpreter, sends it your plotter, and hands it the newest data.

    Parameters
    ----------
    plotter : class, callable or instance
        A class or factory is called without arguments in the viewer; an instance is sent by pickle. It
        has a method ``update``, which gets the arguments of `update`; it calls no draw, pause or show.
    cmd : sequence of str, optional
        The plotting interpreter: a command that takes a string of Python code as its last argument,
        such as ``["ipython", "--pylab=qt", "-c"]``. Default: this interpreter.
    host : str, optional
        ``HOST`` or ``USER@HOST``: the window opens there. ``cmd`` is run there by ssh (default: ``python3
        -c``), where asyncplot must be installed, too.
    port : int, optional
        Meet a viewer that waits at this port of ``host`` (``asyncplot serve``), where there is no ssh.
    certificate : str or path, optional
        With ``port``: speak TLS, and trust the certificates in this file.
    name : str, optional
        The run's name; default: the script's. If a run has it already, ``-2`` and so on is appended.
    backend : {"qt", "tk", "offscreen"}, optional
        Default: ``ASYNCPLOT_BACKEND``, else what ``cmd`` chose, else ``MPLBACKEND``, else what loads.
    max_overhead : float
        The share of the wall time that plotting may cost; 1 or more: no limit.
    copy : {"auto", "always"}
        "auto" copies a frame when it is taken; "always" copies at each call, which makes the waiting
        frame exact whatever the caller does to its arrays afterwards.
    persist : bool
        Whether the window stays when the computation ends.
    viewer : bool or None
        None (or False) starts no viewer; the run can be joined at any time: ``asyncplot view NAME``.
    enabled : bool
        False turns everything into no-ops, as ``ASYNCPLOT=off`` does, and as is the default on MPI
        ranks other than 0.
    required : bool
        Wait until the viewer is up, and raise if it does not come up; otherwise that is logged, `check`
        raises it, and the computation goes on.
    respawn : bool
        Whether a viewer that crashed is started again.
    request_timeout : float or None
        How long `plotter`, and each request to what it gives, waits for an answer, s; None: as long as a viewer lives.
    inline : bool
        Run the plotter in this very process, for a debugger.
    strict : bool
        Whether `plotter` raises where there is no live plotter. Default: it is a stand-in then, so that a script
        runs to its end.
    blit : bool
        Draw only what a frame has changed, wherever that gives the same picture. False: each figure in full.
    save : str or path, optional
        Write the picture here: the last one, or, if the name contains ``{frame}``, each. ``{figure}``
        stands for the figure's number.

    Attributes
    ----------
    received : mapping
        What plotters have sent back by `asyncplot.send`: the newest value of each name, plain data. Polling
        it costs 0.1 us while nothing has come.

    Raises
    ------
    ConfigurationError
        If an option has a value that cannot work.
    ShippingError
        If the plotter cannot be pickled.
    ViewerError
        If ``required``, and the viewer does not come up.

    Notes
    -----
    Every method may be called from any thread. A `Server` is a context manager. Without ``with``, it ends when
    nothing holds it any more, nor any lane, pending result or ``received`` of it: its viewer draws the last frame and
    goes, and nobody waits for that. With ``persist`` or without a viewer, and for all that is held then, that is when
    the interpreter ends, as `close` does it.

    A copy of a `Server` is that server. One that comes out of a pickle is switched off. In IPython and notebooks, a
    cell that is executed again closes what it made before, and the new server takes its name and its windows' places.
    """

    def __init__(
        self,
        plotter: Any,
        cmd: Sequence[str] | None = None,
        *,
        host: str | None = None,
        port: int | None = None,
        certificate: str | os.PathLike[str] | None = None,
        name: str | None = None,
        backend: str | None = None,
        max_overhead: float = 0.01,
        copy: str = "auto",
        persist: bool = False,
        viewer: bool | None = True,
        enabled: bool = True,
        required: bool = False,
        respawn: bool = False,
        request_timeout: float | None = 10.0,
        inline: bool = False,
        strict: bool = False,
        blit: bool = True,
        save: str | os.PathLike[str] | None = None,
    ) -> None:
        log.configure()
        options.check(max_overhead, copy, request_timeout)
        interpreter = Interpreter(cmd, host, port, certificate)
        if required and not viewer:
            raise ConfigurationError("required=True waits for a viewer, which viewer=None does not start")
        backend = settings.checked_backend(backend) or settings.backend()
        membership = cells.enter(name)
        self._session: Session
        if not (enabled and settings.switched_on() and settings.rank_shows()):
            self._session = OffSession("plotting is switched off", name, strict=strict)
        elif inline:
            self._session = InlineSession(plotter, name)
        else:
            opened.settle()
            self._session = LiveSession(
                plotter,
                interpreter,
                membership.name,
                max_overhead=max_overhead,
                copies=copy == "always",
                persist=persist,
                respawn=respawn,
                strict=strict,
                starts_viewer=bool(viewer),
                viewer=ViewerOptions(backend, options.template(save), bool(blit), membership.windows),
                request_timeout=request_timeout,
            )
        try:
            if isinstance(self._session, LiveSession):
                self._session.membership = membership
                self._start(self._session, required=required, strict=strict)
            self._hold(*self._session.hand_out())
        except BaseException:  # a Ctrl-C, say: nothing of it is left
            self._session.close(patient=False)
            raise

    # --- asynchronous calls ----------------------------------------------------------------------

    def update(self, *args: Any, **kwargs: Any) -> PendingResult:
        """Hand the newest data to ``plotter.update`` in the viewer. Never waits.

        Asynchronous: a frame that waits is dropped when a newer call supersedes it. May be called from
        any thread, and from signal handlers.

        Parameters
        ----------
        *args, **kwargs
            Anything that pickles. Arrays (of any dtype, order and stride) are copied once, if and when
            the frame is taken.

        Returns
        -------
        PendingResult
            The fate of this frame.

        Raises
        ------
        FrameError
            In the first call only, if an argument cannot be sent.
        """
        return self._session.lane("update")(*args, **kwargs)

    def lane(self, method: str) -> Update:
        """The asynchronous form of any method of the plotter, as a lane of its own.

        Parameters
        ----------
        method : str
            The method's name. Frames of different lanes do not supersede each other.

        Returns
        -------
        callable
            To be called like `update`, with that method's arguments.

        Raises
        ------
        AsyncplotError
            If there are 64 lanes already.
        """
        lane = self._lanes[method] = self._session.lane(method)
        return lane

    # --- waiting ---------------------------------------------------------------------------------

    def flush(self, timeout: float | None = 10.0) -> bool:
        """Wait until the last frame is on the screen.

        Parameters
        ----------
        timeout : float or None
            Seconds; None waits as long as a viewer lives.

        Returns
        -------
        bool
            True when the last frame of each lane is on the screen; False at the time-out, and at once if
            no viewer lives. Never raises.
        """
        return self._session.flush(timeout)

    def ready(self, timeout: float | None = 30.0) -> bool:
        """Wait until the viewer has made its plotter and its windows are up.

        Parameters
        ----------
        timeout : float or None
            Seconds; None waits as long as a viewer lives.

        Returns
        -------
        bool
            False at the time-out, and at once if no viewer lives.
        """
        return self._session.ready(timeout)

    def wait(self) -> None:
        """Wait until the user has closed the last window; at once where there are no windows.

        The last frame is delivered first. A Ctrl-C ends the wait.
        """
        self._session.wait()

    def close(self) -> None:
        """Deliver the last frame, end the viewer (unless it persists), and remove the run directory.

        Takes at most 0.3 s longer than the last draw; a viewer that does not answer is killed. Further
        calls of ``update`` do nothing. Called again, it does nothing.
        """
        self._session.close(patient=True)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # After an exception nobody waits for a viewer that is still starting.
        self._session.close(patient=kind is None)

    # --- what there is to know -------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The run's name."""
        return self._session.name

    @property
    def directory(self) -> Path:
        """The run directory; where there is none (any more), the place where it would be."""
        return self._session.directory

    @property
    def is_alive(self) -> bool:
        """Whether a viewer lives, or is being started."""
        return self._session.is_alive

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        """The viewers that this run has had, the living ones included, oldest first.

        One of phase ``off``, with the reason, where plotting is switched off.
        """
        return self._session.viewers

    def check(self) -> None:
        """Raise what went wrong in the viewer, if anything did.

        Raises
        ------
        ViewerGone
            If the viewer could not be started, or crashed: with command, exit code and the tail of its
            output. A window that the user closed is not an error.
        PlotterError
            If the plotter raised since the last `check`, with the traceback of the viewer.
        ViewerError
            If a picture could not be written (``save``) since the last `check`.
        FrameError
            If a frame could not be sent since the last `check`.
        """
        self._session.check()

    @property
    def stats(self) -> Stats:
        """What plotting has cost and shown so far: counts, costs, rate and age of the picture."""
        return self._session.stats

    @property
    def plotter(self) -> Any:
        """The live plotter itself, in the primary viewer: attributes, calls, items, setting attributes.

        What stands behind it is carried out on the viewer's GUI thread, after the frames that were
        handed over before; what it changes is redrawn. Plain values come back as such, all else as
        proxies; ``numpy.asarray`` fetches an array.

        Where there is no live plotter (plotting is off, the window was closed, the viewer crashed or does not answer)
        it is a stand-in, which the log tells once: any attribute, item, call and setting does nothing. It is false,
        and its repr says why. So a script runs to its end. `check` raises what went wrong.

        Raises
        ------
        ViewerGone
            If no viewer lives, with ``strict=True`` only.
        WaitTimeout
            If the viewer does not answer within ``request_timeout``, with ``strict=True`` only. The message says what
            the viewer is busy with, and since when.
        Exception
            What the request raised over there, with the remote traceback in its text.
        """
        return self._session.plotter

    def __repr__(self) -> str:
        return f"<asyncplot.Server {self.name!r}: {'viewer alive' if self.is_alive else 'no viewer'}>"

    def _hold(self, update: Update, received: Received) -> None:
        """Hold what the session hands out: a live one ends when nobody holds any of it."""
        self._lanes: dict[str, Update] = {}
        self.received = received
        # The instance attribute shadows the method: one Python frame less on the hot path (0.1 us).
        vars(self)["update"] = update

    def _pickled(self) -> tuple[Any, ...]:
        # What a derived class keeps travels, too.
        own = {name: value for name, value in vars(self).items() if name not in _NOT_PICKLED}
        return _unpickled, (type(self), Origin.here(self.name, self._session.why_off), self.received), own

    def _start(self, session: LiveSession, *, required: bool, strict: bool) -> None:
        """Start the session, or switch plotting off; with ``required`` wait until the viewer is up, or raise."""
        failure = session.start()
        if failure is not None:
            if required:
                raise failure
            self._session = OffSession(str(failure), session.name, failure, strict=strict)
            return
        if required and not session.ready(_REQUIRED):
            session.check()
            raise WaitTimeout(f"the viewer did not come up within {_REQUIRED:g} s")


def _unpickled(kind: type[Server], origin: Origin, received: Received) -> Server:
    """What comes out of a pickle: a server that is switched off."""
    server = kind.__new__(kind)
    server._session = unpickled_session(origin)
    server._hold(server._session.lane("update"), received)
    return server
