"""The thread that encodes pictures, each patch once, whatever the number of pages. Event loop's thread, and its own.

In: patches. Out: futures of bytes, done in the order in which the patches came. zlib releases the GIL, so a plotter draws meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from .encoding import Codec, jpeg, png, pngs_of_changes
from .sheet import Patch, Spot

#: PNG is too much for a spot, as for the picture of a camera, if it has more than this share of the bytes of the pixels. Lines,
#: texts and smooth fields have 2 to 10 %; noise has 40 %. (The time is no measure: it is twice as long on a busy machine.)
_MOST = 0.25


class Encoded(NamedTuple):
    """A patch, and its files, one or two, as soon as they are there."""

    spot: Spot
    codec: Codec
    data: Future[list[bytes]]


class Encoder:
    """Encodes patches.

    Attributes
    ----------
    count : int
        How many patches were encoded.
    """

    def __init__(self) -> None:
        self.count = 0
        self._thread = ThreadPoolExecutor(1, "asyncplot-encoder")

    def encode(self, patch: Patch, learn: Callable[[bool], None]) -> Encoded:
        """Have a patch encoded. ``learn`` is told, on the encoder's thread, whether PNG was too much for it."""
        self.count += 1
        return Encoded(patch.spot, patch.codec, self._thread.submit(_encoded, patch, learn))

    def close(self) -> None:
        """End the thread. What it has not begun is cancelled."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _encoded(patch: Patch, learn: Callable[[bool], None]) -> list[bytes]:
    if patch.codec is Codec.JPEG:
        return [jpeg(patch.pixels)]
    if patch.codec is Codec.OVER:
        return pngs_of_changes(patch.pixels, patch.changed)
    data = png(patch.pixels)
    learn(len(data) > _MOST * patch.pixels.nbytes)
    return [data]
