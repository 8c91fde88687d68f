"""The pictures of one figure: whatever a page has missed, the patches make the newest pixels of what it has."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from looking import decoded, lay

from asyncplot.viewer.boxes import Box
from asyncplot.viewer.web.encoding import Codec, png, pngs_of_changes
from asyncplot.viewer.web.sheet import Patch, Sheet, Spot

#: So many pictures back the boxes are known; tests go beyond it.
KEPT = 64


class Painted:
    """What a page has painted of a figure: the number of the picture, and its pixels."""

    def __init__(self) -> None:
        self.number = 0
        self.pixels = np.zeros((0, 0, 4), np.uint8)

    def catch_up(self, sheet: Sheet) -> list[Patch]:
        """Get the newest picture, as the page does: by PNGs, and by the rules of the codecs."""
        patches = sheet.since(self.number)
        width, height = sheet.size
        if not sheet.is_known(self.number):
            self.pixels = np.zeros((height, width, 4), np.uint8)
        assert self.pixels.shape == (height, width, 4)
        for patch in patches:
            assert patch.pixels.shape == (patch.spot.height, patch.spot.width, 4)
            over = patch.codec is Codec.OVER
            for data in pngs_of_changes(patch.pixels, patch.changed) if over else [png(patch.pixels)]:
                lay(self.pixels, patch.spot.x, patch.spot.y, patch.codec, decoded(data))
        self.number = sheet.number
        return patches


def changed_box(before: Any, after: Any, margin: float) -> Box:
    """A box, with its origin at the lower left, around what has changed."""
    rows, columns = np.nonzero((before != after).any(axis=2))
    height = before.shape[0]
    return Box(
        columns.min() - margin,
        height - rows.max() - 1 - margin,
        columns.max() + 1 + margin,
        height - rows.min() + margin,
    )


SIDES = st.integers(1, 24)
COLOURS = st.tuples(*[st.integers(0, 255)] * 3, st.sampled_from([0, 1, 127, 254, 255, 255, 255]))
SPOTS = st.tuples(*[st.floats(0, 1)] * 4)
DRAWS = st.tuples(
    st.sampled_from(["same", "draw", "draw", "draw", "resize", "turn"]),
    st.lists(st.tuples(SPOTS, COLOURS), max_size=3),
    st.tuples(SIDES, SIDES),
    st.booleans(),  # whether boxes are said
    st.floats(0, 3),  # how much larger they are
)


def drawn(pixels: Any, marks: list[tuple[tuple[float, float, float, float], Any]]) -> list[Any]:
    """The pixels after each of these rectangles was filled."""
    height, width = pixels.shape[:2]
    steps = []
    for (x, y, w, h), colour in marks:
        pixels = pixels.copy()
        left, top = int(x * (width - 1)), int(y * (height - 1))
        pixels[top : top + 1 + int(h * height), left : left + 1 + int(w * width)] = colour
        steps.append(pixels)
    return steps


@given(
    st.tuples(SIDES, SIDES), st.lists(DRAWS, max_size=12), st.lists(st.booleans(), min_size=12, max_size=12)
)
@settings(max_examples=150, deadline=None)
def test_a_page_that_skips_pictures_has_the_newest_pixels(
    size: tuple[int, int], draws: list[Any], looks: list[bool]
) -> None:
    """With boxes and without, with transparency, and when the size changes: what a page makes of the patches is exact."""
    sheet, page, always = Sheet(), Painted(), Painted()
    pixels = np.full((*size, 4), 255, np.uint8)
    sheet.draw(pixels, None, 0.0)
    for (kind, marks, new_size, told, margin), look in zip(draws, looks, strict=False):
        before = pixels
        if kind == "resize":
            pixels = np.full((*new_size, 4), 200, np.uint8)
        elif kind == "turn":  # another size with as many pixels
            pixels = np.ascontiguousarray(pixels.swapaxes(0, 1))
        steps = drawn(pixels, marks) if kind != "same" else []
        boxes: list[Box] | None = None
        if told and pixels is before:
            ends = zip([pixels, *steps], steps, strict=False)
            boxes = [changed_box(one, other, margin) for one, other in ends if (one != other).any()]
        pixels = steps[-1] if steps else pixels
        number, changed = sheet.number, pixels.shape != before.shape or bool((pixels != before).any())
        assert sheet.draw(pixels, boxes, 0.0) == changed
        assert sheet.number == number + changed
        always.catch_up(sheet)
        assert (always.pixels == pixels).all()
        if look:
            page.catch_up(sheet)
            assert (page.pixels == pixels).all()
    page.catch_up(sheet)
    assert (page.pixels == pixels).all()
    assert page.catch_up(sheet) == []


def test_a_page_that_is_far_behind_gets_what_changed_anywhere() -> None:
    """Beyond the pictures whose boxes are known, too."""
    for behind in (KEPT - 1, KEPT, KEPT + 1, 3 * KEPT):
        sheet, page = Sheet(), Painted()
        pixels = np.full((40, 50, 4), 255, np.uint8)
        sheet.draw(pixels, None, 0.0)
        page.catch_up(sheet)
        for step in range(behind):
            x, y = step * 7 % 50, step * 11 % 40
            pixels[y, x] = step % 256, 0, 0, 255
            sheet.draw(pixels, [Box(x, 39 - y, x + 1, 40 - y)], 0.0)
        page.catch_up(sheet)
        assert (page.pixels == pixels).all()


def test_few_changes_are_sent_as_few_pixels() -> None:
    """Two marks far apart are two patches, each no larger than what has changed there."""
    sheet = Sheet()
    pixels = np.full((100, 200, 4), 255, np.uint8)
    sheet.draw(pixels, None, 0.0)
    pixels[10:12, 20:25] = pixels[80, 150] = 0, 0, 0, 255
    sheet.draw(pixels, [Box(0, 80, 60, 100), Box(140, 10, 160, 30)], 0.0)
    assert {patch.spot for patch in sheet.since(1)} == {Spot(20, 10, 5, 2), Spot(150, 80, 1, 1)}


def test_boxes_near_each_other_are_one_patch() -> None:
    """Lines in 4x4 axes are sent in one patch; not so lines with an image between them, which may be sent with loss."""
    for image in (False, True):
        sheet, page = Sheet(), Painted()
        pixels = np.full((400, 400, 4), 255, np.uint8)
        sheet.draw(pixels, None, 0.0)
        page.catch_up(sheet)
        boxes = [Box(x, y, x + 80, y + 80) for x in (10, 110, 210, 310) for y in (10, 110, 210, 310)]
        for box in boxes:
            column, row = np.arange(80), np.arange(80)
            pixels[400 - int(box.y1) + row, int(box.x0) + column, :3] = 0
        if image:
            pixels[110:190, 110:190, 0] = np.arange(80)
        sheet.draw(pixels, boxes, 0.0)
        spots = [patch.spot for patch in page.catch_up(sheet)]
        assert (page.pixels == pixels).all()
        assert len(spots) > 1 if image else spots == [Spot(10, 10, 380, 380)]
        if image:
            assert Spot(110, 110, 80, 80) in spots


def test_many_boxes_become_few_patches_that_do_not_overlap() -> None:
    """A plotter with a thousand artists makes a message with a bounded number of boxes."""
    sheet, chance = Sheet(), np.random.default_rng(1)
    pixels = np.full((300, 300, 4), 255, np.uint8)
    sheet.draw(pixels, None, 0.0)
    corners = chance.integers(0, 290, (1000, 2))
    for count in (1, 5, 12, 1000):
        for x, y in corners[:count]:
            pixels[y : y + 3, x : x + 3] = *chance.integers(0, 255, 3), 255
        base = sheet.number
        sheet.draw(pixels, [Box(x, 300 - y - 3, x + 3, 300 - y) for x, y in corners[:count]], 0.0)
        spots = [patch.spot for patch in sheet.since(base)]
        assert 1 <= len(spots) <= 16
        covered = np.zeros((300, 300), int)
        for spot in spots:
            covered[spot.slices] += 1
        assert covered.max() == 1


def test_only_a_costly_spot_without_transparency_is_sent_with_loss() -> None:
    """And no longer when PNG takes no longer too long; small spots never."""
    sheet = Sheet()
    pixels = np.full((100, 100, 4), 255, np.uint8)
    sheet.draw(pixels, None, 0.0)
    everywhere = Spot(0, 0, 100, 100)
    sheet.learn(Spot(0, 0, 20, 20), costly=True)
    assert sheet.since(0)[0].codec is Codec.PNG
    sheet.learn(everywhere, costly=True)
    assert sheet.since(0)[0].codec is Codec.JPEG
    assert [patch.codec for patch in sheet.exactly([everywhere])] == [Codec.PNG]
    pixels[5, 5, 3] = 254
    sheet.draw(pixels, None, 0.0)
    assert sheet.since(0)[0].codec is Codec.PNG
    pixels[5, 5, 3] = 255
    sheet.draw(pixels, None, 0.0)
    assert sheet.since(0)[0].codec is Codec.JPEG
    sheet.learn(everywhere, costly=False)
    assert sheet.since(0)[0].codec is Codec.PNG


def test_patches_are_copies() -> None:
    """The encoder reads them on its thread while the canvas is drawn again."""
    sheet = Sheet()
    pixels = np.full((10, 10, 4), 255, np.uint8)
    sheet.draw(pixels, None, 0.0)
    whole, part = sheet.since(0)[0], sheet.exactly([Spot(2, 2, 5, 5)])[0]
    pixels[:] = 0
    sheet.draw(pixels, None, 0.0)
    assert (whole.pixels == 255).all()
    assert (part.pixels == 255).all()
