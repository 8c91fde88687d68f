"""The pages of one viewer: who drives, what is encoded, and what happens to a page that loses pictures or says too much."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from looking import Looking
from matplotlib._pylab_helpers import Gcf
from room import HELLO, TOKEN, Room, say

from asyncplot.viewer.boxes import Box
from asyncplot.viewer.web import page as page_module
from asyncplot.viewer.web.conversation import BAD, TOO_MANY, WRONG_TOKEN, Conversation
from asyncplot.viewer.web.pages import MOST
from asyncplot.viewer.web.sheet import Spot
from asyncplot.web.guard import Guard


def answer(looking: Looking, conversation: Conversation) -> None:
    """Tell what was painted, and what was lost."""
    for figure, number in looking.unanswered:
        say(conversation, "painted", figure=figure, number=number)
    for figure in looking.lost:
        say(conversation, "key", figure=figure)
    looking.unanswered.clear()
    looking.lost.clear()


@pytest.fixture
def room() -> Iterator[Room]:
    """A site without figures."""
    one = Room()
    yield one
    one.close()


# --- control ---------------------------------------------------------------------------------------


def test_the_first_page_drives_and_control_is_passed(room: Room) -> None:
    """Each page hears whether it drives; what an onlooker does reaches no figure."""
    canvas = room.figure()
    keys: list[tuple[str, Any]] = []
    canvas.mpl_connect("key_press_event", lambda event: keys.append((event.key, None)))
    (one, first), (two, second) = room.enters(), room.enters()
    assert one.said[0]["mine"] is True
    assert two.said[0]["mine"] is False
    say(second, "key_event", figure=1, kind="press", key="x")
    say(second, "end")
    say(first, "key_event", figure=1, kind="press", key="a")
    say(second, "control")
    assert [each["mine"] for each in (one.said[-1], two.said[-1])] == [False, True]
    say(first, "key_event", figure=1, kind="press", key="b")
    say(second, "key_event", figure=1, kind="press", key="c")
    assert keys == [("a", None), ("c", None)]
    assert room.ended == 0
    say(second, "end")
    assert room.ended == 1


def test_when_the_driver_goes_the_first_of_the_others_drives(room: Room) -> None:
    """It hears so at once."""
    pages = [room.enters() for _ in range(3)]
    pages[0][1].end()
    assert [looking.said[-1]["mine"] for looking, _ in pages[1:]] == [True, False]
    pages[1][1].end()
    pages[2][1].end()
    assert not room.site.pages
    assert room.site.pages.driver is None
    assert room.enters()[0].said[0]["mine"] is True


def test_a_page_that_is_loaded_again_drives_again(room: Room) -> None:
    """It keeps the control, unless another page has taken it by a click meanwhile. A page of another session does not."""
    room.figure()
    _, first = room.enters(session="a")
    second, other = room.enters(session="b")
    first.end()
    assert second.said[-1]["mine"]
    again, first = room.enters(session="a")
    assert again.said[0]["mine"]
    assert not [said for said in second.said if said["type"] == "control"][-1]["mine"]
    first.end()
    say(other, "control")
    again, first = room.enters(session="a")
    assert not again.said[0]["mine"]
    first.end()
    stranger, _ = room.enters(session="c")
    assert not stranger.said[0]["mine"]


def test_a_notebook_never_drives(room: Room) -> None:
    """It came first, and the browser that comes later drives; when that one goes, nobody does."""
    room.figure()
    notebook, looks = room.enters(whole=True)
    browser, conversation = room.enters()
    assert not notebook.said[0]["mine"]
    assert browser.said[0]["mine"]
    assert browser.said[-1]["clients"] == 1
    say(looks, "control")
    conversation.end()
    assert room.site.pages.driver is None


def test_figures_are_drawn_for_the_screen_of_the_page_that_drives(room: Room) -> None:
    """When the control is passed, when the driver goes, and when it comes to another screen."""
    canvas = room.figure(size=(120, 90))
    _, first = room.enters(ratio=2.0)
    _, second = room.enters(ratio=1.0)
    assert canvas.get_width_height(physical=True) == (240, 180)
    say(second, "control")
    assert canvas.get_width_height(physical=True) == (120, 90)
    second.end()
    assert canvas.get_width_height(physical=True) == (240, 180)
    say(first, "resize", figure=1, width=120, height=90, ratio=1.0)
    assert canvas.get_width_height(physical=True) == (120, 90)


def test_there_is_a_bound_on_pages(room: Room) -> None:
    """One more is told so; and may come when another one has gone."""
    pages = [room.enters() for _ in range(MOST)]
    assert [code for code, _ in room.enters()[0].closed] == [TOO_MANY]
    pages[5][1].end()
    assert room.enters()[0].closed == []


# --- who is let go of ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (['{"type": "seen", "figures": [1]}'], BAD),
        (['{"type": "hello", "version": 1}'], BAD),
        ([HELLO.replace("1", "2")], BAD),
        (['{"type": "hello", "version": 1, "token": "wrong"}'], WRONG_TOKEN),
        ([HELLO, "x"], BAD),
        (
            [
                HELLO,
                '{"type": "key", "figure": "\\ud800"}',
            ],
            BAD,
        ),
        ([HELLO, b"\x00"], BAD),
    ],
)
def test_who_says_something_wrong_is_let_go_of(room: Room, messages: list[str | bytes], code: int) -> None:
    """At once: nothing that it says afterwards is heard, the right token neither, and no page is left of it."""
    room.figure()
    looking = Looking()
    conversation = Conversation(looking, room.site, Guard(8000, TOKEN))
    for message in [*messages, HELLO, '{"type": "end"}']:
        conversation.hear(message)
    assert [each for each, _ in looking.closed] == [code]
    assert all(len(reason.encode()) <= 123 for _, reason in looking.closed)
    assert TOKEN not in str(looking.closed)
    assert not room.site.pages
    assert room.ended == 0


def test_who_says_too_much_is_let_go_of(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """2,000 at once and 500 a second are heard, more are not."""
    clock = [100.0]
    monkeypatch.setattr("asyncplot.viewer.web.conversation.time.monotonic", lambda: clock[0])
    looking, conversation = room.enters()
    for _ in range(5000):
        clock[0] += 1 / 450
        say(conversation, "ping", at=1)
    assert looking.closed == []
    for _ in range(5000):
        say(conversation, "ping", at=1)
    assert [code for code, _ in looking.closed] == [TOO_MANY]
    assert looking.kinds().count("pong") <= 5000 + 2000


def test_a_page_that_paints_nothing_is_dropped(room: Room) -> None:
    """It says that it sees a figure, and never that it has painted it. One that is hidden is not."""
    room.figure()
    (_, first), (_, second) = room.enters(), room.enters()
    for each in (first, second):
        say(each, "seen", figures=[1])
    room.settle()
    say(second, "seen", figures=[])
    sleepy, hidden = room.site.pages
    room.until(lambda: sleepy._seats[1].credit.waits_since)
    now = sleepy._seats[1].credit.waits_since or 0.0
    assert not sleepy.is_gone(now + page_module.GONE - 0.1)
    assert sleepy.is_gone(now + page_module.GONE + 0.1)
    assert not hidden.is_gone(now + 1000)


# --- what handlers of the plotter do ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ("resize_event", {"type": "resize", "figure": 1, "width": 300, "height": 200}),
        ("button_press_event", {"type": "mouse", "figure": 1, "kind": "press", "x": 5, "y": 5}),
        ("key_press_event", {"type": "key_event", "figure": 1, "kind": "press", "key": "a"}),
    ],
)
def test_a_handler_that_raises_costs_no_page(
    room: Room, event: str, message: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and the page goes on."""
    canvas = room.figure()

    def handler(_: Any) -> None:
        raise RuntimeError("of the plotter")

    canvas.mpl_connect(event, handler)
    looking, conversation = room.enters()
    conversation.hear(json.dumps(message))
    assert "of the plotter" in caplog.text
    assert looking.closed == []
    assert len(room.site.pages) == 1


