"""Keeps the backend that the viewer has chosen, whatever the plotter says. GUI thread.

Many scripts say ``matplotlib.use("Agg")`` at their top, so that they run without a display. In a viewer this would end the
windows, or leave them empty. All ways to say it use `pyplot.switch_backend` or the entry ``backend`` of ``rcParams``. In:
the backend that was started. Out: both of these do nothing any more, and the log says so once.
"""

from __future__ import annotations

from ...log import logger
from .contract import Backend


def keep(backend: Backend) -> None:
    """Keep the matplotlib backend of a backend that was started: nobody can select another one."""
    import matplotlib
    from matplotlib import pyplot

    name = backend.matplotlib_backend
    pyplot.switch_backend(name)  # loads it, so that the first figure cannot choose another one
    said: set[str] = set()

    def instead(asked: object) -> str:
        word = str(asked).lower()
        if isinstance(asked, str) and word != name and word not in said:
            said.add(word)
            logger.warning(
                "the plotter asks matplotlib for the backend %s: ignored, this viewer shows it by %s "
                "(choose by Server(backend=) or ASYNCPLOT_BACKEND)",
                asked,
                name,
            )
        return name

    backend.hooks.replace_item(matplotlib.RcParams.validate, "backend", instead)
    backend.hooks.replace(pyplot, "switch_backend", instead)
