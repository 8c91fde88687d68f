"""The viewer's choice of a backend is kept: plotters cannot change it. GUI thread.

Each batch script has ``matplotlib.use("Agg")``, and the module of a plotter may be such a script. matplotlib would take its
windows away then, or refuse. In: a backend that was started; out: functions of matplotlib that say in one line that they
do nothing.
"""

from __future__ import annotations

from typing import Any

from ...log import logger
from .contract import Backend


def keep(backend: Backend) -> None:
    """Have ``matplotlib.use`` and ``pyplot.switch_backend`` do nothing from now on, and say so once."""
    import matplotlib
    from matplotlib import pyplot

    ours = backend.matplotlib_backend
    pyplot.switch_backend(
        ours
    )  # pyplot would do that at its first figure, with what then stands in `rcParams`
    told = False

    def ignored(name: object, **_: object) -> None:
        nonlocal told
        if str(name).lower() != ours and not told:
            told = True
            logger.warning(
                "matplotlib.use(%r) in the plotter is ignored: this viewer draws with %s", str(name), ours
            )

    functions: list[tuple[Any, str]] = [(matplotlib, "use"), (pyplot, "switch_backend")]
    for module, function in functions:
        setattr(module, function, ignored)
