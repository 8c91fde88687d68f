"""Opens a page in the user's browser without its secret in a command line, which other users of the machine can read.

In: a URL, and a folder that only this user can enter. Out: a small file there that leads to the URL, and a browser that is told
to open the file.
"""

from __future__ import annotations

import html
import os
import webbrowser
from pathlib import Path

from ..log import logger
from ..rundir.making import write_file

#: The name of the file.
FILE = "open.html"


def open_in_browser(url: str, folder: Path) -> None:
    """Open a page. If there is no browser, nothing happens: the URL was printed."""
    target = html.escape(url, quote=True)
    text = f'<!doctype html><meta http-equiv="refresh" content="0; url={target}"><a href="{target}">Open</a>'
    path = folder / FILE
    try:
        write_file(path, text.encode(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC)
        webbrowser.open(path.as_uri())
    except (OSError, webbrowser.Error) as error:
        logger.debug("no browser could be opened: %s", error)
