"""The page against a viewer that does what the test says."""

from __future__ import annotations

import pytest

import fake_viewer
from conditions import wait_until
from driven_page import DrivenPage
from fake_viewer import TOKEN, FakeViewer, control, figures, picture, status, welcome

SIZE = (400, 300)
RED, GREEN, BLUE = (255, 0, 0), (0, 128, 0), (0, 0, 255)
FIRST = (welcome(), figures(SIZE), control(), status())


def shown(page: DrivenPage, viewer: FakeViewer, *more: object) -> None:
    """Open the page, and show it a red picture."""
    page.go(viewer.url)
    viewer.await_said("seen", figures=[1])
    viewer.send(picture(1, 1, 0, SIZE, (0, 0, *SIZE, "red")))
    viewer.await_said("painted", figure=1, number=1)


def test_boxes_are_laid_over_the_picture_below(desktop: DrivenPage) -> None:
    """A picture is painted over the one that it names, box by box; then the page says so."""
    with fake_viewer.fake_viewer(*FIRST) as viewer:
        shown(desktop, viewer)
        viewer.send(picture(1, 2, 1, SIZE, (0, 0, 10, 10, "green"), (100, 50, 5, 5, "blue")))
        viewer.await_said("painted", number=2)
        seen = [desktop.pixel(*place) for place in ((5, 5), (102, 52), (50, 50), (99, 50))]
        assert seen == [GREEN, BLUE, RED, RED]
        assert not desktop.faults()
        assert desktop.hosts() == {"127.0.0.1"}


@pytest.mark.parametrize("fault", ["base", "broken", "size"])
def test_a_lost_picture_is_asked_for_once(desktop: DrivenPage, fault: str) -> None:
    """If a picture has the wrong base or cannot be decoded, the page keeps its own and asks for a whole one."""
    box = (0, 0, 10, 10, "green")
    bad = {
        "base": picture(1, 3, 2, SIZE, box),
        "broken": picture(1, 2, 1, SIZE, box, broken=True),
        "size": picture(1, 2, 1, (200, 100), box),
    }[fault]
    with fake_viewer.fake_viewer(*FIRST) as viewer:
        shown(desktop, viewer)
        viewer.send(bad)
        viewer.await_said("key", figure=1)
        viewer.send(picture(1, 4, 3, SIZE, box), picture(1, 5, 4, SIZE, box))
        viewer.send(picture(1, 6, 0, SIZE, (0, 0, *SIZE, "blue")))
        viewer.await_said("painted", number=6)
        assert desktop.pixel(5, 5) == BLUE
        assert len(viewer.said("key")) == 1
        assert [each["number"] for each in viewer.said("painted")] == [1, 6]


def test_a_cut_connection_comes_back(desktop: DrivenPage) -> None:
    """The picture stays while the connection is lost, and the page connects again by itself, as the same session."""
    with fake_viewer.fake_viewer(*FIRST) as viewer:
        shown(desktop, viewer)
        viewer.cut()
        wait_until(lambda: len(viewer.said("hello")) == 2, what="the page to come back")
        assert desktop.pixel(50, 50) == RED
        assert len({each["session"] for each in viewer.said("hello")}) == 1
        desktop.await_text("#link", "connected")
        viewer.send(picture(1, 9, 0, SIZE, (0, 0, *SIZE, "blue")))
        viewer.await_said("painted", number=9)
        assert desktop.pixel(50, 50) == BLUE


def test_a_viewer_that_is_gone(desktop: DrivenPage) -> None:
    """Without a viewer the page says so, keeps its picture, and can still save it; a new viewer there is found."""
    with fake_viewer.fake_viewer(*FIRST) as viewer:
        shown(desktop, viewer)
        port = int(viewer.url.split(":")[2].split("/")[0])
    desktop.await_text("#notice", "The connection is lost. The last picture stays.")
    assert desktop.run("return document.body.dataset.link") in {"lost", "connecting"}
    assert "c58a1a" in desktop.part("#favicon").get_attribute("href")
    assert desktop.pixel(50, 50) == RED
    with fake_viewer.fake_viewer(*FIRST, port=port):
        desktop.await_text("#link", "connected", 20)
        desktop.await_text("#state", "running")


