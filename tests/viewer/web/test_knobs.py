"""`Controls` on a page: HTML controls instead of a figure."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tornado.websocket import websocket_connect

import asyncplot
from asyncplot.plotters import Controls
from conditions import wait_until


class Steered:
    """A plotter with knobs."""

    def __init__(self) -> None:
        self.controls = Controls(trap=(0.0, 2.0, 1.0, "Hz"), buttons=["kick"], readouts=["energy"])

    def update(self, energy: float) -> None:
        self.controls.show(energy=energy)


async def steered(url: str) -> list[dict[str, Any]]:
    """Move the slider beyond its end, press the button, and give what the page was told until it shows the energy."""
    address, _, token = url.partition("#")
    socket = await websocket_connect(address.replace("http", "ws") + "socket")
    await socket.write_message(json.dumps({"type": "hello", "token": token, "version": 1}))
    for message in (
        {"type": "set", "name": "trap", "value": 7.0},
        {"type": "set", "name": "nothing", "value": 7.0},
        {"type": "press", "name": "kick"},
        {"type": "press", "name": "trap"},
    ):
        await socket.write_message(json.dumps(message))
    told: list[dict[str, Any]] = []
    while {"energy": "1.2346"} not in [message.get("values") for message in told]:
        said = await asyncio.wait_for(socket.read_message(), 20)
        assert isinstance(said, str)
        told.append(json.loads(said))
        if told[-1]["type"] == "controls" and any(knob["value"] == "1.2346" for knob in told[-1]["controls"]):
            break
    socket.close()
    while await socket.read_message() is not None:
        pass  # until it is closed
    return told


def test_the_knobs_of_a_page_steer_the_computation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is told of the knobs, and what its user does with them arrives; a value stays in the slider's range."""
    monkeypatch.setenv("ASYNCPLOT_WEB_PORT", "0")
    with asyncplot.Server(Steered, backend="web") as plot:
        plot.update(1.23456)
        told = asyncio.run(steered(plot.url))
        wait_until(lambda: {"trap", "kick"} <= set(plot.received), 10)
        assert dict(plot.received)["trap"] == 2.0
        assert set(plot.received) == {"trap", "kick"}
        plot.check()
    (knobs,) = [message["controls"] for message in told if message["type"] == "controls"]
    assert [(knob["name"], knob["kind"]) for knob in knobs] == [
        ("trap", "slider"),
        ("energy", "readout"),
        ("kick", "button"),
    ]
    assert knobs[0] | {"value": 1.0} == {
        "name": "trap", "kind": "slider", "low": 0.0, "high": 2.0, "value": 1.0, "unit": "Hz",
    }  # fmt: skip
