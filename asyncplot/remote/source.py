"""The computation's end of a relay: a reader of the mailbox that hands what it reads to a mirror.

Run by the supervisor on the stream of a viewer that cannot map the run directory, or by whoever views the
run from another host, through ssh; ``main``, on stdin and stdout. To the computation it is one more
reader; its folder in the run directory is a viewer's, with what the far one says. One thread of its own,
beside the pump's. At most one ``update`` is under way; while it is, newer frames supersede each other in the
mailbox.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from operator import ge
from pathlib import Path
from typing import Any

from .. import log
from ..errors import AsyncplotError, ViewerError, ViewerGone
from ..launch.announcement import announce, private_streams
from ..log import logger
from ..mailbox import Control, MailboxReader, ReceivedFrame
from ..rpc import ClientConnection, Pump, Reply, Stream
from ..rundir import BoardWriter, LaneCounters, Outcome, claim, hold, is_held, read_json, write_json
from ..rundir.format import CLOSING_DETACHED, CLOSING_UNHELD
from .compression import Compression
from .forwarding import Forwarding
from .greeting import greeting, incompatible
from .mirror import SentFrame

#: How often the mailbox is looked at while frames come, and when they do not, s; how long they count as coming.
_BUSY, _IDLE, _COMING = 0.002, 0.02, 1.0

#: How often the computation is looked for, s.
_ALIVE = 0.5

#: How long the far side may take to greet, and to take note of the end, s.
_GREETING, _FINISHING = 60.0, 1.0

#: The next frame is asked for this long before it can be sent, s: the computation looks each 4 to 8 ms.
_AHEAD = 0.012

#: What is known of the link fades by this much with each frame.
_FADING = 0.2

#: What a far viewer may report at once, bytes, and which records it may write here.
_REPORT = 1 << 20
_RECORDS = {"state", "failure", "sent", "drawing"}

#: How much of its nonsense is repeated, characters.
_WORDS = 200

#: Payloads up to this go within the request, bytes.
_ATTACHED = 1 << 15

#: The longest frame that crosses, bytes.
_LONGEST = 1 << 29


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
        self._own = number is None
        self._folder = claim(directory) if number is None else directory / f"viewer-{number}"
        hold(self._folder)
        self._control = Control.open(directory)
        self._board = BoardWriter(self._folder)
        self._lanes: list[_Lane] = []
        self._wake = threading.Event()
        self._pump = Pump("asyncplot-relay")
        self._connection = ClientConnection(self._pump, stream, _GREETING)
        self._root: Any = None
        self._compression = Compression([])
        self._sent: dict[str, tuple[Any, int, Any]] = {}  # value, time here, time there
        self._fresh: dict[int, ReceivedFrame] = {}  # to be sent next
        self._nbytes = 0  # of the frames under way
        self._link = 0.0  # how long frames take to get there, s
        self._cycle = 0.0  # from sending frames to the next ones, s
        self._forwarding: Forwarding | None = None
        self._last_frame = self._looked = time.monotonic()

    def run(self) -> str:
        """Relay until the run ends, or the far viewer; returns which, in words.

        Raises
        ------
        ViewerError
            If the two sides cannot work together.
        """
        try:
            self._greet()
            update: _Update | None = None
            news: Reply | None = None
            while not self._connection.closed:
                if self._run_has_ended():
                    self._finish()
                    return "the run has ended"
                if update is not None and update.reply.ready:
                    self._crossed(update)
                    update = None
                if update is None:
                    update = self._send()
                elif time.monotonic() > update.sent + self._cycle - _AHEAD:
                    self._read()  # so that frames are there when these have crossed
                if news is None or news.ready:
                    if news is not None:
                        self._pass_on(*news.value())
                    news = self._connection.begin(self._root, "news", notify=self._wake.set)
                coming = time.monotonic() - self._last_frame < _COMING
                self._wake.wait(_BUSY if coming else _IDLE)
                self._wake.clear()
            return "the viewer has gone"
        except ViewerGone as error:
            return str(error)
        except OSError:
            if is_held(self._run):
                raise
            self._finish()  # its directory was removed under our hands
            return "the run has ended"
        except AsyncplotError:
            raise
        except Exception as error:
            # It is another host's, which can raise any class here: what it answers is checked by use, and its
            # nonsense ends here, in one line.
            said = " ".join(str(error).split())[:_WORDS]
            raise ViewerError(f"the far viewer answers nonsense ({type(error).__name__}: {said})") from error
        finally:
            self._close()

    def _greet(self) -> None:
        self._root = self._connection.root
        record = read_json(self._run / "run.json") or {}
        ours = greeting()
        theirs = json.loads(self._root.hello(json.dumps({"greeting": ours, "run": record})))
        if problem := incompatible(ours, theirs["greeting"]):
            raise AsyncplotError(problem)
        self._compression = Compression(theirs["greeting"]["codecs"])
        self._held = {int(lane): int(number) for lane, number in theirs["held"].items()}
        self._host = str(theirs["greeting"]["host"])
        if not theirs["started"]:
            self._root.plotter((self._run / "plotter").read_bytes(), tuple(self._control.lanes))
        self._forwarding = Forwarding(self._pump, self._folder, self._hand_on)

    def _run_has_ended(self) -> bool:
        now = time.monotonic()
        if closing := self._control.closing:
            return closing != CLOSING_UNHELD or self._all_drawn()
        if now - self._looked < _ALIVE:
            return False
        self._looked = now
        return not is_held(self._run)

    def _all_drawn(self) -> bool:
        """Whether the far viewer has drawn the newest frame of each lane."""
        newest = [self._control.newest(lane) for lane in range(self._control.lane_count)]
        drawn = [lane.counters.final for lane in self._lanes]
        return len(drawn) == len(newest) and all(map(ge, drawn, newest))

    def _finish(self) -> None:
        """Tell the far side that the run has ended; a link that is dead does not hold us."""
        persist = self._control.closing == CLOSING_DETACHED
        reply = self._connection.begin(self._root, "finish", persist, notify=lambda: None)
        reply.arrived.wait(_FINISHING)

    # --- frames -------------------------------------------------------------------------------------

    def _send(self) -> _Update | None:
        """Hand over what is new, if anything is; else ask for it."""
        names = self._control.lanes if self._control.lane_count != len(self._lanes) else ()
        for index in range(len(self._lanes), len(names)):
            reader = MailboxReader(self._run, self._control, index)
            reader.resume(self._held.get(index, 0))
            self._board.add_lane(index)
            self._lanes.append(_Lane(names[index], reader))
        self._read()
        if not self._fresh:
            return None
        fresh, self._fresh = self._fresh, {}
        self._last_frame = time.monotonic()
        self._nbytes = 0
        frames = tuple(self._packed(index, frame) for index, frame in fresh.items())
        counts = []
        for index in range(len(self._lanes)):
            count = self._control.counts(index)
            counts.append((count.called, count.taken, count.failed, count.trailing))
        reply = self._connection.begin(
            self._root,
            "update",
            tuple(lane.name for lane in self._lanes),
            frames,
            tuple(counts),
            self._control.overhead,
            self._link,
            notify=self._wake.set,
        )
        return _Update(reply, self._nbytes, self._last_frame)

    def _read(self) -> None:
        """Read what is new, and ask for what is newer."""
        for index, lane in enumerate(self._lanes):
            if (frame := lane.newest()) is not None:
                self._fresh[index] = frame
            elif index not in self._fresh:
                lane.reader.ask()

    def _packed(self, index: int, frame: ReceivedFrame) -> SentFrame:
        """A frame as it is to cross. Large memory is not copied: it goes ahead as an attachment."""
        self._lanes[index].taken_ns[frame.number] = frame.taken_ns
        age = time.monotonic_ns() - frame.taken_ns
        lengths = tuple(view.nbytes for view in frame.buffers)
        packed = self._compression.packed(frame.buffers, sum(lengths))
        payload = b"".join(frame.buffers) if packed is None and sum(lengths) <= _ATTACHED else packed
        self._nbytes += sum(lengths) if payload is None else len(payload)
        if payload is None:
            self._connection.transport.attach(frame.buffers)
        codec = "" if packed is None else "zstd"
        return index, frame.number, age, bytes(frame.header), lengths, codec, payload

    def _crossed(self, update: _Update) -> None:
        """Learn from an answer how fast the link is."""
        cycle = time.monotonic() - update.sent
        seconds = max(cycle - update.reply.value(), 0.0)
        self._cycle += _FADING * (cycle - self._cycle)
        self._link += _FADING * (seconds - self._link)
        self._compression.crossed(update.nbytes, seconds)

    def _settle(self, outcome: dict[str, Any]) -> None:
        """Write on the board what became of a frame."""
        index, number = int(outcome["lane"]), int(outcome["number"])
        lane = self._lanes[index]
        taken_ns = lane.taken_ns.pop(number, 0)  # 0: a source before this one sent it
        drawn = outcome["word"] == "drawn"
        lane.counters = LaneCounters(
            final=number,
            drawn=int(outcome["drawn"]),
            failed=int(outcome["failed"]),
            fps=float(outcome["fps"]),
            taken_ns=taken_ns if drawn else lane.counters.taken_ns,
            draw_seconds=float(outcome["draw_seconds"]),
            blitted=int(outcome["blitted"]),
        )
        if outcome["word"]:
            self._board.settle(index, number, Outcome(outcome["word"], outcome["text"]))
        self._board.count(index, lane.counters)

    # --- what the far viewer tells, and is asked -------------------------------------------------------

    def _pass_on(self, text: str, answers: tuple[tuple[int, bytes], ...]) -> None:
        """Write what the far viewer says of itself where it would be if it were here."""
        if len(text) > _REPORT:
            raise ViewerError(f"the far viewer reports {len(text)} bytes at once, more than {_REPORT}")
        records = json.loads(text)
        for outcome in records.pop("frames", ()):
            self._settle(outcome)
        if "state" in records:
            # The process that stands for it here is this one.
            records["state"] |= {"pid": os.getpid(), "host": self._host}
        if "sent" in records:
            said = records["sent"]
            records["sent"] = {"values": self._timed_here(said["values"]), "view": said.get("view")}
        for name in _RECORDS & records.keys():
            write_json(self._folder / f"{name}.json", records[name])
        if "sent" in records:
            self._control.sent = time.monotonic_ns()
        for client, data in answers:
            assert self._forwarding is not None  # after the greeting
            self._forwarding.answer(client, data)

    def _timed_here(self, values: dict[str, Any]) -> dict[str, Any]:
        """What the plotter sent, with the time at which it came here: their clock is not ours."""
        now = time.monotonic_ns()
        for name, (value, sent) in values.items():
            if self._sent.get(name, (None, 0, None))[2] != sent:
                self._sent[name] = value, now, sent
        return {name: self._sent[name][:2] for name in values}

    def _hand_on(self, client: int, data: bytes) -> None:
        """Pass a request on. The pump's thread."""
        try:
            self._connection.begin(self._root, "forward", client, data, notify=lambda: None)
        except AsyncplotError as error:
            logger.debug("a request is lost: %s", error)

    def _close(self) -> None:
        self._connection.close()
        self._pump.close()
        for lane in self._lanes:
            lane.reader.close()
        self._board.close()
        self._control.close()
        if self._own:
            shutil.rmtree(self._folder, ignore_errors=True)


