"""`Controls`: sliders, buttons and read-outs in a figure of their own, beside a plotter's figures.

Viewer, GUI thread. In: the mouse, and values to be shown. Out: values for the computation (see `asyncplot.send`). They are
matplotlib's widgets, so they work with every backend that has a mouse.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from ..errors import ConfigurationError
from ..frames import shipment
from ..sending import Panel, is_connected, panel, send

#: Inches: the width of the figure, and the height of a row.
_WIDTH, _ROW = 4.4, 0.42

#: The entry in a pickle that says whether it was made for a viewer.
_SHIPPED = "shipped"


class Controls:
    """Knobs for the computation.

    Parameters
    ----------
    buttons : sequence of str
        A button sends the time at which it was pressed, seconds since 1970, so each press is a new value.
    readouts : sequence of str
        Names of values that `show` sets.
    **sliders : tuple
        ``(lowest, highest, start)``, or with a unit at the end: ``(0.0, 2.0, 1.0, "ω")``. A slider sends its value while it
        is dragged. It sends nothing before it is touched.

    Raises
    ------
    ConfigurationError
        If a slider is given in another way, or a name is used twice.

    Notes
    -----
    If a plotter makes `Controls` in its constructor, the figure appears at once. `Controls` can also be the plotter itself
    (``Server(Controls(trap=(0, 2, 1)))``). Then the viewer makes the figure, and ``update`` does the same as `show`.

    Examples
    --------
    >>> from asyncplot.plotters import Controls
    >>> controls = Controls(trap=(0.0, 2.0, 1.0), buttons=["kick"], readouts=["energy"])
    >>> controls.names
    ('trap', 'kick', 'energy')
    """

    def __init__(
        self, *, buttons: Sequence[str] = (), readouts: Sequence[str] = (), **sliders: tuple[Any, ...]
    ) -> None:
        self.names = (*sliders, *buttons, *readouts)
        if len(set(self.names)) < len(self.names):
            raise ConfigurationError(f"a name is used twice among {', '.join(self.names)}")
        for name, given in sliders.items():
            if len(given) not in {3, 4} or not given[0] <= given[2] <= given[1] or given[0] == given[1]:
                raise ConfigurationError(
                    f"{name}={given!r}: a slider is (lowest, highest, start), and a unit if you like"
                )
        self._sliders, self._buttons, self._readouts = sliders, tuple(buttons), tuple(readouts)
        self._texts: dict[str, Any] = {}
        self._widgets: list[Any] = []
        self._panel: Panel | None = None  # on a page the knobs need no figure
        self.figure: Any = None
        if is_connected():
            self._make()

    def __getstate__(self) -> dict[str, Any]:
        """The description, without the figure. A viewer that gets it with its plotter makes a figure at once."""
        shipped = shipment.load() == "plotter"
        return {**vars(self), "figure": None, "_texts": {}, "_widgets": [], "_panel": None, _SHIPPED: shipped}

    def __setstate__(self, state: dict[str, Any]) -> None:
        shipped = state.pop(_SHIPPED, False)
        vars(self).update(state)
        if shipped and is_connected():
            self._make()

    def update(self, **values: Any) -> None:
        """The same as `show`, for `Controls` that are the plotter itself."""
        self.show(**values)

    def show(self, **values: Any) -> None:
        """Set read-outs: ``show(energy=1.23)``.

        Raises
        ------
        ConfigurationError
            If there is no such read-out.
        """
        if self.figure is None and self._panel is None:
            self._make()
        for name in values:
            if name not in self._readouts:
                there = ", ".join(self._readouts) or "none"
                raise ConfigurationError(f"there is no read-out {name!r}; there are: {there}")
        texts = {name: _text_of(value) for name, value in values.items()}
        if self._panel is not None:
            self._panel.show(texts)
            return
        for name, text in texts.items():
            self._texts[name].set_text(text)

    def _described(self) -> list[dict[str, Any]]:
        """The knobs for a panel."""
        blank = {"low": None, "high": None, "value": None, "unit": ""}
        sliders = [
            {"name": name, "kind": "slider", "low": low, "high": high, "value": start, "unit": "".join(unit)}
            for name, (low, high, start, *unit) in self._sliders.items()
        ]
        readouts = [{**blank, "name": name, "kind": "readout", "value": ""} for name in self._readouts]
        buttons = [{**blank, "name": name, "kind": "button"} for name in self._buttons]
        return [*sliders, *readouts, *buttons]

    def _make(self) -> None:
        self._panel = panel()
        if self._panel is not None:
            self._panel.add(self._described())
            return
        self._make_figure()

    def _make_figure(self) -> None:
        from matplotlib import pyplot
        from matplotlib.widgets import Button, Slider

        rows = len(self._sliders) + len(self._readouts) + bool(self._buttons)
        height = _ROW * (rows + 0.6)
        self.figure = pyplot.figure("controls", figsize=(_WIDTH, height))
        step = _ROW / height
        place = 1.0 - 0.8 * step  # height of the next row in the figure
        for name, (low, high, start, *unit) in self._sliders.items():
            axes = self.figure.add_axes((0.32, place - 0.5 * step, 0.46, 0.5 * step))
            label = f"{name} / {unit[0]}" if unit else name
            slider = Slider(axes, label, low, high, valinit=start)
            slider.on_changed(partial(_send_value, name))
            self._widgets.append(slider)
            place -= step
        for name in self._readouts:
            self.figure.text(0.30, place - 0.25 * step, name, ha="right", va="center")
            self._texts[name] = self.figure.text(0.34, place - 0.25 * step, "", va="center")
            place -= step
        for index, name in enumerate(self._buttons):
            width = 0.9 / len(self._buttons)
            axes = self.figure.add_axes((0.05 + index * width, place - 0.6 * step, 0.9 * width, 0.8 * step))
            button = Button(axes, name, color=axes.get_facecolor(), hovercolor="0.5")
            button.on_clicked(partial(_send_time, name))
            self._widgets.append(button)


def _text_of(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, (int, float)) else str(value)


def _send_value(name: str, value: float) -> None:
    send(name, float(value))


def _send_time(name: str, _: object) -> None:
    send(name, time.time())
