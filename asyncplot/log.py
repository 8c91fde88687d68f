"""The logger of both sides, ``logging.getLogger("asyncplot")``.

asyncplot configures nothing, as a library should: what the program has configured applies. Else warnings reach stderr
by the "last resort" handler of `logging`. ``ASYNCPLOT_LOG=debug`` adds a handler to stderr.
"""

from __future__ import annotations

import logging

from . import settings

logger = logging.getLogger("asyncplot")


def configure() -> None:
    """If ``ASYNCPLOT_LOG`` is set, give the logger that level and a handler to stderr."""
    level = settings.log_level()
    if level is None:
        return
    logger.setLevel(level)
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("asyncplot[%(process)d] %(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
