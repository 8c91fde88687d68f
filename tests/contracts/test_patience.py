"""How long `close` waits for the last picture: pure cases, with a clock of the test's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asyncplot.compute.patience import Patience, Sight

pytestmark = pytest.mark.contract

STEP = 0.02


def waited(seen: Callable[[float], Sight], *, age: float = 60.0, far: bool = False, **options: bool) -> float:
    """How long the wait lasts, s; so much is seen at each time."""
    given = {"patient": True, "unhurried": False, **options}
    patience = Patience(0.0, age=age, far=far, **given)
    now = 0.0
    while patience.lasts(now, seen(now)):
        now += STEP
    return now


def test_a_viewer_in_which_nothing_moves_is_given_up() -> None:
    """A stopped one, and a command that sleeps, get 0.2 s, in each phase."""
    for phase in ("starting", "making", "drawing"):
        assert waited(lambda now, phase=phase: Sight(phase, 70)) == pytest.approx(0.2, abs=STEP)  # type: ignore[misc]


def test_a_viewer_that_stops_moving_is_given_up_then() -> None:
    """It imports for a second, and then somebody stops it."""
    assert waited(lambda now: Sight("starting", int(100 * min(now, 1.0)))) == pytest.approx(1.2, abs=2 * STEP)


def test_a_viewer_that_starts_visibly_is_waited_for() -> None:
    """While its processes use CPU time or wait for a disk, and 20 s at most."""
    assert waited(lambda now: Sight("starting", int(100 * now))) == pytest.approx(20.0, abs=STEP)
    assert waited(lambda now: Sight("starting", 7, runs=True)) == pytest.approx(20.0, abs=STEP)


def test_a_starting_viewer_is_not_waited_for_without_patience() -> None:
    """After an exception, `close` takes 0.2 s."""
    assert waited(lambda now: Sight("starting", int(100 * now)), patient=False) == pytest.approx(
        0.2, abs=STEP
    )


def test_a_constructor_that_never_returns_has_a_limit_in_cpu_time() -> None:
    """A second of CPU time; on a machine of which it gets a quarter, four seconds."""
    assert waited(lambda now: Sight("making", int(100 * now))) == pytest.approx(1.0, abs=2 * STEP)
    assert waited(lambda now: Sight("making", int(25 * now), runs=True)) == pytest.approx(4.0, abs=0.1)


def test_the_first_draw_has_a_limit() -> None:
    """Two seconds, whatever the machine is busy with, and where a picture is saved, too."""
    assert waited(lambda now: Sight("drawing", int(25 * now), runs=True)) == pytest.approx(2.0, abs=2 * STEP)
    assert waited(lambda now: Sight("drawing", int(100 * now)), unhurried=True) == pytest.approx(
        2.0, abs=2 * STEP
    )


def test_a_slow_constructor_is_waited_for_where_a_picture_is_saved() -> None:
    """Then the last picture is what the run is for."""
    assert waited(lambda now: Sight("making", int(100 * now)), unhurried=True) == pytest.approx(
        20.0, abs=STEP
    )


def test_ssh_may_sleep_while_the_other_side_starts() -> None:
    """Of a viewer on another host nothing moves here."""
    assert waited(lambda now: Sight("starting", 3), far=True) == pytest.approx(3.0, abs=STEP)


def test_a_draw_of_three_seconds_and_then_an_endless_one() -> None:
    """One usual draw, and 0.2 s."""
    assert waited(lambda now: Sight("ready", progress=(1,), usual=3.0)) == pytest.approx(3.2, abs=STEP)


def test_the_draw_that_goes_on_and_the_last_one() -> None:
    """When a draw has ended within the wait, the last one gets its time, too; then it is over."""
    once = waited(lambda now: Sight("ready", progress=(int(now > 0.5),), usual=1.0))
    assert once == pytest.approx(0.5 + 1.2, abs=2 * STEP)
    assert waited(lambda now: Sight("ready", progress=(int(100 * now),), usual=1.0)) == pytest.approx(
        2.4, abs=STEP
    )


@pytest.mark.parametrize("usual", [1e9, -1.0, float("nan"), float("inf"), 61.0, 25.0])
def test_a_draw_that_cannot_have_been_is_not_believed(usual: float) -> None:
    """Longer than the run, longer than 20 s, or no number: the viewer's own words make no wait long."""
    assert waited(lambda now: Sight("ready", progress=(1,), usual=usual)) == pytest.approx(0.2, abs=STEP)


def test_a_viewer_that_has_ended_is_not_waited_for() -> None:
    """Nor one whose phase nobody knows."""
    assert waited(lambda now: Sight("ended")) == 0.0
    assert waited(lambda now: Sight("[[[")) == 0.0
