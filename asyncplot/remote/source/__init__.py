"""The computation's end of a relay: `relay` connects, `outgoing` sends frames, `far_viewer` writes what comes back."""

from .relay import Source, main

__all__ = ["Source", "main"]
