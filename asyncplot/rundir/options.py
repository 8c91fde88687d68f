"""What a run says of its viewers: how they are started (``launch.json``), and what they are told (in ``run.json``).

Standard library only; imports nothing of asyncplot. The computation writes both files. The supervisor, viewers and
whoever joins the run read them.

These are named tuples and no dataclasses: ``import dataclasses`` takes half as long again as all that the supervisor
imports besides (13 ms of CPU time where these take 21).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class ViewerOptions(NamedTuple):
    """What viewers are told.

    Attributes
    ----------
    backend : str or None
        The backend that the user chose, if any.
    save : str or None
        Where pictures are written, see `asyncplot.viewer.pictures`.
    blit : bool
        Whether only what has changed is drawn.
    windows : sequence
        Where the windows of an earlier viewer stood, whose place this one takes; see `asyncplot.viewer.geometry`.
    port : int or None
        A web viewer's port of the loopback interface; 0: any free one. None: it has none, and listens on a Unix
        socket in its folder only.
    browser : bool
        Whether a web viewer opens its page in the user's browser.
    insist : bool
        Whether the viewer shows nothing if its backend cannot be used, and says why. Else another one is used.
    embedded : bool
        Whether a notebook shows the figures of a web viewer. Then the viewer does not tell where its page is.
    """

    backend: str | None = None
    save: str | None = None
    blit: bool = True
    windows: Sequence[Any] = ()
    port: int | None = None
    browser: bool = False
    insist: bool = False
    embedded: bool = False

    def to_json(self) -> dict[str, Any]:
        """The record for a JSON file.

        >>> ViewerOptions.from_json(ViewerOptions(backend="tk").to_json()).backend
        'tk'
        """
        return self._asdict()

    @classmethod
    def from_json(cls, record: object) -> ViewerOptions:
        """What a record says. Entries that it lacks, or that have another type, have their defaults.

        It may come from another host, so nothing is believed of it.

        >>> ViewerOptions.from_json({"backend": 7, "blit": False})
        ViewerOptions(backend=None, save=None, blit=False, windows=(), port=None, browser=False, insist=False, embedded=False)
        """
        given = record if isinstance(record, Mapping) else {}
        backend, save = given.get("backend"), given.get("save")
        windows, port = given.get("windows"), given.get("port")
        return cls(
            backend=backend if isinstance(backend, str) else None,
            save=save if isinstance(save, str) else None,
            blit=bool(given.get("blit", True)),
            windows=windows if isinstance(windows, list) else (),
            port=port if type(port) is int and 0 <= port < 1 << 16 else None,
            browser=given.get("browser") is True,
            insist=given.get("insist") is True,
            embedded=given.get("embedded") is True,
        )


class Command(NamedTuple):
    """A command that takes Python code as its last argument, and the code for a viewer.

    Attributes
    ----------
    words : sequence of str
        The command.
    code : sequence of str
        The code in parts. The number of the viewer comes between them: it is known only when the viewer is
        started. Nothing is replaced in the text, as it holds a path, and a path may contain any word.
    """

    words: Sequence[str] = ()
    code: Sequence[str] = ()

    def numbered(self, number: int) -> list[str]:
        """All words for viewer ``number``.

        >>> Command(["python3", "-c"], ["main('/NUMBER',", ")"]).numbered(2)
        ['python3', '-c', "main('/NUMBER',2)"]
        """
        return [*self.words, str(number).join(self.code)]


class Launch(NamedTuple):
    """How the viewers of a run are started.

    Attributes
    ----------
    join : Command
        Starts a viewer on this host.
    own : Command
        Starts the viewer of the supervisor; it may be on another host.
    relay : list of str
        The code of the relay for a viewer that cannot map the run directory, in parts as in `Command`.
    name : str
        The run's name; stands before each line that the supervisor's viewer writes.
    viewer : bool
        Whether the supervisor starts a viewer at first.
    persist : bool
        Whether viewers stay when the run ends.
    respawn : bool
        Whether a viewer that crashed is started again.
    grace : float
        How long viewers may take to end by themselves when the run ends, s.
    """

    join: Command
    own: Command = Command()
    relay: Sequence[str] = ()
    name: str = ""
    viewer: bool = False
    persist: bool = False
    respawn: bool = False
    grace: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The record for a JSON file.

        >>> launch = Launch(Command(["python3", "-c"], ["main(", ")"]), name="gpe")
        >>> Launch.from_json(launch.to_json()) == launch
        True
        """
        return self._asdict()

    @classmethod
    def from_json(cls, record: Mapping[str, Any] | None) -> Launch | None:
        """What a record says that `to_json` has made; None if it is no such record.

        >>> Launch.from_json({"command": ["python3"]})
        """
        try:
            given = dict(record or {})
            return cls(Command(*given.pop("join")), Command(*given.pop("own")), **given)
        except (KeyError, TypeError):
            return None
