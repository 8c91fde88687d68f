"""Frames: the arguments of one ``update``, and their form in bytes. Compute side and viewer use it."""

from .codec import EncodedFrame, Encoder, decode, evaluated_or_named
from .lazy import Lazy, evaluated, lazy

__all__ = ["EncodedFrame", "Encoder", "Lazy", "decode", "evaluated", "evaluated_or_named", "lazy"]
