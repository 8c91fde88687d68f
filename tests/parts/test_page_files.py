"""The page's files: each module that is imported is loaded at once with the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import asyncplot

PAGE = Path(asyncplot.__file__).parent / "web" / "page"


@pytest.mark.parametrize("folder", [PAGE, PAGE / "hub"])
def test_every_module_is_loaded_with_the_page(folder: Path) -> None:
    """A browser finds an import only after it has read the module before: on a long line each costs a way there and back."""
    html = (folder / "index.html").read_text()
    (first,) = re.findall(r'<script type="module" src="([a-z-]+\.js)">', html)
    preloaded = re.findall(r'<link rel="modulepreload" href="([a-z-]+\.js)">', html)
    imported: set[str] = set()
    new = {first}
    while new:
        imported |= new
        sources = [path.read_text() for name in new for path in (folder / name, PAGE / name) if path.exists()]
        new = {
            name for source in sources for name in re.findall(r'from "\./([a-z-]+\.js)"', source)
        } - imported
    assert set(preloaded) == imported - {first}