def test_a_reload_needs_no_fragment(desktop: DrivenPage) -> None:
    """The token is kept for this tab: the address without it works after the one with it."""
    with fake_viewer.fake_viewer(*FIRST) as viewer:
        shown(desktop, viewer)
        desktop.go("about:blank")
        desktop.go(viewer.url.partition("#")[0])
        wait_until(lambda: len(viewer.said("hello", token=TOKEN)) == 2)


@pytest.mark.parametrize("token", ["", "#0000"])
def test_a_wrong_token(desktop: DrivenPage, token: str) -> None:
    """The page says what is wrong with its address, and does not try again."""
    with fake_viewer.fake_viewer(*FIRST) as viewer:
        desktop.go(viewer.url.partition("#")[0] + token)
        desktop.await_text("#notice", "Open the whole address")
        desktop.await_text("#link", "refused")
        assert not viewer.said("hello")


def test_an_ended_run(desktop: DrivenPage) -> None:
    """The page says that the run has ended and why, by its favicon too, and keeps the picture after the goodbye."""
    with fake_viewer.fake_viewer(*FIRST) as viewer:
        shown(desktop, viewer)
        assert desktop.run("return document.title") == "superfluid - node17"
        viewer.send(status(state="ended", ended="it was interrupted"))
        desktop.await_text("#notice", "The run has ended: it was interrupted. The last picture stays.")
        viewer.send({"type": "bye", "why": "the viewer has ended"})
        desktop.await_text("#link", "closed")
        assert "7a828c" in desktop.part("#favicon").get_attribute("href")
        assert desktop.pixel(50, 50) == RED


def test_the_errors_are_folded(desktop: DrivenPage) -> None:
    """The plotter's last error is one click away, and stays open while the count goes on."""
    with fake_viewer.fake_viewer(*FIRST) as viewer:
        shown(desktop, viewer)
        assert not desktop.part("#trouble").is_displayed()
        viewer.send(status(foot="update failed", failure={"count": 2, "text": "<b>no HTML</b>"}))
        desktop.await_text("#trouble", "The plotter failed 2 times")
        assert not desktop.part("#failure pre").is_displayed()
        desktop.click("#failure summary")
        viewer.send(status(foot="update failed", failure={"count": 3, "text": "<b>no HTML</b>"}))
        desktop.await_text("#failure summary", "3 times")
        assert desktop.text("#failure pre") == "<b>no HTML</b>"


def test_motions_wait_for_their_answer(desktop: DrivenPage) -> None:
    """One motion is unanswered at a time; the newest is sent then. Presses are not held back."""
    with fake_viewer.fake_viewer(*FIRST) as viewer:
        shown(desktop, viewer)
        desktop.drag((0.25, 0.25), (0.75, 0.5))
        last = viewer.await_said("mouse", kind="release")
        assert (last["x"], last["y"]) == pytest.approx((300, 150), abs=1)
        motions = viewer.said("mouse", kind="motion")
        assert len(motions) == 1
        desktop.mouse("mouseMoved", *desktop.place((0.1, 0.1)))
        desktop.mouse("mouseMoved", *desktop.place((0.5, 0.5)))
        viewer.send({"type": "moved", "serial": motions[0]["serial"]})
        wait_until(lambda: len(viewer.said("mouse", kind="motion")) == 2)
        assert viewer.said("mouse", kind="motion")[1]["x"] == pytest.approx(200, abs=1)


def test_who_looks_on_sends_nothing(desktop: DrivenPage) -> None:
    """Without control the tools are off and the mouse stays here, until the page takes control."""
    with fake_viewer.fake_viewer(*FIRST[:2], control(mine=False, clients=2), status()) as viewer:
        shown(desktop, viewer)
        desktop.drag((0.25, 0.25), (0.75, 0.5))
        assert not desktop.part("[data-tool=pan]").is_enabled()
        desktop.click("#control")
        viewer.await_said("control")
        assert not viewer.said("mouse")
        viewer.send(control())
        desktop.click("[data-tool=pan]")
        viewer.await_said("tool", name="pan")


