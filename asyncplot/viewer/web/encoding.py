r"""Pixels as PNG or JPEG. Pure; on the encoder's thread.

PNG is written here, because that is fastest for plots, and zlib lets other threads run meanwhile. Whole spots have no filter and
zlib's fastest level. CPU time and size in one interleaved run of 7 (2 cores, 2026-11-27):

=====================  ============  =============  ================  ================
\                      line 640x480  its axes only  smooth 1024x1024  noisy 1024x1024
=====================  ============  =============  ================  ================
this one, RGBA         3.9 ms 58 kB  2.4 ms  45 kB  21 ms   401 kB    66 ms   1,556 kB
the same, filter Up    4.3 ms 61 kB  2.6 ms  49 kB  36 ms   667 kB    99 ms   2,412 kB
the same, RGB          5.2 ms 54 kB  3.7 ms  42 kB  28 ms   348 kB    74 ms   1,501 kB
Pillow, level 1        12 ms  61 kB  7.8 ms  48 kB  77 ms   637 kB    161 ms  2,409 kB
Pillow, level 6        19 ms  53 kB  13 ms   42 kB  176 ms  282 kB    583 ms  2,457 kB
JPEG, quality 85       4.6 ms 48 kB  3.3 ms  40 kB  17 ms   105 kB    20 ms   559 kB
=====================  ============  =============  ================  ================

What has changed at a spot has few colours in most plots: an antialiased line has 256 or less. Then a pixel is one byte, a number
in a palette. Changes from one frame to the next, time of compression and size (same machine):

====================  ===========  ===========  ============  ============  ===========
\                     smooth line  noisy line   bars          500 markers   dashed line
====================  ===========  ===========  ============  ============  ===========
RGBA                  1.2 ms 22 kB 1.9 ms 47 kB 1.6 ms 22 kB  2.3 ms 48 kB  1.6 ms 28 kB
palette               0.4 ms 10 kB 0.8 ms 23 kB 0.4 ms 6.4 kB 0.6 ms 18 kB  0.5 ms 12 kB
palette, RLE          0.3 ms  8 kB 0.6 ms 20 kB 0.6 ms 14 kB  0.8 ms 20 kB  0.4 ms  9 kB
palette, Up and RLE   0.3 ms  8 kB 0.7 ms 14 kB 0.3 ms 0.9 kB 0.8 ms 28 kB  0.4 ms 10 kB
====================  ===========  ===========  ============  ============  ===========
"""

from __future__ import annotations

import io
import struct
import zlib
from enum import IntEnum
from typing import Any

import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"

#: Of PNG: types of colours, and the filter that sends the difference to the row above.
_PALETTE, _RGBA, _UP = 3, 6, 2

#: So many colours has a palette; and of so many pixels the colours are counted first.
_COLOURS, _SAMPLE = 256, 2000

#: Of JPEG: between this quality and 95 nobody sees a difference in a moving picture.
_QUALITY = 85


class Codec(IntEnum):
    """How the pixels of a box are sent, and how the page puts them on the picture."""

    PNG = 0  # exact; in place of what was there
    JPEG = 1  # not exact; in place of what was there
    OVER = 2  # exact, as PNG; pixels that have not changed are transparent, and the others are opaque


def png(pixels: Any) -> bytes:
    """Pixels of shape (height, width, 4), uint8, as PNG.

    Examples
    --------
    >>> len(png(np.zeros((480, 640, 4), np.uint8)))
    5441
    """
    height, width = pixels.shape[:2]
    rows = np.empty((height, 1 + 4 * width), np.uint8)
    rows[:, 0] = 0  # no filter
    rows[:, 1:] = pixels.reshape(height, 4 * width)
    return _file(width, height, _RGBA, (b"IDAT", zlib.compress(rows.data, 1)))


def pngs_of_changes(pixels: Any, changed: Any) -> list[bytes]:
    """PNGs that make these pixels of older ones, if they are laid over them, one after the other.

    Parameters
    ----------
    pixels : ndarray
        Shape (height, width, 4), uint8.
    changed : ndarray of bool
        Shape (height, width): which pixels have changed. These are opaque. The others are sent as they are, or as transparent
        ones, whichever is shorter.
    """
    words = pixels.view(np.uint32)[:, :, 0]
    values = words[changed]
    if np.unique(values[:: len(values) // _SAMPLE + 1]).size <= _COLOURS:  # else there is no need to sort all
        colours, counts = np.unique(values, return_counts=True)
        if colours.size <= _COLOURS:
            data = _with_a_palette(words, changed, colours, counts)
            if data is not None:
                return [data]
            # An antialiased line has 256 colours, and no number is left for the transparent pixels.
            rarest = changed & (words == colours[counts.argmin()])
            return [*pngs_of_changes(pixels, changed & ~rarest), *pngs_of_changes(pixels, rarest)]
    return [png(np.where(changed, words, np.uint32(0)).view(np.uint8).reshape(pixels.shape))]


def _with_a_palette(words: Any, changed: Any, colours: Any, counts: Any) -> bytes | None:
    """The PNG with one byte a pixel. None if a transparent pixel is needed, and the palette is full."""
    ground = colours[
        counts.argmax()
    ]  # mostly what is behind a line: runs of it do not end at unchanged pixels
    told = changed | (words != ground)
    values = words[told]
    places = np.searchsorted(colours, values).clip(max=colours.size - 1)
    unknown = colours[places] != values
    opacity = b""
    if unknown.any():
        if colours.size == _COLOURS:
            return None
        opacity = b"\xff" * colours.size + b"\x00"
        places[unknown] = colours.size
        colours = np.append(colours, np.uint32(0))
    indices = np.full(words.shape, counts.argmax(), np.uint8)
    indices[told] = places
    height, width = words.shape
    rows = np.empty((height, 1 + width), np.uint8)
    rows[:, 0] = _UP
    rows[0, 1:] = indices[0]
    np.subtract(indices[1:], indices[:-1], out=rows[1:, 1:])
    packing = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_RLE)
    data = packing.compress(rows.data) + packing.flush()
    palette = colours.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    parts = [(b"PLTE", palette), (b"tRNS", opacity), (b"IDAT", data)]
    return _file(width, height, _PALETTE, *(part for part in parts if part[1]))


def jpeg(pixels: Any) -> bytes:
    """The same array as JPEG, without its transparency. All colours have their full resolution, for thin lines."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[:, :, :3])).save(
        file, "jpeg", quality=_QUALITY, subsampling=0
    )
    return file.getvalue()


def _file(width: int, height: int, colour_type: int, *parts: tuple[bytes, bytes]) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    chunks = (b"IHDR", header), *parts, (b"IEND", b"")
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return b"".join(
        (struct.pack(">I", len(data)), kind, data, struct.pack(">I", zlib.crc32(data, zlib.crc32(kind))))
    )
