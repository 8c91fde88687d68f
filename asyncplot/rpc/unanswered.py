"""The value of a request that no viewer answers, if the caller has a stand-in for the plotter. Pure.

A proxy turns everything that is done with it into a request. From some requests Python wants an answer of a certain type:
from ``len`` an integer, and from a loop an end. The stand-in's own methods give such answers.
"""

from __future__ import annotations

from typing import Any

from rpyc.core import consts


def unanswered(handler: int, args: tuple[Any, ...], stand_in: Any) -> Any:
    """The answer to one request.

    Parameters
    ----------
    handler : int
        The number of the request: one of rpyc's, or `HANDLE_ARRAY`.
    args : tuple
        The arguments of the request. The first one is the proxy.
    stand_in : object
        Has any attribute and item, and can be called.
    """
    match handler:
        case consts.HANDLE_CALLATTR | consts.HANDLE_CMP:
            name, given = (args[1], args[2]) if handler == consts.HANDLE_CALLATTR else (args[2], (args[1],))
            method = getattr(stand_in, name, None)
            return stand_in if method is None else method(*given)
        case consts.HANDLE_GETATTR:
            return getattr(stand_in, args[1], stand_in)
        case consts.HANDLE_GETROOT | consts.HANDLE_CALL:
            return stand_in
        case consts.HANDLE_STR | consts.HANDLE_REPR:
            return repr(stand_in)
        case consts.HANDLE_HASH:
            return hash(stand_in)
        case consts.HANDLE_DIR | consts.HANDLE_INSPECT:
            return ()
        case consts.HANDLE_INSTANCECHECK:
            return False
        case consts.HANDLE_SETATTR | consts.HANDLE_DELATTR | consts.HANDLE_CTXEXIT:
            return None
    return "<f8", (0,), b""  # an array's memory
