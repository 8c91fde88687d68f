"""The GUI toolkits behind one contract, `Backend`. Each is loaded only when it is chosen."""

from .choose import NAMES, choose, load
from .contract import Backend

__all__ = ["NAMES", "Backend", "choose", "load"]
