"""`Server`: the public class of the compute side. It checks the options, and chooses and starts the session.

In: the plotter and the options. Out: a started session. All of this runs in the user's process, in the thread
that calls. The methods of a server are in `facade`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from .. import log, settings
from ..errors import ConfigurationError, ViewerGone, WaitTimeout
from ..launch.command import Interpreter
from . import cells, opened
from .copying import Origin
from .facade import Facade
from .live_options import LiveOptions, copies, viewer_options
from .received import Received
from .session.inline import InlineSession
from .session.live import LiveSession
from .session.off import OffSession
from .unpickled import session as unpickled_session

#: The attributes of a server that a pickle does not store as they are.
_NOT_PICKLED = {"_lanes", "_session", "received", "update"}

#: How long ``required=True`` waits for the viewer, s.
_REQUIRED = 60.0


class Server(Facade):
    """Starts a plotting interpreter, sends it your plotter, and hands it the newest data.

    Parameters
    ----------
    plotter : class, callable or instance
        A class or a factory: the viewer calls it without arguments. An instance: it is pickled and sent.
        The plotter has a method ``update``, which gets the arguments of `update`. It calls no draw, pause
        or show.
    cmd : sequence of str, optional
        The plotting interpreter: a command that takes a string of Python code as its last argument, such
        as ``["ipython", "--pylab=qt", "-c"]``. Default: this interpreter.
    host : str, optional
        ``HOST`` or ``USER@HOST``: the window opens on that host. ssh runs ``cmd`` there (default:
        ``python3 -c``). asyncplot must be installed there, too.
    port : int, optional
        Connect to a viewer that waits at this port of ``host`` (``asyncplot serve``), if there is no ssh.
    certificate : str or path, optional
        With ``port``: use TLS, and trust the certificates in this file.
    name : str, optional
        The run's name. Default: the script's name. If a run has that name already, ``-2``, ``-3`` and so on
        is appended.
    backend : {"qt", "macosx", "tk", "gtk", "wx", "web", "offscreen"}, optional
        Default: ``ASYNCPLOT_BACKEND``, else the choice of ``cmd``, else ``MPLBACKEND``, else the first that
        can be loaded.
    max_overhead : float
        The share of the wall time that plotting may cost: 0.01 is 1 %. 1 or more: no limit.
    copy : {"auto", "always"}
        "auto" copies a frame when it is taken. "always" copies the arrays in each call, so a waiting frame
        does not change when you write into your arrays.
    persist : bool
        Whether the window stays open when the computation ends.
    viewer : bool or None
        True starts a viewer. None (or False) starts none. ``asyncplot view NAME`` joins the run at any time.
    enabled : bool
        False turns everything into no-ops. So does ``ASYNCPLOT=off``. MPI ranks other than 0 are off by
        default.
    required : bool
        True: wait until the viewer is ready, at most 60 s, and raise if it does not start. False: a viewer
        that does not start is logged, `check` raises the error, and the computation goes on.
    respawn : bool
        Whether a viewer that crashed is started again.
    request_timeout : float or None
        How long `plotter`, and each request to the live plotter, waits for an answer, s. None: as long as a
        viewer lives.
    inline : bool
        True runs the plotter in this process, for a debugger.
    strict : bool
        True: `plotter` raises if there is no live plotter. False: it is a stand-in then, so that a script
        runs to its end.
    blit : bool
        True: draw only what a frame has changed, wherever that gives the same picture. False: draw each
        figure in full.
    save : str or path, optional
        Write the picture to this file: the last one, or each one if the name contains ``{frame}``.
        ``{figure}`` is replaced by the figure's number.

    Attributes
    ----------
    received : mapping
        The values that plotters have sent back by `asyncplot.send`: the newest value of each name, plain
        data. A read costs 0.1 us while nothing new has come.

    Raises
    ------
    ConfigurationError
        If an option has a value that cannot work.
    ShippingError
        If the plotter cannot be pickled.
    ViewerError
        If ``required``, and the viewer or its plotter cannot be started.
    WaitTimeout
        If ``required``, and the viewer is not ready within 60 s.

    Notes
    -----
    You may call every method from any thread. A `Server` is a context manager.

    Without ``with``, a server ends when nothing holds it any more, and nothing holds a lane, a pending result
    or the ``received`` of it. Its viewer then draws the last frame and ends. Nobody waits for that. A server
    with ``persist``, one without a viewer, and one that is still held end when the interpreter ends, as by
    `close`.

    A copy of a `Server` is that server. A server that comes out of a pickle is switched off.

    When a cell of IPython or a notebook is executed again, the servers that it made before are closed. The
    new server takes the name of the old one, and the places of its windows.
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
        interpreter = Interpreter(cmd, host, port, certificate)
        if required and not viewer:
            raise ConfigurationError(
                "required=True waits for a viewer, but viewer=None starts none: leave out one of the two"
            )
        elsewhere = cmd is not None or host is not None or port is not None
        in_cell = bool(viewer) and not elsewhere and settings.kernel_shell() is not None
        options = LiveOptions(
            max_overhead=max_overhead,
            copies=copies(copy),
            persist=persist,
            respawn=respawn,
            strict=strict,
            starts_viewer=bool(viewer),
            request_timeout=request_timeout,
            viewer=viewer_options(backend, save, blit=bool(blit), in_cell=in_cell),
        )
        membership = cells.enter(name)
        if not (enabled and settings.switched_on() and settings.rank_shows()):
            self._session = OffSession("plotting is switched off", name, strict=strict)
        elif inline:
            self._session = InlineSession(plotter, name)
        else:
            opened.settle()
            self._session = LiveSession(plotter, interpreter, membership, options)
        try:
            if isinstance(self._session, LiveSession):
                self._start(self._session, required=required, strict=strict)
            self._hold(*self._session.hand_out())
        except BaseException:  # for example a Ctrl-C: nothing of the session may stay
            self._session.close(patient=False)
            raise

    def _pickled(self) -> tuple[Any, ...]:
        # The attributes of a derived class are pickled, too.
        own = {name: value for name, value in vars(self).items() if name not in _NOT_PICKLED}
        return _unpickled, (type(self), Origin.here(self.name, self._session.why_off), self.received), own

    def _start(self, session: LiveSession, *, required: bool, strict: bool) -> None:
        """Start the session. If that fails, plotting is switched off; with ``required`` it raises."""
        try:
            session.start()
        except ViewerGone as failure:
            if required:
                raise
            # A new exception: the traceback of the old one would keep the failed session alive.
            why = str(failure)
            self._session = OffSession(why, session.name, ViewerGone(why), strict=strict)
            return
        session.show_in_cell()
        if required and not session.ready(_REQUIRED):
            session.check()
            raise WaitTimeout(f"the viewer did not come up within {_REQUIRED:g} s")


def _unpickled(kind: type[Server], origin: Origin, received: Received) -> Server:
    """What comes out of a pickle: a server that is switched off."""
    server = kind.__new__(kind)
    server._session = unpickled_session(origin)
    server._hold(server._session.lane("update"), received)
    return server
