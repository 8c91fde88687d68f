"""The logger of both sides, ``logging.getLogger("asyncplot")``.

As libraries do, nothing is configured: what the program set up applies, and warnings reach stderr
through logging's handler of last resort. ``ASYNCPLOT_LOG=debug`` adds a handler to stderr.
"""

from __future__ import annotations

import logging

from . import settings

logger = logging.getLogger("asyncplot")


def configure() -> None:
    """Give the logger the level of ``ASYNCPLOT_LOG``, and a handler to stderr, if that is set."""
    level = settings.log_level()
    if level is None:
        return
    logger.setLevel(level)
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("asyncplot[%(process)d] %(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
