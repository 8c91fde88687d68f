"""Each kind of artist, changed in each way that matplotlib tells nobody of, is drawn: equal to a full draw, to the pixel.

By private attributes, as tutorials do (``points._offsets3d = ...``), and by what artists hold: norms, colour maps, fonts,
paths and the shapes of boxes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib import colors, patches
from matplotlib.axes import Axes
from matplotlib.collections import (
    EllipseCollection,
    LineCollection,
    PatchCollection,
    PolyCollection,
    RegularPolyCollection,
)
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.image import NonUniformImage
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path

from test_pixel_equality import Blitted

X = np.linspace(0.0, 6.0, 12)
FIELD = np.outer(X, X) / 36

RED = (1.0, 0.0, 0.0, 1.0)

#: Each attribute that a plotter may set, and another value for it.
OTHER: dict[str, Callable[[Any], Any]] = {
    "_A": lambda now: now[::-1].copy(),
    "_alpha": lambda _: 0.3,
    "_angle": lambda now: now + 30,
    "_bbox_patch": lambda _: None,
    "_capstyle": lambda _: "round",
    "_center": lambda now: np.add(now, 1.0),
    "_color": lambda _: "r",
    "_edgecolor": lambda _: RED,
    "_edgecolors": lambda _: np.array([RED]),
    "_extent": lambda _: (0.0, 2.0, 0.0, 2.0),
    "_facecolor": lambda _: RED,
    "_facecolors": lambda _: np.array([RED]),
    "_fill": lambda now: not now,
    "_fontproperties": lambda _: FontProperties(size=20),
    "_hatch": lambda _: "xx",
    "_height": lambda now: now * 2,
    "_horizontalalignment": lambda _: "right",
    "_interpolation": lambda _: "bilinear",
    "_linestyle": lambda _: "--",
    "_linestyles": lambda _: [(0, [1.0, 2.0])],
    "_linewidth": lambda _: 5.0,
    "_linewidths": lambda _: [5.0],
    "_marker": lambda _: MarkerStyle("s"),
    "_markerfacecolor": lambda _: "g",
    "_markersize": lambda _: 20.0,
    "_offsets": lambda now: np.asarray(now) + 0.5,
    "_path": lambda now: Path(np.asarray(now.vertices) + 0.5, now.codes),
    "_paths": lambda now: [Path(np.asarray(path.vertices) * 1.5, path.codes) for path in now],
    "_rotation": lambda _: 45.0,
    "_sizes": lambda now: np.asarray(now) * 4,
    "_slope": lambda now: now + 1,
    "_text": lambda _: "other",
    "_visible": lambda _: False,
    "_width": lambda now: now * 2,
    "_x": lambda now: np.add(now, 0.5),
    "_x0": lambda now: now + 1,
    "_xy": lambda now: np.add(now, 0.5),
    "_xy1": lambda _: (0.0, 3.0),
    "_y": lambda now: np.add(now, 0.5),
    "_y0": lambda now: now + 1,
    "zorder": lambda now: now + 10,
}


def uneven(axes: Axes) -> Any:
    image = NonUniformImage(axes, extent=(0, 6, 0, 6))
    image.set_data(X, X, FIELD)
    return axes.add_artist(image)


Build = Callable[[Axes], Any]

KINDS: dict[str, Build] = {
    "line": lambda axes: axes.plot(X, np.sin(X) + 3, marker="o")[0],
    "axline": lambda axes: axes.axline((0, 0), slope=1),
    "axhline": lambda axes: axes.axhline(3),
    "axvspan": lambda axes: axes.axvspan(1, 2),
    "points": lambda axes: axes.scatter(X, np.sin(X) + 3),
    "coloured points": lambda axes: axes.scatter(X, np.sin(X) + 3, c=X),
    "image": lambda axes: axes.imshow(FIELD, extent=(0, 6, 0, 6), aspect="auto"),
    "colours": lambda axes: axes.imshow(np.dstack([FIELD] * 3), extent=(0, 6, 0, 6), aspect="auto"),
    "uneven image": uneven,
    "mesh": lambda axes: axes.pcolormesh(X, X, FIELD),
    "gouraud": lambda axes: axes.pcolormesh(X, X, FIELD, shading="gouraud"),
    "pcolor": lambda axes: axes.pcolor(X, X, FIELD),
    "triangles": lambda axes: axes.tripcolor(X, 3 + 3 * np.cos(7 * X), X),
    "hexbin": lambda axes: axes.hexbin(X, X, gridsize=5),
    "contours": lambda axes: axes.contour(X, X, FIELD),
    "areas": lambda axes: axes.contourf(X, X, FIELD),
    "fill": lambda axes: axes.fill_between(X, np.sin(X) + 3),
    "hlines": lambda axes: axes.hlines([1, 2], 0, 3),
    "events": lambda axes: axes.eventplot([1, 2, 3])[0],
    "arrows": lambda axes: axes.quiver(X, X, 1, 1),
    "barbs": lambda axes: axes.barbs(X, X, 20 + X, 20 + X),
    "lines": lambda axes: axes.add_collection(LineCollection([[(0, 0), (3, 3)], [(1, 0), (5, 1)]])),
    "polygons": lambda axes: axes.add_collection(PolyCollection([[(0, 0), (3, 3), (0, 3)]])),
    "patches": lambda axes: axes.add_collection(PatchCollection([patches.Circle((3, 3), 1)])),
    "ellipses": lambda axes: axes.add_collection(
        EllipseCollection([9], [5], [0], offsets=[(2, 2)], offset_transform=axes.transData)
    ),
    "pentagons": lambda axes: axes.add_collection(
        RegularPolyCollection(5, sizes=(90,), offsets=[(2, 2)], offset_transform=axes.transData)
    ),
    "text": lambda axes: axes.text(2, 2, "text"),
    "boxed": lambda axes: axes.text(2, 2, "text", bbox={"boxstyle": "round"}),
    "note": lambda axes: axes.annotate("note", (1, 1), (3, 3), arrowprops={"arrowstyle": "->"}),
    "title": lambda axes: axes.set_title("title", y=0.8),
    **{
        name: lambda axes, make=make: axes.add_patch(make())
        for name, make in {
            "rectangle": lambda: patches.Rectangle((1, 1), 2, 1),
            "circle": lambda: patches.Circle((3, 3), 1),
            "ellipse": lambda: patches.Ellipse((3, 3), 2, 1),
            "arc": lambda: patches.Arc((3, 3), 2, 1),
            "wedge": lambda: patches.Wedge((3, 3), 1, 0, 90),
            "ring": lambda: patches.Annulus((3, 3), 2, 0.5),
            "polygon": lambda: patches.Polygon([(0, 0), (3, 3), (0, 3)]),
            "regular": lambda: patches.RegularPolygon((3, 3), 5),
            "box": lambda: patches.FancyBboxPatch((2, 2), 1, 1),
            "arrow": lambda: patches.FancyArrowPatch((1, 1), (4, 4), mutation_scale=20),
            "path": lambda: patches.PathPatch(Path([(1, 1), (4, 4), (1, 4)])),
            "steps": lambda: patches.StepPatch([1, 3], [0, 2, 4]),
        }.items()
    },
}


class Kind(Blitted):
    """A figure with one artist, which is moving already where it can be blitted."""

    def __init__(self, build: Build) -> None:
        def fill(figure: Figure) -> None:
            figure.set_size_inches(2, 1.5)
            axes = figure.add_axes((0, 0, 1, 1))
            axes.set_axis_off()
            self.artist = build(axes)
            axes.set(xlim=(0, 6), ylim=(0, 6))

        super().__init__(fill)
        for _ in range(3):
            self.artist.stale = True
            self.compare()


#: What artists hold, by the kind of the artist, and changes of it.
HELD: dict[str, Callable[[Any], object]] = {
    "gamma": lambda artist: setattr(artist.norm, "gamma", 0.3),
    "vmin": lambda artist: setattr(artist.norm, "vmin", 0.3),
    "_vmin": lambda artist: setattr(artist.norm, "_vmin", 0.4),
    "under": lambda artist: artist.cmap.set_under("r"),
    "over": lambda artist: artist.cmap.set_over("r"),
    "bad": lambda artist: artist.cmap.set_bad("r"),
}

MAPPED = ("coloured points", "image", "mesh", "gouraud", "pcolor", "triangles", "hexbin", "contours", "areas")


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("bar", [False, True], ids=["alone", "with-a-colour-bar"])
@pytest.mark.parametrize("name", MAPPED)
def test_norms_and_colour_maps(name: str, bar: bool) -> None:
    """What is changed in a norm or a colour map is seen in all that goes by it, ticks of colour bars included."""

    def build(axes: Axes) -> Any:
        artist = KINDS[name](axes)
        array = np.ma.masked_less(np.ma.asarray(artist.get_array()), 0.1)
        artist.set_array(array)
        artist.set_norm(colors.PowerNorm(1.0, vmin=0.2, vmax=0.9))
        if bar:
            axes.get_figure().colorbar(artist, cax=axes.inset_axes((0.7, 0.1, 0.1, 0.8)))  # type: ignore[union-attr]
        return artist

    kind = Kind(build)
    for change in HELD.values():
        change(kind.artist)
        assert kind.blitter.stale
        kind.compare()
        assert not kind.blitter.stale
    for gamma in (0.5, 0.7, 0.9):
        kind.artist.norm.gamma = gamma
        reason = kind.compare()
    assert bar or reason == "", reason


def test_a_shared_norm() -> None:
    """A norm that several artists go by changes all of them."""
    norm = colors.PowerNorm(1.0, vmin=0, vmax=1)

    def build(axes: Axes) -> Any:
        axes.scatter(X, X, c=X / 6, norm=norm, zorder=3)
        return axes.pcolormesh(X, X, FIELD, norm=norm)

    kind = Kind(build)
    for gamma in (0.5, 0.7, 0.9):
        norm.gamma = gamma
        kind.compare()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("text", lambda artist: artist.get_fontproperties().set_size(20)),
        ("text", lambda artist: artist.get_fontproperties().set_weight("bold")),
        ("boxed", lambda artist: setattr(artist.get_bbox_patch().get_boxstyle(), "pad", 2.0)),
        ("boxed", lambda artist: setattr(artist.get_bbox_patch(), "_facecolor", RED)),
        ("note", lambda artist: setattr(artist.arrow_patch, "_edgecolor", RED)),
        ("note", lambda artist: setattr(artist.arrow_patch.get_arrowstyle(), "head_length", 2.0)),
        ("box", lambda artist: setattr(artist.get_boxstyle(), "pad", 1.0)),
        ("arrow", lambda artist: setattr(artist.get_connectionstyle(), "rad", 0.5)),
        ("path", lambda artist: setattr(artist.get_path(), "vertices", np.array([(1, 1), (5, 4), (1, 5)]))),
        (
            "fill",
            lambda artist: setattr(artist.get_paths()[0], "vertices", artist.get_paths()[0].vertices + 1),
        ),
    ],
)
def test_what_artists_hold(name: str, change: Callable[[Any], object]) -> None:
    """A font, a path, a box or an arrow that is changed by itself changes the artist."""
    kind = Kind(KINDS[name])
    change(kind.artist)
    assert kind.blitter.stale
    kind.compare()


def solid(figure: Figure) -> dict[str, Any]:
    axes: Any = figure.add_subplot(projection="3d")
    u, v = np.meshgrid(X[:6], X[:6])
    return {
        "_offsets3d": axes.scatter(X, X, X),
        "_verts3d": axes.plot(X, X, X)[0],
        "_segments3d": axes.plot_wireframe(u, v, u * v),
        "_faces": axes.plot_surface(u, v, u * v),
    }


@pytest.mark.parametrize("name", ["_offsets3d", "_verts3d", "_segments3d", "_faces"])
def test_solid(name: str) -> None:
    """What tutorials set of artists in 3-D axes is in the next picture."""
    artists: dict[str, Any] = {}
    blitted = Blitted(lambda figure: artists.update(solid(figure)))
    blitted.compare()
    artist = artists[name]
    for factor in (0.5, 0.8):
        now = getattr(artist, name)
        setattr(
            artist,
            name,
            now * factor
            if isinstance(now, np.ndarray)
            else type(now)(np.asarray(each) * factor for each in now),
        )
        assert blitted.blitter.stale
        blitted.compare()
        assert not blitted.blitter.stale


@pytest.mark.parametrize("name", KINDS)
def test_private_attributes(name: str) -> None:
    """Each attribute of an artist that is set is in the next picture; and so is what it was before."""
    kind = Kind(KINDS[name])
    for attribute in sorted(OTHER.keys() & vars(kind.artist).keys()):
        before = vars(kind.artist)[attribute]
        if before is None and attribute in {"_A", "_offsets", "_paths"}:
            continue
        for value in (OTHER[attribute](before), before):
            setattr(kind.artist, attribute, value)
            try:
                kind.compare()
            except AssertionError as error:
                raise AssertionError(f"{attribute}: {error}") from error
            assert not kind.blitter.stale, f"{attribute} is drawn twice"
