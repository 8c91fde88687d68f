"""The hub's page in a real browser: the list, the filter, one run and two side by side, by mouse, by fingers and by keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

import asyncplot
import hub_page
from conditions import wait_until
from driven_page import DrivenPage
from hub_plotters import Trace

#: The names of all cards, in their order on the page.
NAMES = "return [...document.querySelectorAll('#runs .one h2')].map(each => each.textContent)"

#: The width of the first picture in a frame.
PICTURE = """
    const frame = document.querySelectorAll('.view iframe')[arguments[0]];
    return frame.contentDocument?.querySelector('.picture canvas')?.width ?? 0
"""


@pytest.fixture
def runs() -> Iterator[dict[str, Any]]:
    """Two runs with pictures, by their names."""
    with ExitStack() as stack:
        made = {
            name: stack.enter_context(asyncplot.Server(Trace, name=name, required=True))
            for name in ("alpha", "beta")
        }
        for plot in made.values():
            plot.update(1.0)
            assert plot.flush(30)
        yield made


@pytest.fixture
def hub(runs: Any) -> Iterator[hub_page.Hub]:
    """A hub. It is started when there are runs."""
    with hub_page.started() as made:
        yield made


def names(page: DrivenPage) -> list[str]:
    """The names of the runs, as they are listed."""
    return [str(name) for name in page.run(NAMES)]


def card(name: str, part: str) -> str:
    """A selector of a part of a run's card."""
    return f"{part}[aria-label^='{name}']"


def test_the_list_and_the_views(hub: hub_page.Hub, runs: dict[str, Any], page: DrivenPage, axe: str) -> None:
    """Runs are listed with small pictures, found by the filter, opened alone and two side by side; axe-core finds no serious fault."""
    page.go(f"{hub.url}#{hub.token}")
    wait_until(lambda: set(names(page)) == {"alpha", "beta"}, what="two runs")
    page.await_text("#link", "connected")
    page.await_text("#count", "2, 2 running")
    wait_until(
        lambda: page.run(
            "return [...document.querySelectorAll('.one img')].every(each => !each.hidden && each.naturalWidth)"
        ),
        20,
        what="the small pictures",
    )
    for dark in (False, True):
        page.dark(dark=dark)
        found = page.run(f"{axe}; return axe.run().then(said => said.violations)")
        serious = [each for each in found if each["impact"] in {"serious", "critical"}]
        assert not [(each["id"], each["nodes"][0]["html"]) for each in serious]
    page.part("#filter").send_keys("alp")
    wait_until(lambda: names(page) == ["alpha"], what="the filter")
    page.await_text("#count", "1 of 2")
    page.part("#filter").clear()
    page.part("#filter").send_keys(" ")
    wait_until(lambda: len(names(page)) == 2, what="all runs")
    page.click(card("Open alpha beside", "button"))
    page.click(card("Open beta", "button.open"))
    wait_until(
        lambda: page.run("return document.querySelectorAll('.view iframe').length") == 2, 30, what="two runs"
    )
    for number in range(2):
        page.run("document.querySelectorAll('.view')[arguments[0]].scrollIntoView()", number)  # on a phone
        wait_until(
            lambda number=number: page.run(PICTURE, number) > 300, 20, what="a picture in the frame of a run"
        )
    page.click("#back")
    wait_until(lambda: len(names(page)) == 2 and page.part("#runs").is_displayed(), what="the list")
    assert not page.faults()
    assert page.hosts() == {"127.0.0.1"}


def test_runs_come_and_go_on_the_page(hub: hub_page.Hub, runs: dict[str, Any], desktop: DrivenPage) -> None:
    """A new run is listed soon. One that has ended stays, also after a reload, until it is dismissed."""
    desktop.go(f"{hub.url}#{hub.token}")
    wait_until(lambda: len(names(desktop)) == 2, what="two runs")
    with asyncplot.Server(Trace, name="gamma", viewer=None):
        wait_until(lambda: "gamma" in names(desktop), 5, what="the new run")
        desktop.await_text("#count", "3, 3 running")
    desktop.await_text("#count", "3, 2 running", 5)
    desktop.reload()
    desktop.await_text("#count", "3, 2 running")
    desktop.click(card("Dismiss gamma", "button"))
    wait_until(lambda: set(names(desktop)) == {"alpha", "beta"}, what="two runs")
    desktop.reload()
    desktop.await_text("#count", "2, 2 running")


def test_the_hub_by_keys(hub: hub_page.Hub, runs: dict[str, Any], desktop: DrivenPage) -> None:
    """Tab reaches every control; Enter opens a run."""
    desktop.go(f"{hub.url}#{hub.token}")
    wait_until(lambda: len(names(desktop)) == 2, what="two runs")
    desktop.run(
        "document.getElementById('order').value = 'name'; document.getElementById('order').dispatchEvent(new Event('change'))"
    )
    wait_until(lambda: names(desktop) == ["alpha", "beta"], what="the order")
    reached: list[str] = []
    while "Open beta" not in reached and len(reached) < 20:
        desktop.keys("\ue004")
        reached.append(desktop.focused())
    assert [word.split("\n")[0] for word in reached] == [
        "Dark colours", "Filter", "newest", "Open alpha", "Open alpha beside another run", "Open beta",
    ]  # fmt: skip
    desktop.keys("\ue007")
    wait_until(
        lambda: desktop.run("return document.querySelectorAll('.view iframe').length") == 1, 30, what="beta"
    )


def test_the_hub_has_ended(hub: hub_page.Hub, runs: dict[str, Any], desktop: DrivenPage) -> None:
    """The page says so, and keeps the list."""
    desktop.go(f"{hub.url}#{hub.token}")
    wait_until(lambda: len(names(desktop)) == 2, what="two runs")
    hub.process.terminate()
    desktop.await_text("#notice", "The hub has ended")
    assert len(names(desktop)) == 2
