"""The browser's fixtures, for the tests of the hub's page."""

from browsing import axe, browser, desktop, page

__all__ = ["axe", "browser", "desktop", "page"]
