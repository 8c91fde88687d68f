"""Arrays that contain their own checksum, and a reader of the mailbox that is a separate process."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

#: Header and array together are as large as a new mailbox allows, so that a copy takes long.
WORDS = 5000


def overwrite(array: np.ndarray, number: int) -> None:
    """Write frame ``number`` into ``array``. Each element depends on it, and the last one on all others."""
    array[:-1] = np.uint64(number * 2654435761 % (1 << 32))
    array[0] = number
    array[-1] = array[:-1].sum()


def is_whole(array: np.ndarray) -> bool:
    """Whether this is one frame, and not parts of two."""
    return bool(array[:-1].sum() == array[-1] and (array[1:-1] == array[1]).all())


class Checking:
    """A plotter that counts the torn arrays."""

    def __init__(self) -> None:
        self.torn = 0

    def update(self, array: np.ndarray) -> list[int]:
        self.torn += not is_whole(array)
        return [int(array[0]), self.torn]


def main(directory: str, wanted: int) -> None:
    """Read this many frames from lane 0 as fast as they come. Print how many were torn."""
    from asyncplot.frames import decode
    from asyncplot.mailbox import Control, MailboxReader

    control = Control.open(Path(directory))
    reader = MailboxReader(Path(directory), control, 0)
    read = torn = backwards = newest = 0
    while read < wanted:
        reader.ask()
        frame = reader.newest()
        if frame is None:
            continue
        (array,), _ = decode(frame.header, frame.buffers)
        read += 1
        torn += not is_whole(array)
        backwards += int(array[0]) <= newest
        newest = int(array[0])
    print(json.dumps({"read": read, "torn": torn, "backwards": backwards}))
    reader.close()
    control.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
