"""Compression of frames for slow links, if ``zstandard`` is installed on both sides.

Frames are packed when that makes them cross faster. To know this, the throughput of the link is measured, and how
fast and how well the frames compress. In: the buffers of a frame. Out: what crosses in their place, or nothing. The
source's thread; `unpacked` on the mirror's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from typing import cast

from ..errors import ViewerError

#: Payloads smaller than this are never packed, bytes.
_SMALLEST = 16_384

#: The weight of each new measurement in the averages of link and codec.
_WEIGHT = 0.3

#: After so many frames that were not packed, one is packed to measure how well frames compress now.
_AGAIN = 50


def codecs() -> list[str]:
    """What this side can pack and unpack."""
    return ["zstd"] if _zstd() is not None else []


class Compression:
    """Decides for each frame whether it is packed.

    Parameters
    ----------
    theirs : collection of str
        The codecs of the other side.
    """

    def __init__(self, theirs: Collection[str]) -> None:
        pack_and_unpack = _zstd() if "zstd" in theirs else None
        self._pack = pack_and_unpack[0] if pack_and_unpack is not None else None
        self._link = 0.0  # throughput of the link, bytes/s; 0: not known
        self._speed = 0.0  # how fast the codec packs, bytes/s; 0: not known
        self._ratio = 1.0  # packed size by original size
        self._asked = 0  # how many times it was decided

    def packed(self, buffers: Sequence[memoryview], nbytes: int) -> bytes | None:
        """The buffers, packed together by zstd; None if they cross faster as they are."""
        if self._pack is None or nbytes < _SMALLEST or not self._pays(nbytes):
            return None
        start = time.perf_counter()
        packed = self._pack(b"".join(buffers))
        self._speed = _averaged(self._speed, nbytes / max(time.perf_counter() - start, 1e-6))
        self._ratio = _averaged(self._ratio, len(packed) / nbytes)
        return packed if len(packed) < nbytes else None

    def crossed(self, nbytes: int, seconds: float) -> None:
        """Note how long it took that many bytes to cross."""
        if nbytes >= _SMALLEST:
            self._link = _averaged(self._link, nbytes / max(seconds, 1e-6))

    def _pays(self, nbytes: int) -> bool:
        if not self._link:
            return False
        self._asked += 1
        if not self._speed or self._asked % _AGAIN == 0:
            return True  # to measure
        return nbytes / self._speed + self._ratio * nbytes / self._link < nbytes / self._link


def unpacked(codec: str, payload: bytes | memoryview | None, nbytes: int) -> bytes | memoryview:
    """The payload before it was packed, ``nbytes`` long.

    Raises
    ------
    ViewerError
        If the codec is not known here, there is no payload, or the payload says that it unpacks to another length.
        Nothing is allocated before that is checked.
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
    """The functions of zstd: pack (fast), unpack, and say the unpacked length; None if it is not installed."""
    try:
        import zstandard
    except ImportError:
        return None
    return (
        cast(Callable[[bytes], bytes], zstandard.ZstdCompressor(level=1).compress),
        cast(Callable[[bytes], bytes], zstandard.ZstdDecompressor().decompress),
        cast(Callable[[bytes], int], zstandard.frame_content_size),
    )


def _averaged(old: float, new: float) -> float:
    return new if not old else (1.0 - _WEIGHT) * old + _WEIGHT * new
