"""Runs that come and go leave nothing in the hub, and hostile names are plain text in bounded rows."""

from __future__ import annotations

import gc
import json
import tracemalloc
from pathlib import Path

import asyncplot.hub.survey as survey
import hub_page
from asyncplot.hub.roster import Roster
from asyncplot.rundir import base_directory
from asyncplot.rundir.format import RUN_FILE
from asyncplot.rundir.printable import one_line
from conditions import wait_until
from driven_page import DrivenPage

#: Names of runs, as another host may say them.
HOSTILE = [
    "<img src=x onerror=alert(1)>", "\x1b]0;owned\x07\x1b[2J", "a\nb\r\tc", "x" * 10_000, "\u202egnp.exe", "half \ud800",
    "../../etc/passwd", "", "\0",
]  # fmt: skip


def planted(name: str) -> Path:
    """A run directory with a record that says nothing."""
    folder = base_directory() / name
    folder.mkdir(mode=0o700)
    (folder / RUN_FILE).write_text("{}")
    return folder


def remove(folder: Path) -> None:
    """Remove it."""
    (folder / RUN_FILE).unlink()
    folder.rmdir()


def test_runs_that_come_and_go_leave_nothing() -> None:
    """200 run directories, 20 at a time: nothing of them stays, and the memory is flat."""
    roster = Roster()
    looks = survey.Survey(roster, (), lambda _: None)
    tracemalloc.start()
    try:
        sizes = []
        for turn in range(10):
            folders = [planted(f"{turn}-{number}") for number in range(20)]
            looks._stamps = ()  # as when the folder's time stamp has changed
            wait_until(lambda: looks.look() or len(roster) == 20, what="20 runs")
            for folder in folders:
                remove(folder)
            looks._stamps = ()
            assert len(looks.look()) == 20
            assert len(roster) == 0
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert not looks._keys
    assert not looks._read_at
    assert sizes[-1] - sizes[2] < 20_000, sizes


def test_hostile_names_are_plain_text() -> None:
    """A row has at most 128 characters of each text, none of them a control character, and is JSON. Its key is its own."""
    roster = Roster()
    for name in HOSTILE:
        roster.put({"name": name, "host": name, "directory": name, "state": name, "since": name}, "node7")
    rows = roster.since(0)
    assert len({row["key"] for row in rows}) == len(HOSTILE)
    for row in rows:
        assert len(row["key"]) == 16
        assert all(character in "0123456789abcdef" for character in row["key"])
        for part in ("name", "host", "state"):
            assert len(row[part]) <= 128
            assert all(
                character.isprintable() or character == "\t" for character in row[part].replace("\\", "")
            )
        assert json.loads(json.dumps(row).encode()) == row


def test_numbers_that_are_none() -> None:
    """What another host says of its numbers cannot break a row."""
    roster = Roster()
    for wrong in (None, "1", float("nan"), float("inf"), 10**400, [], {}, True):
        roster.put(
            {
                "name": "a",
                "since": wrong,
                "rate": wrong,
                "viewers": wrong,
                "stats": {"age": wrong, "drawn": wrong},
            }
        )
        roster.put({"name": wrong, "host": wrong, "stats": wrong, "directory": wrong})
    assert json.loads(json.dumps(roster.since(0), allow_nan=False)) == roster.since(0)


def test_hostile_names_on_the_page(desktop: DrivenPage) -> None:
    """They are shown as text: no element is made of them, and no script of theirs runs."""
    hostile = [
        "<img src=x onerror=document.title='owned'>",
        "a\x1b[31m'\"><b>bold",
        "\u202egnp.exe",
        "x" * 250,
    ]
    folders = [planted(name) for name in hostile]
    try:
        with hub_page.started() as hub:
            desktop.go(f"{hub.url}#{hub.token}")
            names = "return [...document.querySelectorAll('#runs .one h2')].map(each => each.textContent)"
            shown = {one_line(name)[:128] for name in hostile}
            wait_until(lambda: set(desktop.run(names)) == shown, what="the runs")
            assert desktop.run("return document.querySelectorAll('#runs h2 *').length") == 0
            assert desktop.run("return document.title") != "owned"
            assert not desktop.faults()
    finally:
        for folder in folders:
            remove(folder)
