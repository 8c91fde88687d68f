"""The other plot: matplotlib's WebAgg, as its users write it. ``python -m benchmarks.web.stock CASE PORT``.

A process of its own. Its timer changes the data and asks for a picture, as often as the benchmark calls ``update``.
"""

from __future__ import annotations

import itertools
import sys

from ..draw_cases import CASES

#: Different frames. Few of them are shown twice in a row when most calls are superseded.
FRAMES = 7

#: Time between two changes of the data, ms. (At the same rate `sources.Ours` calls ``update``.)
PERIOD_MS = 5


def main(name: str, port: int) -> None:
    """Serve the picture of a case until killed."""
    import matplotlib as mpl

    mpl.use("webagg")
    mpl.rcParams.update({"webagg.port": port, "webagg.port_retries": 1, "webagg.open_in_browser": False})
    from matplotlib import pyplot

    case = CASES[name]
    figure = pyplot.figure()
    frames = case.frames(FRAMES)
    artists = case.make(figure, frames[0])
    turns = itertools.cycle(frames)

    def change() -> None:
        case.change(artists, next(turns))
        figure.canvas.draw_idle()

    timer = figure.canvas.new_timer(interval=PERIOD_MS)
    timer.add_callback(change)
    timer.start()
    pyplot.show()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
