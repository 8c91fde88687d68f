"""What is changed, and the tests that should notice: fast ones first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Folder(NamedTuple):
    """One part of asyncplot.

    Attributes
    ----------
    name : str
        What ``--only`` calls it.
    modules : tuple of str
        Patterns of its files, below ``asyncplot``.
    tests : tuple of str
        What pytest is given, from the root of the repository.
    """

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]

    def texts(self, repository: Path) -> dict[str, str]:
        """The texts of its modules, by file."""
        return {
            str(path.relative_to(repository)): path.read_text()
            for path in self._files(repository / "asyncplot")
        }

    def _files(self, package: Path) -> Iterator[Path]:
        for pattern in self.modules:
            yield from sorted(path for path in package.glob(pattern) if path.name != "__init__.py")


FOLDERS = {
    folder.name: folder
    for folder in (
        Folder(
            "frames",
            ("frames/*.py",),
            (
                "asyncplot/frames",
                "tests/parts/test_codec.py",
                "tests/contracts/test_frames_of_another_python.py",
            ),
        ),
        Folder(
            "mailbox", ("mailbox/*.py",), ("tests/parts/test_seqlock.py", "tests/contracts/test_mailbox.py")
        ),
        Folder(
            "compute",
            ("compute/*.py", "compute/session/*.py"),
            (
                "asyncplot/compute",
                "tests/parts",
                "tests/contracts/test_lane_timing.py",
                "tests/contracts/test_patience.py",
                "tests/contracts/test_c9_flush.py",
            ),
        ),
        Folder(
            "rundir",
            ("rundir/*.py",),
            (
                "asyncplot/rundir",
                "tests/parts",
                "tests/join/test_records.py",
                "tests/remote/test_planted.py",
            ),
        ),
        Folder(
            "supervisor",
            ("launch/*.py",),
            (
                "asyncplot/launch",
                "tests/parts",
                "tests/viewer/test_output_lines.py",
                "tests/viewer/test_supervisor.py",
            ),
        ),
        Folder(
            "viewer",
            ("viewer/loop.py", "viewer/inbox.py", "viewer/inboxes.py", "viewer/ticks.py"),
            (
                "asyncplot/viewer/inbox.py",
                "asyncplot/viewer/ticks.py",
                "tests/parts",
                "tests/contracts/test_c9_flush.py",
            ),
        ),
        Folder(
            "drawing",
            ("viewer/drawing/*.py",),
            (
                "asyncplot/viewer/drawing",
                "tests/viewer/test_privates.py",
                "tests/viewer/test_silent_changes.py",
                "tests/viewer/test_private_changes.py",
                "tests/viewer/test_pixel_equality.py",
            ),
        ),
        Folder(
            "relay",
            ("remote/*.py", "remote/source/*.py", "remote/mirror/*.py"),
            (
                "asyncplot/remote",
                "tests/parts",
                "tests/remote/test_targets.py",
                "tests/remote/test_hostile_peer.py",
                "tests/remote/test_push.py",
            ),
        ),
    )
}
