"""The GUI toolkits behind one contract, `Backend`. Each is loaded only when it is chosen."""

from .choose import choose, load
from .contract import Backend, Place
from .keep import keep

__all__ = ["Backend", "Place", "choose", "keep", "load"]
