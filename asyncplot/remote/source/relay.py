"""The computation's end of a relay: what connects the mailbox of a run with a mirror.

In: the run directory, and the stream to the mirror; out: frames to the mirror, and a viewer's folder in the run
directory with what the mirror reports. To the computation it is one more viewer.

`main` is the whole process, on stdin and stdout. It is started by the supervisor for a viewer that cannot map
the run directory, or through ssh by whoever views the run from another host. One thread, beside the pump's.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from ... import log
from ...errors import AsyncplotError, ViewerError, ViewerGone, WaitTimeout
from ...launch.announcement import announce, private_streams
from ...log import logger
from ...mailbox import Control
from ...rpc import Pump, Stream
from ...rundir import is_held, read_json
from ...rundir.format import Closing
from ...rundir.printable import one_line
from ..channel import Channel
from ..forwarding import ForwardingListener
from ..wire import (
    AskNews,
    Finish,
    Finished,
    FromMirror,
    Hello,
    News,
    Plotter,
    Ready,
    Refused,
    Request,
    Welcome,
    greeting,
    incompatible,
)
from .far_viewer import FarViewer
from .outgoing import OutgoingFrames

#: How often it is looked whether the computation lives, s.
_ALIVE = 0.5

#: How long the mirror may take to greet, and to take note of the end, s.
_GREETING, _FINISHING = 60.0, 1.0

#: A mirror answers what it is asked, so few messages of it wait to be received.
_UNREAD = 16

#: How much is repeated of what a mirror says, characters.
_WORDS = 500

_Kind = TypeVar("_Kind")


class Source:
    """Relays one run to one viewer.

    Parameters
    ----------
    directory : Path
        The run directory.
    number : int or None
        The viewer's number if its folder is there; None: make one.
    stream : Stream
        To the mirror.
    """

    def __init__(self, directory: Path, number: int | None, stream: Stream) -> None:
        self._run = directory
        self._control = Control.open(directory)
        self._viewer = FarViewer(directory, number, self._control)
        self._wake = threading.Event()
        self._pump = Pump("asyncplot-relay")
        self._channel = Channel(self._pump, stream, FromMirror, _UNREAD, self._wake.set)
        self._outgoing: OutgoingFrames | None = None
        self._looked = time.monotonic()

    def run(self) -> str:
        """Relay until the run ends, or the far viewer; returns which, in words.

        Raises
        ------
        ViewerError
            If the two sides cannot work together.
        """
        try:
            return self._relay(self._greet())
        except ViewerGone as error:
            return str(error)
        except OSError:
            if is_held(self._run):
                raise
            self._finish()  # the run directory was removed while we used it
            return "the run has ended"
        except AsyncplotError:
            raise
        except Exception as error:
            # What the mirror says is checked, but not all that is written from it here (a text may hold half a
            # character, say). It ends here, in one line.
            said = f"{type(error).__name__}: {error}"
            raise ViewerError(f"the far viewer answers nonsense ({_one_line(said)})") from error
        finally:
            self._close()

    def _greet(self) -> Welcome:
        ours = greeting()
        self._channel.send(Hello(ours, read_json(self._run / "run.json") or {}))
        welcome = self._answer(Welcome, _GREETING)
        if problem := incompatible(ours, welcome.greeting):
            raise AsyncplotError(_one_line(problem))
        if not welcome.started:
            self._channel.send(Plotter((self._run / "plotter").read_bytes(), tuple(self._control.lanes)))
        return welcome

    def _relay(self, welcome: Welcome) -> str:
        self._outgoing = outgoing = OutgoingFrames(
            self._run, self._control, self._viewer, self._channel, welcome
        )
        forwarding = ForwardingListener(
            self._pump, self._viewer.folder, lambda client, data: self._channel.send(Request(client, data))
        )
        self._channel.send(AskNews())
        while True:
            while (message := self._channel.receive()) is not None:
                if isinstance(message, Ready):
                    outgoing.crossed(message.seconds)
                    outgoing.turn()  # the next frames go before anything else is done
                elif isinstance(message, News):
                    self._viewer.write(message, welcome.greeting.host)
                    for client, data in message.answers:
                        forwarding.answer(client, data)
                    self._channel.send(AskNews())
                else:
                    _reject(message)
            if self._run_has_ended():
                self._finish()
                return "the run has ended"
            outgoing.turn()
            self._wake.wait(outgoing.pause)
            self._wake.clear()

    def _answer(self, kind: type[_Kind], seconds: float) -> _Kind:
        """Wait for one message of a kind. Raises WaitTimeout, or what `Channel.receive` raises."""
        deadline = time.monotonic() + seconds
        while (message := self._channel.receive()) is None:
            if not self._wake.wait(deadline - time.monotonic()):
                raise WaitTimeout(f"the far viewer did not answer within {seconds:g} s")
            self._wake.clear()
        if not isinstance(message, kind):
            _reject(message)
        return message

    def _run_has_ended(self) -> bool:
        now = time.monotonic()
        if closing := self._control.closing:
            return closing != Closing.UNHELD or self._viewer.has_drawn_all()
        if now - self._looked < _ALIVE:
            return False
        self._looked = now
        return not is_held(self._run)

    def _finish(self) -> None:
        """Tell the mirror that the run has ended, and wait until it knows; not for long, as the link may be dead."""
        self._channel.send(Finish(self._control.closing == Closing.DETACHED))
        deadline = time.monotonic() + _FINISHING
        try:
            while (left := deadline - time.monotonic()) > 0.0:
                if isinstance(self._answer(object, left), Finished):
                    break
        except AsyncplotError as error:
            logger.debug("the far viewer did not confirm the end of the run: %s", error)

    def _close(self) -> None:
        self._channel.close()
        self._pump.close()
        if self._outgoing is not None:
            self._outgoing.close()
        self._viewer.close()
        self._control.close()


def _reject(message: Any) -> NoReturn:
    """Raise what a message means that is no answer to what was asked."""
    if isinstance(message, Refused):
        raise ViewerError(_one_line(message.why))
    raise ViewerError(f"the far viewer says {type(message).__name__}, which it was not asked for")


def _one_line(said: object) -> str:
    """What another host said, as one line of a bounded length."""
    return one_line(" ".join(str(said).split())[:_WORDS])


def main(directory: str, number: int | None = None) -> None:
    """Relay the run in ``directory`` on stdin and stdout. Exits with code 1 if the two sides cannot work together."""
    stdin, stdout = private_streams()
    log.configure()
    if number is None:  # whoever views the run passes over what the shell says before this line
        announce(stdout, {"relay": True})
    try:
        why = Source(Path(directory), number, Stream(stdin, stdout)).run()
    except (AsyncplotError, OSError) as error:
        sys.exit(f"asyncplot: {error}")
    logger.info("relay: %s", why)
