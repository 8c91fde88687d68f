"""Mailboxes: numbers and noise in a mailbox and in the control file, and then a reader reads them.

In: count and seed. Out: an `Outcome`. Each case is one mailbox with some frames, spoiled once, in a worker process. A frame that the
reader gives out is not unpickled if its header was changed: only the computation can write there, and who can do that can run code.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import asyncplot
from asyncplot.frames import Encoder
from asyncplot.mailbox import Control, MailboxReader, MailboxWriter
from asyncplot.rundir import format as layout

from . import worker
from .outcome import Campaign, Case, Missed, Outcome
from .place import place

KINDS = (
    "numbers of the control file",
    "numbers of the mailbox",
    "numbers of a slot",
    "noise",
    "size",
    "while it reads",
)

#: How long one case may take, s; how many frames are put; and how often a reader looks.
_LIMIT, _FRAMES, _LOOKS = 1.0, 5, 3


def run(count: int, seed: int, kinds: Sequence[str]) -> Outcome:
    """Carry out the campaign."""
    with place() as here:
        return worker.carried_out("soaking.mailboxes", here, count, seed, kinds)


def _case(case: Case) -> None:
    worker.limit(_LIMIT)
    folder = Path(tempfile.mkdtemp(dir=os.environ["ASYNCPLOT_RUNTIME_DIR"]))
    control = Control.make(folder)
    lane = control.add_lane("update")
    writer = MailboxWriter(folder, control, lane)
    encoder = Encoder()
    reader = MailboxReader(folder, control, lane)
    how = ""
    try:
        for number in range(_FRAMES):
            writer.put(encoder.encode((np.full(1000, number), "text"), {}), 1)
        if case.kind == "while it reads":
            reader.newest()
        how = _spoiled(folder, case)
        for _ in range(_LOOKS):
            _check(reader)
    except asyncplot.AsyncplotError:
        pass
    except Exception as error:
        raise Missed(f"{how}: {type(error).__name__}: {error}") from error
    finally:
        reader.close()
        writer.close()
        control.close()
        shutil.rmtree(folder)


def _check(reader: MailboxReader) -> None:
    """Look once; what is given out must lie within the memory that was copied."""
    frame = reader.newest()
    reader.ask()
    if frame is not None:
        sum(buffer.nbytes for buffer in frame.buffers)
        bytes(frame.header)


def _spoiled(folder: Path, case: Case) -> str:
    """Spoil one file; says how, in words."""
    chance = case.chance
    control, mailbox = folder / "control", next(folder.glob("mailbox-*"))
    lane = layout.LANE_FIRST_WORD
    slots = [layout.slot_offset(slot, _capacity(mailbox)) // layout.WORD for slot in range(layout.SLOTS)]
    if case.kind == "numbers of the control file":
        return _numbers(control, [lane + offset for offset in range(layout.LANE_COUNTED_NS)], chance)
    if case.kind == "numbers of the mailbox":
        return _numbers(
            mailbox, [layout.MAILBOX_MAGIC, layout.MAILBOX_SLOTS, layout.MAILBOX_CAPACITY], chance
        )
    if case.kind == "size":
        path, size = chance.choice([control, mailbox]), chance.choice([0, 1, 8, 4096, 10_000])
        os.truncate(path, size)  # of a file that is not mapped by this reader yet, or within its first page
        os.truncate(path, max(size, _size(path)))
        return f"{path.name} was cut at {size} bytes, and filled with zeros"
    if case.kind == "noise":
        path = chance.choice([control, mailbox])
        _write(path, chance.randrange(path.stat().st_size), chance.randbytes(chance.randrange(1, 5000)))
        return f"noise in {path.name}"
    head = chance.choice(slots)
    table = layout.SLOT_HEAD_BYTES // layout.WORD
    return _numbers(mailbox, [head + offset for offset in (0, 1, 2, 3, 4, table)], chance)


def _numbers(path: Path, words: Sequence[int], chance: random.Random) -> str:
    """Overwrite some words by numbers that are wrong by a little or by much."""
    said = []
    for word in chance.sample(list(words), chance.randrange(1, min(4, len(words)) + 1)):
        value: int = chance.choice(
            [0, 1, 3, 7, 64, 4096, 2**31, 2**40, 2**63, 2**64 - 1, chance.getrandbits(64)]
        )
        _write(path, word * layout.WORD, value.to_bytes(layout.WORD, sys.byteorder))
        said.append(f"word {word} = {value}")
    return f"{path.name}: {', '.join(said)}"


def _write(path: Path, at: int, data: bytes) -> None:
    """Write into a file without making it longer."""
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(data[: path.stat().st_size - at])


def _capacity(mailbox: Path) -> int:
    with open(mailbox, "rb") as file:
        file.seek(layout.MAILBOX_CAPACITY * layout.WORD)
        return int.from_bytes(file.read(layout.WORD), sys.byteorder)


def _size(path: Path) -> int:
    return layout.CONTROL_BYTES if path.name == "control" else layout.mailbox_bytes(1 << 17)


CAMPAIGN = Campaign(
    name="mailboxes",
    what="Wrong numbers or noise in a mailbox or in the control file, which a reader then reads",
    bar="the reader gives out nothing, or a frame within its memory; it raises nothing but AsyncplotError, and does not crash",
    kinds=KINDS,
    function=run,
    long=10_000,
    short=150 * len(KINDS),
)

if __name__ == "__main__":
    worker.serve(_case)
