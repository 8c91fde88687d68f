"""Ready-made plotters, and parts of plotters. They live in the viewer; importing this brings no matplotlib."""

from .controls import Controls

__all__ = ["Controls"]
