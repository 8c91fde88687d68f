"""How tests wait for a condition, and what happens if a part of the system is missing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn, TypeVar

import pytest

T = TypeVar("T")


def wait_until(condition: Callable[[], T], timeout: float = 10.0, *, what: str = "") -> T:
    """Poll a condition until it holds, and return its value. Fail after ``timeout`` s.

    This is the only place where tests sleep: between two polls, never in place of one.
    """
    deadline = time.monotonic() + timeout
    while True:
        said = condition()
        if said:
            return said
        if time.monotonic() > deadline:
            what = what or getattr(condition, "__name__", repr(condition))
            pytest.fail(f"waited {timeout:g} s in vain for {what}; last seen: {said!r}")
        time.sleep(0.005)


def wait_until_elsewhere(condition: Callable[[], T], timeout: float = 10.0, *, what: str = "") -> T:
    """`wait_until` for a pending result, on another thread: if its own caller polls it, that may take the frame."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(wait_until, condition, timeout, what=what).result()


def missing(reason: str) -> NoReturn:
    """Skip the test because a part of the system is missing. In CI every part is there, so it fails."""
    if os.environ.get("CI", "").lower() in {"", "0", "false"}:
        pytest.skip(reason)
    pytest.fail(f"{reason} (CI is set, so this is not a skip); see scripts/system --tests")
