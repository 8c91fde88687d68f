"""Have artists say that they are about to draw. GUI thread.

In: artists. Out: a call for each of them, just before it draws, in the order in which they draw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def recorded(artists: Iterable[Any], about_to_draw: Callable[[Any], None]) -> Iterator[None]:
    """Call ``about_to_draw`` before an artist draws, within this context.

    Each artist gets an attribute ``draw`` of its own, which hides `Artist.draw`.
    """
    replaced: list[tuple[Any, Any]] = []

    def replace(artist: Any) -> None:
        own = vars(artist).get("draw")
        draw = artist.draw

        def recording(renderer: Any, *arguments: Any, **options: Any) -> None:
            about_to_draw(artist)
            draw(renderer, *arguments, **options)

        replaced.append((artist, own))
        artist.draw = recording

    try:
        for artist in artists:
            replace(artist)
        yield
    finally:
        for artist, own in replaced:
            if own is None:
                del artist.draw
            else:
                artist.draw = own