def test_paused(page: DrivenPage) -> None:
    """A paused page sees no figure, so it gets no pictures; resumed, it sees them again."""
    with fake_viewer.fake_viewer(*FIRST) as viewer:
        shown(page, viewer)
        page.click("#paused")
        viewer.await_said("seen", figures=[])
        page.click("#paused")
        wait_until(lambda: len(viewer.said("seen", figures=[1])) == 2)


def test_a_figure_out_of_sight(page: DrivenPage) -> None:
    """The page tells only the figures that are in the window, and follows the list of figures."""
    with fake_viewer.fake_viewer(FIRST[0], figures(*[(600, 900)] * 3), control(), status()) as viewer:
        page.go(viewer.url)
        assert 3 not in viewer.await_said("seen")["figures"]
        page.run("document.querySelectorAll('.card')[2].scrollIntoView()")
        wait_until(lambda: 3 in viewer.said("seen")[-1]["figures"])
        viewer.send(figures((600, 900)))
        wait_until(lambda: page.run("return document.querySelectorAll('.card').length") == 1)


def test_a_key_held_is_released(desktop: DrivenPage) -> None:
    """Keys go to the figure that has the focus. Escape leaves it, and what was held is released; Ctrl+K is the browser's."""
    with fake_viewer.fake_viewer(*FIRST) as viewer:
        shown(desktop, viewer)
        desktop.run("document.querySelector('.picture').focus()")
        desktop.keys("g")
        viewer.await_said("key_event", kind="release", key="g")
        desktop.keys("\ue00c")
        viewer.await_said("key_event", kind="release", key="Escape")
        desktop.keys("g")
        assert desktop.run("return document.activeElement === document.body")
        assert len(viewer.said("key_event", key="g")) == 2


def test_the_wheel_scrolls_the_page_until_the_figure_is_used(desktop: DrivenPage) -> None:
    """A figure takes the wheel only with the focus or a tool; with a tool it zooms, which is Control in matplotlib."""
    with fake_viewer.fake_viewer(*FIRST) as viewer:
        shown(desktop, viewer)
        x, y = desktop.place((0.5, 0.5))
        desktop.mouse("mouseWheel", x, y, deltaX=0, deltaY=-100)
        desktop.drag((0.5, 0.5), (0.5, 0.5))
        viewer.await_said("mouse", kind="release")
        assert not viewer.said("mouse", kind="wheel")
        viewer.send({"type": "tools", "figure": 1, "back": False, "forward": False, "mode": "ZOOM"})
        wait_until(lambda: desktop.part("[data-tool=zoom]").get_attribute("aria-pressed") == "true")
        desktop.mouse("mouseWheel", x, y, deltaX=0, deltaY=-200)
        assert viewer.await_said("mouse", kind="wheel")["step"] == pytest.approx(2)
        viewer.await_said("key_event", kind="release", key="Control")


def test_knobs(page: DrivenPage) -> None:
    """Sliders, buttons and read-outs are HTML; they send what is set, and show what comes."""
    knobs = [
        {"name": "trap", "kind": "slider", "low": 0, "high": 2, "value": 1, "unit": "ω"},
        {"name": "energy", "kind": "readout", "low": 0, "high": 0, "value": 1.25, "unit": "J"},
        {"name": "kick", "kind": "button", "low": 0, "high": 0, "value": None, "unit": ""},
    ]
    with fake_viewer.fake_viewer(*FIRST, {"type": "controls", "controls": knobs}) as viewer:
        shown(page, viewer)
        assert "1.25 J" in page.text("#controls")
        page.run("document.querySelector('#controls input').focus()")
        page.keys("\ue014")  # arrow to the right
        assert viewer.await_said("set", name="trap")["value"] > 1
        page.click("#controls button")
        viewer.await_said("press", name="kick")
        viewer.send({"type": "values", "values": {"energy": 7.5, "trap": 0.5}})
        page.await_text("#controls", "7.5 J")
        page.await_text("#controls", "0.5 ω")
