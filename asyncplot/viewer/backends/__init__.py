"""The GUI toolkits behind one contract, `Backend`. Each is loaded only when it is chosen."""

from .choose import choose, load
from .contract import Backend
from .keep import keep
from .standing import Geometry

__all__ = ["Backend", "Geometry", "choose", "keep", "load"]
