"""Small pictures for the hub: at most one a second of a run, and at most 500 kB a second of all. No viewer, and no real time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from asyncplot.hub import thumbnails
from asyncplot.hub.openings import Openings
from asyncplot.hub.roster import Known


def test_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """100 runs that draw all the time, with pictures of 5 to 100 kB, in sight for 20 s."""
    now = 1000.0
    monkeypatch.setattr(thumbnails, "time", SimpleNamespace(monotonic=lambda: now))
    shown: list[tuple[float, str, int]] = []

    async def looked_at() -> None:
        nonlocal now
        small = thumbnails.Thumbnails(
            Openings({}, lambda *_: None), lambda *of: shown.append((now, of[0], len(of[1])))
        )
        asked: dict[str, int] = {}

        def picture(known: Known, folder: Path | None) -> bytes:
            asked[known.key] = asked.get(known.key, 0) + 1
            size = 5_000 + 950 * int(known.key)  # 61 kB and more is too large
            return bytes([asked[known.key]]) * size

        monkeypatch.setattr(small._connections, "picture", picture)
        for second in range(20):
            row: dict[str, Any] = {"name": "gpe", "viewers": 1, "drawn": second}
            runs = [Known(str(number), Path(), "", row, 0) for number in range(100)]
            for _ in range(3):  # three looks within a second
                small.refresh(runs)
                while small._tasks:
                    await asyncio.sleep(0)
            now += 1.0
        assert max(asked.values()) <= 20
        small.close()

    asyncio.run(looked_at())
    assert {int(key) for _, key, _ in shown} == set(range(58))  # all that are small enough get their turn
    assert max(size for _, _, size in shown) <= 60_000
    for second in range(20):
        of_now = [(key, size) for at, key, size in shown if at == 1000.0 + second]
        assert len({key for key, _ in of_now}) == len(of_now)
    assert (
        sum(size for _, _, size in shown) <= 21 * 500_000 * 1.2
    )  # estimates are made before a picture is there
