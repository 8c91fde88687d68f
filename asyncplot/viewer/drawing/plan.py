"""The regions of a figure in which artists move. GUI thread.

In: the moving artists, and the order in which all artists draw. Out: a `Plan`: regions that do not touch each other,
each with its moving artists and the artists above them (`Region`). Nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ..boxes import Box
from .layers import Above, Region
from .obstacles import why_not
from .reasons import Moving
from .regions import clipped_to, is_plain_text, on_canvas, touched_by

#: Room on both sides of a moving text, so that a longer text fits, pixels.
_ROOM = 40.0


class Plan(NamedTuple):
    """The regions, and what is known of each moving artist."""

    regions: list[Region]
    moving: dict[Any, Moving]

    def has_regions_of(self, other: Plan) -> bool:
        """Whether the regions are at the same places, with the same artists."""
        return [(region.box, region.order) for region in self.regions] == [
            (region.box, region.order) for region in other.regions
        ]


def planned(candidates: Iterable[Any], order: list[Any], canvas: Any, renderer: Any) -> Plan:
    """Make a plan.

    Parameters
    ----------
    candidates : iterable of Artist
        Those that move. An artist that cannot be drawn over the others gets no region.
    order : list of Artist
        All artists that draw, in that order.
    canvas, renderer
        They are drawn there, and by it.
    """
    moving: dict[Any, Moving] = {}
    regions: list[Region] = []
    for artist in candidates:
        box = on_canvas(_own_box(artist, renderer), canvas)
        if box is None or why_not(artist):
            continue
        moving[artist] = Moving.of(artist, box)
        regions.append(Region(box, [artist]))
    regions = _merged(regions)
    _put_above(
        regions,
        order,
        lambda artist: on_canvas(touched_by(artist, renderer), canvas),
        lambda artist: moving[artist].box,
    )
    return Plan(regions, moving)


def _own_box(artist: Any, renderer: Any) -> Box | None:
    """The box of a moving artist; None if it cannot be told."""
    if is_plain_text(artist):
        box = touched_by(artist, renderer)
        return None if box is None else box.wider(_ROOM)
    return clipped_to(artist)


def _merged(regions: list[Region]) -> list[Region]:
    """The regions, joined where they touch."""
    result: list[Region] = []
    for region in regions:
        joined = region
        while touching := [other for other in result if other.box.overlaps(joined.box)]:
            for other in touching:
                result.remove(other)
                joined = Region(joined.box.joined(other.box), [*joined.moving, *other.moving])
        result.append(joined)
    return result


def _put_above(
    regions: list[Region],
    order: list[Any],
    box_of: Callable[[Any], Box | None],
    moving_box: Callable[[Any], Box],
) -> None:
    """Find the artists above the moving ones of each region, and set ``above``, ``order`` and ``interleaved``.

    ``box_of`` tells where an artist can draw (None: nowhere), ``moving_box`` where a moving artist can draw.
    """
    ranks = {artist: rank for rank, artist in enumerate(order)}
    moving = {artist for region in regions for artist in region.moving}
    first = min((ranks[artist] for artist in moving), default=len(order))
    for artist in order[first + 1 :]:
        if artist in moving or (box := box_of(artist)) is None:
            continue
        for region in regions:
            if not region.box.overlaps(box):
                continue
            if any(ranks[each] < ranks[artist] for each in region.moving):
                region.above.append(Above(artist, box))
    for region in regions:
        region.moving.sort(key=ranks.__getitem__)
        region.order = sorted(
            [*region.moving, *(above.artist for above in region.above)], key=ranks.__getitem__
        )
        region.interleaved = any(
            ranks[each] > ranks[above.artist] and moving_box(each).overlaps(above.box)
            for above in region.above
            for each in region.moving
        )