def test_all_that_a_page_may_do_is_taken_by_matplotlib(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    """Each button, key and tool, far outside of the figure, too."""
    room.figure()
    _, conversation = room.enters()
    for kind in ("enter", "motion", "press", "release", "double", "wheel", "leave"):
        for x, y in ((5, 5), (-1, -1), (1e14, -1e14), (0.5, 0.5)):
            for button in (0, 2, 4, (1 << 32) - 1):
                for modifiers in ([], ["shift", "ctrl", "alt", "meta", "other"]):
                    entries = {"button": button, "buttons": button, "step": x, "modifiers": modifiers}
                    say(conversation, "mouse", figure=1, kind=kind, x=x, y=y, **entries)
    for key in (
        "",
        " ",
        "a",
        "A",
        "Enter",
        "Control",
        "F5",
        "ü",
        "\ud800",
        "\0",
        "k" * 256,
        "shift+k",
        "alt",
        "Dead",
    ):
        for kind in ("press", "release"):
            say(conversation, "key_event", figure=1, kind=kind, key=key, modifiers=["shift"])
            say(conversation, "key_event", figure=1, kind=kind, key=key)
    for name in ("home", "back", "forward", "pan", "zoom", "zoom"):
        say(conversation, "tool", figure=1, name=name)
        say(conversation, "tool", figure=2, name=name)
    assert caplog.text == ""


# --- pictures --------------------------------------------------------------------------------------


def test_an_encoding_is_made_once_for_all_pages(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight pages: as many encodings as for one, also of what is sent exactly when the figure is at rest."""
    monkeypatch.setattr(page_module, "REST", 0.0)
    canvas = room.figure(size=(200, 200))
    pages = [room.enters() for _ in range(8)]
    for _, conversation in pages:
        say(conversation, "seen", figures=[1])
    room.settle()
    assert room.site.encoder.count == 1
    for step in range(5):
        for page in pages:
            answer(*page)
        room.mark(canvas, step)
        room.settle()
        assert room.site.encoder.count == step + 2
    card = room.site._cards[1]
    card.sheet.learn(Spot(0, 0, 200, 200), costly=True)
    for page in pages:
        answer(*page)
    np.asarray(canvas.buffer_rgba())[:] = 9, 9, 9, 255
    room.site.paint(canvas, None)
    room.settle()
    for page in pages:
        answer(*page)
    room.settle()
    assert room.site.encoder.count == 8  # and one as JPEG, and one exactly
    assert all((looking.pixels[1] == np.asarray(canvas.buffer_rgba())).all() for looking, _ in pages)


def test_every_page_has_the_newest_pixels_in_the_end(room: Room) -> None:
    """One answers at once, one now and then, one is hidden meanwhile, and one loses pictures."""
    canvas = room.figure()
    pages = [room.enters() for _ in range(4)]
    for _, conversation in pages:
        say(conversation, "seen", figures=[1])
    for step in range(60):
        room.mark(canvas, step, alpha=255 if step % 9 else 100)
        if step == 30:
            say(pages[0][1], "resize", figure=1, width=150, height=80)
            canvas.draw()
            room.site.paint(canvas, None)
        if step % 20 == 5:
            pages[3][0].number.clear()  # its next picture does not fit
        say(pages[2][1], "seen", figures=[1] if step % 10 < 5 else [])
        room.settle()
        for index, page in enumerate(pages):
            if index != 1 or step % 7 == 0:
                answer(*page)
        assert max(len(looking.unanswered) for looking, _ in pages) <= 4
    for _, conversation in pages:
        say(conversation, "seen", figures=[1])
    pixels = np.asarray(canvas.buffer_rgba())

    def all_have_it() -> bool:
        for page in pages:
            answer(*page)
        return all(np.array_equal(looking.pixels[1], pixels) for looking, _ in pages)

    room.until(all_have_it)


def test_a_page_that_asks_for_whole_pictures_again_and_again_gets_few(room: Room) -> None:
    """A thousand requests in a moment make one picture, not a backlog."""
    canvas = room.figure()
    looking, conversation = room.enters()
    say(conversation, "seen", figures=[1])
    room.settle()
    for step in range(1000):
        say(conversation, "key", figure=1)
        room.mark(canvas, step)
        if not step % 10:
            room.settle()
    assert looking.wholes <= 20  # 4 a second
    say(conversation, "key", figure=1)
    room.until(lambda: np.array_equal(looking.pixels[1], np.asarray(canvas.buffer_rgba())))


def test_a_figure_in_the_place_of_another_is_shown_whole(room: Room) -> None:
    """Its pictures have numbers that the page knows of the figure before it."""
    canvas = room.figure()
    looking, conversation = room.enters()
    say(conversation, "seen", figures=[1])
    for step in range(3):
        room.mark(canvas, step)
        room.settle()
        answer(looking, conversation)
    Gcf.figs.clear()
    canvas = room.figure()
    for step in range(10, 15):
        room.mark(canvas, step)  # more pictures than the page had before
    room.until(lambda: np.array_equal(looking.pixels[1], np.asarray(canvas.buffer_rgba())))
    assert looking.lost == []


def test_pages_and_figures_that_are_not_there_cost_nothing(room: Room) -> None:
    """A page that says it sees figures which do not exist makes no frame come, and takes no memory."""
    _, conversation = room.enters()
    now = time.monotonic() + 10.0
    assert room.site.is_ready(now)
    for step in range(100):
        say(conversation, "seen", figures=list(range(step * 200, step * 200 + 200)))
        say(conversation, "painted", figure=step, number=1)
        say(conversation, "key", figure=step)
        assert not room.site.is_ready(now + 1.0)
    (page,) = room.site.pages
    assert not page.seen
    assert not page._seats


def test_what_was_sent_with_loss_is_remembered_in_few_spots(room: Room) -> None:
    """A picture that moves for a day makes no list of a million boxes; and it is exact in the end."""
    canvas = room.figure(size=(400, 400))
    looking, conversation = room.enters()
    say(conversation, "seen", figures=[1])
    card = room.site._cards[1]
    pixels = np.asarray(canvas.buffer_rgba())
    for step in range(100):
        x, y = step * 37 % 330, step * 53 % 330
        card.sheet.learn(Spot(0, 0, 400, 400), costly=True)
        pixels[y : y + 70, x : x + 70] = (*np.random.default_rng(step).integers(0, 255, 3), 255)
        room.site.paint(canvas, [Box(x, 400 - y - 70, x + 70, 400 - y)])
        room.settle()
        answer(looking, conversation)
    (page,) = room.site.pages
    assert 1 <= len(page._seats[1].lossy) <= 16

    def exact() -> bool:
        answer(looking, conversation)
        return np.array_equal(looking.pixels[1], pixels)

    room.until(exact)


def test_a_large_figure_is_drawn_with_a_bounded_number_of_pixels(room: Room) -> None:
    """Whatever size and ratio a page says."""
    canvas = room.figure()
    looking = Looking()
    conversation = Conversation(looking, room.site, Guard(8000, TOKEN))
    say(conversation, "hello", token=TOKEN, version=1, ratio=1e14)
    for side in (0, -5, 1e14, 3999.5):
        say(conversation, "resize", figure=1, width=side, height=side)
        width, height = canvas.get_width_height(physical=True)
        assert 80 <= width <= 4000
        assert 80 <= height <= 4000
    assert looking.closed == []


def test_a_page_that_shows_whole_pictures_gets_no_others(room: Room) -> None:
    """As a notebook does: each is whole, in one box, and the last one is exact."""
    canvas = room.figure(size=(400, 400))
    looking, conversation = room.enters(whole=True)
    say(conversation, "seen", figures=[1])
    chance = np.random.default_rng(1)
    for _ in range(5):
        np.asarray(canvas.buffer_rgba())[:, :, :3] = chance.integers(0, 255, (400, 400, 3), np.uint8)
        room.site.paint(canvas, None)
        room.until(lambda: looking.unanswered)
        answer(looking, conversation)
    room.until(lambda: np.array_equal(looking.pixels[1], np.asarray(canvas.buffer_rgba())))
    assert looking.wholes >= 5
    assert looking.lost == []
