"""`Server`: the public face of the compute side. It checks the options, and chooses and starts the session.

Everything here runs in the user's process, in the thread that calls it. What can be asked of a server stands in `facade`.
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
from .options import LiveOptions, copies, template
from .received import Received
from .session.inline import InlineSession
from .session.live import LiveSession
from .session.off import OffSession
from .unpickled import session as unpickled_session

#: The attributes of a server that a pickle does not take as they are.
_NOT_PICKLED = {"_lanes", "_session", "received", "update"}

#: How long ``required=True`` waits for the viewer, s.
_REQUIRED = 60.0


class Server(Facade):
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
        interpreter = Interpreter(cmd, host, port, certificate)
        if required and not viewer:
            raise ConfigurationError("required=True waits for a viewer, which viewer=None does not start")
        options = LiveOptions(
            max_overhead=max_overhead,
            copies=copies(copy),
            persist=persist,
            respawn=respawn,
            strict=strict,
            starts_viewer=bool(viewer),
            request_timeout=request_timeout,
            viewer={
                "backend": settings.checked_backend(backend) or settings.backend(),
                "save": template(save),
                "blit": bool(blit),
            },
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
        except BaseException:  # a Ctrl-C, say: nothing of it is left
            self._session.close(patient=False)
            raise

    def _pickled(self) -> tuple[Any, ...]:
        # What a derived class keeps travels, too.
        own = {name: value for name, value in vars(self).items() if name not in _NOT_PICKLED}
        return _unpickled, (type(self), Origin.here(self.name, self._session.why_off), self.received), own

    def _start(self, session: LiveSession, *, required: bool, strict: bool) -> None:
        """Start the session. If that fails, plotting is switched off; with ``required`` that raises."""
        try:
            session.start()
        except ViewerGone as failure:
            if required:
                raise
            # A new one: the traceback of the first would keep the failed session alive.
            why = str(failure)
            self._session = OffSession(why, session.name, ViewerGone(why), strict=strict)
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
