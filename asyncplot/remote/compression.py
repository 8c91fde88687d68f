"""Compression of frames for slow links, where a library for it is installed on both sides (``zstandard``).

Whether it pays is measured: the link's throughput, and how fast and how well the frames compress. In: the
buffers of a frame. Out: what crosses in their place, if anything. The relay's thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from typing import cast

from ..errors import ViewerError

#: Smaller payloads cross as they are.
_SMALLEST = 16_384

#: What is known of a link or a codec fades by this much with each new measurement.
_FADING = 0.3

#: How well frames compress is looked at again after so many that crossed as they are.
_AGAIN = 50


def codecs() -> list[str]:
    """What this side can pack and unpack."""
    return ["zstd"] if _zstd() is not None else []


class Compression:
    """Decides frame by frame.

    Parameters
    ----------
    theirs : collection of str
        The codecs of the other side.
    """

    def __init__(self, theirs: Collection[str]) -> None:
        pack_and_unpack = _zstd() if "zstd" in theirs else None
        self._pack = pack_and_unpack[0] if pack_and_unpack is not None else None
        self._link = 0.0  # bytes/s; 0: not known
        self._speed = 0.0  # bytes/s that the codec takes
        self._ratio = 1.0  # of what it gives
        self._plain = 0

    def packed(self, buffers: Sequence[memoryview], nbytes: int) -> bytes | None:
        """The buffers, packed together by zstd; None if they had better cross as they are."""
        if self._pack is None or nbytes < _SMALLEST or not self._pays(nbytes):
            return None
        start = time.perf_counter()
        packed = self._pack(b"".join(buffers))
        self._speed = _faded(self._speed, nbytes / max(time.perf_counter() - start, 1e-6))
        self._ratio = _faded(self._ratio, len(packed) / nbytes)
        return packed if len(packed) < nbytes else None

    def crossed(self, nbytes: int, seconds: float) -> None:
        """Note how long it took that many bytes to cross."""
        if nbytes >= _SMALLEST:
            self._link = _faded(self._link, nbytes / max(seconds, 1e-6))

    def _pays(self, nbytes: int) -> bool:
        if not self._link:
            return False
        self._plain += 1
        if not self._speed or self._plain % _AGAIN == 0:
            return True  # to find out
        return nbytes / self._speed + self._ratio * nbytes / self._link < nbytes / self._link


def unpacked(codec: str, payload: bytes | memoryview | None, nbytes: int) -> bytes | memoryview:
    """The payload as it was, ``nbytes`` long.

    Raises ViewerError for a codec that is not known here, without a payload, and for one that says, before anything
    is allocated, that it will not be of that length.
    """
    if payload is None:
        raise ViewerError("a frame came without its payload")
    if not codec:
        return payload
    pack_and_unpack = _zstd()
    if codec != "zstd" or pack_and_unpack is None:
        raise ViewerError(f"a frame came packed by {codec!r}, which cannot be unpacked here")
    if (length := pack_and_unpack[2](bytes(payload))) != nbytes:
        raise ViewerError(f"a frame of {nbytes} bytes came packed as one of {length}")
    return pack_and_unpack[1](bytes(payload))


def _zstd() -> tuple[Callable[[bytes], bytes], Callable[[bytes], bytes], Callable[[bytes], int]] | None:
    """Packing at the fastest usual level, unpacking, and the length that a packed frame claims; None without it."""
    try:
        import zstandard
    except ImportError:
        return None
    return (
        cast(Callable[[bytes], bytes], zstandard.ZstdCompressor(level=1).compress),
        cast(Callable[[bytes], bytes], zstandard.ZstdDecompressor().decompress),
        cast(Callable[[bytes], int], zstandard.frame_content_size),
    )


def _faded(old: float, new: float) -> float:
    return new if not old else (1.0 - _FADING) * old + _FADING * new
