"""Plotters for the viewer tests. The viewer imports this file by its name, so it needs little itself."""

from __future__ import annotations

import gc
import os
import sys
import time
import weakref
from pathlib import Path
from types import MethodType
from typing import Any


class Echo:
    """Draws nothing and returns what it was given."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def update(self, value: Any = None) -> Any:
        return value

    def other(self, value: Any = None) -> Any:
        return ["other", value]

    def really_is(self) -> tuple[int, str]:
        import matplotlib

        return os.getpid(), matplotlib.get_backend().lower()

    def runs_in(self) -> tuple[str, str]:
        return sys.executable, sys.prefix

    def environment(self, name: str) -> str:
        return os.environ[name]

    def word_of(self, module: str) -> str:
        return str(__import__(module).word)


class Panel:
    """A window with one patch of colour, and a count of its draws."""

    title = "panel"

    def __init__(self) -> None:
        from matplotlib import pyplot

        self.fig, self.ax = pyplot.subplots(figsize=(3, 2))
        self.fig.canvas.manager.set_window_title(self.title)
        self.draws = count_draws(self.fig)

    def update(self, color: str) -> None:
        self.fig.set_facecolor(color)


class TwoPanels(Panel):
    """Two windows; a frame changes the first one only."""

    def __init__(self) -> None:
        from matplotlib import pyplot

        super().__init__()
        self.still, _ = pyplot.subplots(figsize=(3, 2))
        self.still.canvas.manager.set_window_title("still")
        self.still_draws = count_draws(self.still)


class Opener(Panel):
    """Opens another window in the frame that asks for it."""

    def update(self, color: str, another: str = "") -> None:
        from matplotlib import pyplot

        super().update(color)
        if another:
            pyplot.figure(figsize=(3, 2)).canvas.manager.set_window_title(another)


class Interactive(Panel):
    """Comes from a script that was made for a terminal: `pyplot.ion`, `Figure.show`."""

    def __init__(self) -> None:
        from matplotlib import pyplot

        pyplot.ion()
        super().__init__()
        self.fig.show()

    def update(self, color: str) -> None:
        super().update(color)
        self.fig.canvas.draw()
        self.fig.canvas.flush_events()
        self.fig.show()


def count_draws(figure: Any) -> list[float]:
    """A list that gets the time of each draw of a figure, s."""
    draws: list[float] = []
    figure.canvas.mpl_connect("draw_event", lambda event: draws.append(time.monotonic()))
    return draws


class Live:
    """Something to inspect and to steer."""

    def __init__(self) -> None:
        import numpy as np

        self.number = 1
        self.name = "live"
        self.grid = np.arange(12.0).reshape(3, 4)
        self.table = {"a": 1, "b": [10, 20, 30]}
        self.received: Any = None
        self.sent_off = [Sent(number) for number in range(2000)]
        self.frames = 0

    def update(self, value: Any = None) -> Any:
        self.frames += 1
        return value

    def double(self, value: Any, offset: float = 0.0) -> Any:
        return value * 2 + offset

    def take(self, *values: Any, **named: Any) -> str:
        self.received = values, named
        return ", ".join(type(value).__module__ + "." + type(value).__qualname__ for value in values)

    def total(self, array: Any) -> float:
        return float(array.sum())

    def fail(self) -> None:
        raise LookupError("there is nothing here")

    def hang(self, entered: str, go: str) -> None:
        Path(entered).touch()
        while not Path(go).exists():
            time.sleep(0.005)

    def run_the_gui(self, entered: str, seconds: float) -> str:
        from matplotlib import pyplot

        self.fig = pyplot.figure()
        Path(entered).touch()
        self.fig.canvas.start_event_loop(seconds)
        return "ran"

    def first_is_grid(self, container: Any) -> bool:
        return container[0] is self.grid

    def leave(self) -> None:
        sys.exit(3)

    def interrupt(self) -> None:
        raise KeyboardInterrupt

    def process(self) -> int:
        return os.getpid()

    def end(self) -> None:
        os._exit(7)


class Sent:
    """One of many objects that a client holds proxies of."""

    def __init__(self, number: int) -> None:
        self.number = number


class Pulse:
    """Notes when the GUI has its turn, how long frames take, and when the window is clicked."""

    def __init__(self) -> None:
        from matplotlib import pyplot

        self.fig, self.ax = pyplot.subplots(figsize=(4, 3))
        self.fig.canvas.manager.set_window_title("pulse")
        (self.line,) = self.ax.plot([0.0, 1.0], [-1.0, 1.0])
        self.turns: list[float] = []
        self.frames: list[float] = []
        self.clicks: list[float] = []
        self._started = 0.0
        self.fig.canvas.mpl_connect("draw_event", lambda event: self._drawn())
        self.fig.canvas.mpl_connect("button_press_event", lambda event: self.clicks.append(time.monotonic()))
        self._timer = self.fig.canvas.new_timer(interval=2)
        self._timer.add_callback(lambda: self.turns.append(time.monotonic()))
        self._timer.start()

    def update(self, x: Any, y: Any) -> None:
        self._started = time.monotonic()
        self.line.set_data(x, y)

    def _drawn(self) -> None:
        if self._started:
            self.frames.append(time.monotonic() - self._started)
            self._started = 0.0


class SlowPulse(Pulse):
    """The same with frames that take their time."""

    def update(self, x: Any, y: Any) -> None:
        super().update(x, y)
        time.sleep(0.1)


class Misbehaving:
    """Does what a plotter should not do; ``update("well")`` does nothing wrong."""

    def __init__(self) -> None:
        self.fig: Any = None

    def update(self, what: str, *arguments: Any) -> Any:
        return getattr(self, what)(*arguments)

    def well(self, value: Any = "well") -> Any:
        return value

    def raises(self) -> None:
        raise ValueError("this frame is not to my taste")

    def raises_system_exit(self) -> None:
        sys.exit(3)

    def raises_keyboard_interrupt(self) -> None:
        raise KeyboardInterrupt

    def prints(self) -> None:
        print("words on stdout")
        os.write(1, b"bytes on stdout\n")
        os.system("echo a child on stdout")
        sys.stderr.write("words on stderr\n")

    def reads_stdin(self) -> list[Any]:
        return [sys.stdin.read(), os.read(0, 10).decode()]

    def asks(self) -> str:
        return input("really? ")

    def changes_directory(self, folder: str) -> str:
        os.chdir(folder)
        return os.getcwd()

    def shows(self) -> str:
        from matplotlib import pyplot

        self._figure()
        pyplot.show()
        pyplot.show(block=True)
        return "shown"

    def pauses(self) -> str:
        from matplotlib import pyplot

        self._figure()
        pyplot.pause(0.1)
        return "paused"

    def closes_and_opens(self) -> int:
        from matplotlib import pyplot

        self._figure()
        pyplot.close(self.fig)
        self.fig = None
        self._figure()
        return len(pyplot.get_fignums())

    def closes(self) -> int:
        from matplotlib import pyplot

        pyplot.close("all")
        self.fig = None
        return len(pyplot.get_fignums())

    def cannot_be_drawn(self) -> None:
        self._figure()
        self.fig.axes[0].set_title(r"$\no_such_command$")

    def can_be_drawn_again(self) -> None:
        self.fig.axes[0].set_title("")

    def returns_much(self) -> list[int]:
        return list(range(1_000_000))

    def returns_an_object(self) -> Any:
        return {1, 2}

    def returns_itself(self) -> Any:
        circle: list[Any] = []
        circle.append(circle)
        return circle

    def returns_what_has_no_repr(self) -> Any:
        class Shy:
            def __repr__(self) -> str:
                raise RuntimeError("no repr")

        return Shy()

    def returns_a_scalar(self) -> Any:
        import numpy as np

        return np.float32(0.5)

    def returns_not_a_number(self) -> float:
        return float("nan")

    def _figure(self) -> None:
        from matplotlib import pyplot

        if self.fig is None:
            self.fig, _ = pyplot.subplots(figsize=(3, 2))
            self.fig.canvas.manager.set_window_title("misbehaving")


class Graph:
    """A plotter that uses no matplotlib: pyqtgraph, in the same GUI loop."""

    def __init__(self) -> None:
        import numpy as np
        import pyqtgraph as pg

        self.window = pg.GraphicsLayoutWidget(show=True, title="graph", size=(400, 300))
        self.window.setBackground("#102030")
        self.item = self.window.addPlot()
        self.curve = self.item.plot(
            pen=None, symbol="s", symbolBrush="#20c010", symbolPen=None, symbolSize=20
        )
        self.image = pg.ImageItem(np.zeros((2, 2)))

    def update(self, x: Any, y: Any) -> int:
        self.curve.setData(x, y)
        return len(x)

    def points(self) -> list[float]:
        return [float(value) for value in self.curve.getData()[1]]


class Counted(Panel):
    """Returns the reference count of None after each draw."""

    def update(self, value: float) -> int:
        self.ax.set_xlim(0, 1 + value)
        return sys.getrefcount(None)


class Held(Panel):
    """Returns how many methods and weak references there are, by which timers hold what they call."""

    def update(self, value: float) -> int:
        self.fig.set_facecolor((value, value, value))
        gc.collect()
        return sum(isinstance(each, MethodType | weakref.ref) for each in gc.get_objects())


class Dying:
    """Ends its process at once, or stays in a frame, when a frame says so."""

    def update(self, what: str = "", *arguments: Any) -> Any:
        if what == "exit":
            os._exit(arguments[0])
        if what == "hang":
            Path(arguments[0]).touch()
            while True:
                time.sleep(1)
        return what

    def hang(self, entered: str) -> None:
        Path(entered).touch()
        while True:
            time.sleep(1)


class Wordy:
    """Writes much to its log."""

    def update(self, count: int) -> int:
        for number in range(count):
            print(f"line {number} " + "x" * 200)
        return count
