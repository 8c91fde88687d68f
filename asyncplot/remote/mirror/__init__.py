"""The viewer's end of a relay: `mirror` connects, `service` answers the source, `mirrored_run` is the run directory here."""

from .mirror import Mirror

__all__ = ["Mirror"]
