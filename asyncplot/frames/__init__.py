"""Frames: the arguments of one ``update``, and their form in bytes. Both sides use it."""

from .codec import EncodedFrame, decode, encode
from .lazy import Lazy, lazy

__all__ = ["EncodedFrame", "Lazy", "decode", "encode", "lazy"]