class _Lane:
    """One lane of the run."""

    def __init__(self, name: str, reader: MailboxReader) -> None:
        self.name = name
        self.reader = reader
        self.counters = LaneCounters()
        self.taken_ns: dict[int, int] = {}  # of the frames under way, by number

    def newest(self) -> ReceivedFrame | None:
        """The newest frame, if there is a new one that can cross."""
        frame = self.reader.newest()
        if frame is not None and sum(view.nbytes for view in frame.buffers) + len(frame.header) > _LONGEST:
            logger.error(
                "%s: a frame of more than %d MB cannot be relayed; send less", self.name, _LONGEST >> 20
            )
            return None
        return frame


class _Update:
    """Frames that are under way."""

    def __init__(self, reply: Reply, nbytes: int, sent: float) -> None:
        self.reply = reply
        self.nbytes = nbytes
        self.sent = sent


def main(directory: str, number: int | None = None) -> None:
    """Relay the run in ``directory`` on stdin and stdout. Exits with code 1 if the two sides cannot work together."""
    stdin, stdout = private_streams()
    log.configure()
    if number is None:  # whoever views the run reads what the shell says until this line
        announce(stdout, {"relay": True})
    try:
        why = Source(Path(directory), number, Stream(stdin, stdout)).run()
    except (AsyncplotError, OSError) as error:
        sys.exit(f"asyncplot: {error}")
    logger.info("relay: %s", why)
