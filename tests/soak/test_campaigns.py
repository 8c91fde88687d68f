"""Nothing that a viewer wrote, and no shortage, raises, hangs or stays behind: the campaigns of ``scripts/soak`` in their short form.

`BROKEN` is the list of what does not hold yet. A kind of case that holds again is taken off it.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator

import pytest

from conditions import missing
from soaking import starvation
from soaking.campaigns import CAMPAIGNS

#: Some cases have time limits of their own, which add up.
pytestmark = [pytest.mark.soak, pytest.mark.timeout(180)]

#: Campaign -> kind of case -> why its bar is missed today.
BROKEN: dict[str, dict[str, str]] = {}


def each_kind() -> Iterator[object]:
    """Each kind of case of each campaign; those that are broken today may fail."""
    for campaign in CAMPAIGNS.values():
        for kind in dict.fromkeys(campaign.kinds):
            reason = BROKEN.get(campaign.name, {}).get(kind)
            marks = [pytest.mark.xfail(reason=reason, strict=False)] if reason else []
            yield pytest.param(campaign.name, kind, marks=marks, id=f"{campaign.name}-{kind}")


@pytest.mark.parametrize(("name", "kind"), list(each_kind()))
def test_a_campaign_meets_its_bar(name: str, kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Few cases of one kind, from a seed that is printed: none misses the bar."""
    if kind == "Qt" and shutil.which("Xvfb") is None:
        missing("no Xvfb here")
    if name == "starvation" and not starvation.possible([kind]):
        pytest.skip("this user may not make that shortage here")
    campaign = CAMPAIGNS[name]
    count = max(campaign.short * campaign.kinds.count(kind) // len(campaign.kinds), 1)
    seed = random.SystemRandom().randrange(1 << 32)
    with capsys.disabled():
        print(f"[seed {seed}]", end=" ")
    outcome = campaign.run(count, seed, (kind,))
    assert not outcome.failed


def test_each_broken_kind_is_a_kind() -> None:
    """The list of what is broken names cases that there are."""
    assert all(set(kinds) <= set(CAMPAIGNS[name].kinds) for name, kinds in BROKEN.items())
