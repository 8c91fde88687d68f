"""The computation's knobs (`asyncplot.plotters.Controls`) as HTML on the page. GUI thread.

In: descriptions of sliders, buttons and read-outs, and what the page that drives does with them. Out: values for the computation, by
`asyncplot.send`, and messages that keep all pages equal.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...sending import send
from . import messages


class Knobs:
    """The knobs of one viewer.

    Parameters
    ----------
    tell : callable
        Sends a message to all pages.

    Examples
    --------
    >>> told = []
    >>> knobs = Knobs(told.append)
    >>> knobs.add([{"name": "trap", "kind": "slider", "low": 0.0, "high": 2.0, "value": 1.0, "unit": ""}])
    >>> knobs.show({"energy": "1.23"})
    >>> told[-1]
    '{"type": "values", "values": {"energy": "1.23"}}'
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._knobs: dict[str, dict[str, Any]] = {}

    def add(self, knobs: Sequence[Mapping[str, Any]]) -> None:
        """Put knobs on the page. Each has ``name``, ``kind`` (slider, button, readout), ``low``, ``high``, ``value``, ``unit``."""
        self._knobs.update({str(knob["name"]): dict(knob) for knob in knobs})
        self._tell(self.described())

    def show(self, values: Mapping[str, Any]) -> None:
        """Show values of sliders or read-outs."""
        for name, value in values.items():
            if name in self._knobs:
                self._knobs[name]["value"] = value
        self._tell(messages.text("values", values=dict(values)))

    def described(self) -> str:
        """The message that tells a page of all knobs."""
        return messages.text("controls", controls=list(self._knobs.values()))

    def set(self, name: str, value: float) -> None:
        """A page has moved a slider. A value outside of its range is moved to the range's end."""
        knob = self._knobs.get(name)
        if knob is not None and knob["kind"] == "slider":
            value = min(max(float(value), float(knob["low"])), float(knob["high"]))
            send(name, value)
            self.show({name: value})

    def press(self, name: str) -> None:
        """A page has pressed a button."""
        knob = self._knobs.get(name)
        if knob is not None and knob["kind"] == "button":
            send(name, time.time())
