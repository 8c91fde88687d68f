"""The viewer has chosen its backend, and keeps it whatever the plotter says. GUI thread.

Many a script says ``matplotlib.use("Agg")`` at its top, so that it runs where no display is. In a viewer it would blind or
end the windows. All ways to say it go by `pyplot.switch_backend` or by the entry ``backend`` of ``rcParams``. In: the
backend that was started; out: both of these say once, in the log, that they do nothing.
"""

from __future__ import annotations

from ...log import logger


def keep(name: str) -> None:
    """Let nobody take another backend than this one of matplotlib's, which was selected before."""
    import matplotlib
    from matplotlib import pyplot

    pyplot.switch_backend(name)  # loads it, so that the first figure has no choice any more
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

    matplotlib.RcParams.validate["backend"] = instead
    vars(pyplot)["switch_backend"] = instead
