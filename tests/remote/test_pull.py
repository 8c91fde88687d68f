"""Runs of other hosts, joined from this one: `asyncplot view HOST:RUN` and its like, `asyncplot.attach`."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

import asyncplot
from asyncplot import join
from conditions import wait_until
from far_host import FarHost, Network

ASYNCPLOT = [sys.executable, "-m", "asyncplot"]


def verb(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a verb of the command line to its end, without a terminal."""
    return subprocess.run(
        [*ASYNCPLOT, *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        **options,
    )


@contextmanager
def viewing(target: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """`asyncplot view` for a target, without a window, until the end of the block."""
    process = subprocess.Popen(
        [*ASYNCPLOT, "view", target, "--backend", "offscreen", "--yes", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=10)
        finally:
            process.kill()
            process.communicate()


def mirror_of(name: str) -> join.Run:
    """The mirror of a run of node7's on this host, once it has drawn something."""

    def found() -> join.Run | None:
        with contextlib.suppress(asyncplot.AsyncplotError):
            run = join.find(f"{name}-on-node7")
            return run if run.stats.drawn else None
        return None

    return wait_until(found, 20.0)


def test_view(far: FarHost) -> None:
    """A viewer of this host shows the frames; they are whole, in order, and what is here is a run like any other."""
    with far.run(words=20_000) as run, viewing("node7:gpe") as process:
        mirror_of(run["name"])
        listed = json.loads(verb("list", "--json").stdout)
        assert [(one["name"], one["state"], one["viewers"]) for one in listed] == [
            ("gpe-on-node7", "running", 1)
        ]
        with asyncplot.attach("gpe-on-node7") as attached:
            first = tuple(attached.plotter.state())
            _, torn, backwards = wait_until(
                lambda: (now := tuple(attached.plotter.state()))[0] > first[0] + 20 and now
            )
            assert (torn, backwards) == (0, 0)
            assert attached.snapshot().startswith(b"\x89PNG")
            attached.plotter.ax.set_yscale("log")
            assert attached.plotter.ax.get_yscale() == "log"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=10)
        assert process.returncode == 0
        assert "Ctrl-C" in out
        # The computation has not noticed, and nobody is left there.
        assert psutil.Process(run["pid"]).is_running()
        wait_until(lambda: not [child for child in far.left_of(run) if child.startswith("viewer-")])
        assert asyncplot.runs() == []


def test_a_pulled_viewer_ends_with_the_run(far: FarHost) -> None:
    """When the computation ends, so does the viewer here, and says so."""
    with viewing_of(far) as (process, run):
        mirror_of(run["name"])
        os.kill(run["pid"], signal.SIGKILL)
        far.may_leave = True
        out, _ = process.communicate(timeout=15)
        assert process.returncode == 0
        assert "has ended" in out


@contextmanager
def viewing_of(far: FarHost, **options: Any) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A run over there, and a viewer of it here."""
    with far.run(**options) as run, viewing(f"node7:{run['name']}") as process:
        yield process, run


def test_the_newest_frame_of_a_pausing_run(far: FarHost) -> None:
    """Who joins while the computation pauses sees its most recent frame."""
    with far.run(frames=3) as run, viewing("node7:gpe"):
        mirror_of(run["name"])
        with asyncplot.attach("gpe-on-node7") as attached:
            wait_until(lambda: attached.plotter.newest == 3)


def test_list_stats_and_close(far: FarHost) -> None:
    """`list HOST`, `stats` and `close` speak of the runs over there, by the run's own interpreter."""
    assert json.loads(verb("list", "node7", "--json").stdout) == []
    with far.run() as run, far.run("other", viewer=True):
        listed = json.loads(verb("list", "node7", "--json").stdout)
        assert {(one["name"], one["host"], one["state"]) for one in listed} == {
            ("gpe", "node7", "running"),
            ("other", "node7", "running"),
        }
        assert "other" in verb("list", "node7").stdout
        stats = json.loads(verb("stats", "node7:gpe", "--json").stdout)
        assert stats["pid"] == run["pid"]
        assert stats["stats"]["called"] > 0

        wait_until(lambda: json.loads(verb("stats", "node7:other", "--json").stdout)["viewers"] == 1)
        assert "closed 1 viewer of other" in verb("close", "node7:other").stdout
        assert json.loads(verb("stats", "node7:other", "--json").stdout)["viewers"] == 0


def test_attach(far: FarHost) -> None:
    """`attach` reaches the live plotter, a picture and the statistics of a run over there."""
    with far.run(viewer=True), asyncplot.attach("node7:gpe") as attached:
        wait_until(lambda: attached.plotter.newest > 5)
        assert attached.plotter.state()[1:] == (0, 0)
        attached.plotter.ax.set_title("seen")
        assert attached.plotter.ax.get_title() == "seen"
        assert attached.figures[0].axes[0].get_title() == "seen"
        assert attached.snapshot()[:4] == b"\x89PNG"
        assert attached.stats.called > 5
        assert np.asarray(attached.plotter.ax.get_xlim()).shape == (2,)


def test_attach_where_nobody_looks(far: FarHost) -> None:
    """A run without a viewer gets one of the asker's own, which goes with the asker."""
    with far.run() as run:
        with asyncplot.attach("node7:gpe") as attached:
            wait_until(lambda: attached.plotter.newest > 5)
        wait_until(lambda: not [name for name in far.left_of(run) if name.startswith("viewer-")])


def test_a_run_that_is_not_there(far: FarHost) -> None:
    """A missing run is one line that says which there are, and exit code 2; `attach` raises RunNotFound."""
    for words in (["view", "--yes"], ["stats"], ["close"]):
        ran = verb(words[0], "node7:nothing", *words[1:])
        assert ran.returncode == 2, ran
        (line,) = [line for line in ran.stderr.splitlines() if "connecting" not in line]
        assert line == "asyncplot: there is no run nothing on node7; the runs that are known there: none"
    with pytest.raises(asyncplot.RunNotFound, match="no run nothing on node7"):
        asyncplot.attach("node7:nothing")


def test_a_host_that_cannot_be_reached(network: Network) -> None:
    """ssh's own words, one line of ours, and exit code 2."""
    with open(network.config, "a") as file:
        file.write("Host nowhere\n HostName 127.0.0.1\n Port 1\n")
    ran = verb("view", "nowhere:gpe", "--yes")
    assert ran.returncode == 2
    assert "refused" in ran.stderr
    assert "ssh ended with code 255" in ran.stderr
    with pytest.raises(asyncplot.ViewerGone, match="255"):
        asyncplot.attach("nowhere:gpe")


def test_a_noisy_shell(network: Network) -> None:
    """Start-up files that print, even a line without an end, do not confuse who joins."""
    far = network.add("node7")
    (far.home / ".bashrc").write_text("seq 3000; echo careful >&2; printf 'no end'\n")
    with far.run(viewer=True), asyncplot.attach("node7:gpe") as attached:
        wait_until(lambda: attached.plotter.newest > 5)
        assert json.loads(verb("stats", "node7:gpe", "--json").stdout)["stats"]["called"] > 5


def test_a_compute_node_behind_the_login_node(network: Network) -> None:
    """A run of another node that shares the home is found by its record, and reached through the login node."""
    login = network.add("login", forwarding=True)
    node = network.add("node7", state=login.state)
    with node.run(viewer=True) as run:
        listed = json.loads(verb("list", "login", "--json").stdout)
        assert [(one["name"], one["host"]) for one in listed] == [("gpe", "node7")]
        with asyncplot.attach("login:gpe") as attached:
            wait_until(lambda: attached.plotter.newest > 5)
        assert json.loads(verb("stats", "login:gpe", "--json").stdout)["pid"] == run["pid"]
        with viewing("login:gpe"):
            mirror_of("gpe")


# --- trust -----------------------------------------------------------------------------------------


def test_trust_is_asked_for(far: FarHost, configuration: Path) -> None:
    """Without a terminal and without ``--yes`` nothing is run; ``--yes`` is remembered for that host alone."""
    with far.run():
        before = far.connections()
        refused = verb("view", "node7:gpe", "--backend", "offscreen")
        assert refused.returncode == 2
        assert "add --yes" in refused.stderr
        assert not (configuration / "trusted.json").exists()
        assert far.connections() == before  # nobody went there
        with viewing("node7:gpe"):
            mirror_of("gpe")
        trusted = configuration / "trusted.json"
        assert json.loads(trusted.read_text()) == {"trusted": ["node7"]}
        assert trusted.stat().st_mode & 0o077 == 0
        other = verb("view", "node8:gpe", "--backend", "offscreen")
        assert "add --yes" in other.stderr


def test_trust_is_kept_beside_the_records(
    far: FarHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where configuration and state share a folder, as on macOS, whichever comes first keeps others out of it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "both"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "both"))
    with far.run():
        assert verb("list").returncode == 0  # makes the folder of records
        with viewing("node7:gpe"):
            mirror_of("gpe")
        assert (tmp_path / "both" / "asyncplot" / "trusted.json").exists()
        assert (tmp_path / "both" / "asyncplot" / "runs").is_dir()


def test_trust_is_asked_for_once(far: FarHost, configuration: Path) -> None:
    """On a terminal one question is asked, and a yes is remembered; no is no."""
    with far.run():
        for answer, remembered in (("n", False), ("", False), ("y", True)):
            said = ask_on_terminal(answer, until=None if not remembered else configuration / "trusted.json")
            assert said.count("Trust node7? [y/N]") == 1
            assert ("not trusted" in said) is not remembered
            assert (configuration / "trusted.json").exists() is remembered


def ask_on_terminal(answer: str, until: Path | None) -> str:
    """Run `asyncplot view` on a terminal, answer its question, and return what it wrote."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [*ASYNCPLOT, "view", "node7:gpe", "--backend", "offscreen"])
    said, answered = b"", False
    try:
        while True:
            try:
                data = os.read(terminal, 1000)
            except OSError:
                break  # the terminal of a process that has ended
            said += data
            if b"[y/N]" in said and not answered:
                answered = True
                os.write(terminal, answer.encode() + b"\n")
                if until is not None:
                    wait_until(until.exists)
                    os.kill(pid, signal.SIGINT)
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)
    return said.decode()


# --- carriers --------------------------------------------------------------------------------------


def test_another_carrier() -> None:
    """`--via` with any command to which words can be appended: here one that stays on this host."""
    with asyncplot.Server(list_plotter(), name="gpe", viewer=None) as plot:
        for number in range(20):
            plot.update(number)
        plot.flush(1)
        with asyncplot.attach("gpe", via="env MARK=1") as attached:
            wait_until(lambda: list(attached.plotter.values)[-1:] == [19])
            assert attached.plotter.mark() == "1"
        with viewing("gpe", "--via", "env MARK=2"):
            run = wait_until(
                lambda: [one for one in join.runs() if one.name == f"gpe-on-{socket.gethostname()}"], 20.0
            )
            wait_until(lambda: join.described(run[0].directory).viewers == 1)  # type: ignore[union-attr]
        plot.check()


def list_plotter() -> type:
    """A plotter that keeps what it gets."""

    class Keep:
        def __init__(self) -> None:
            self.values: list[int] = []

        def update(self, value: int) -> None:
            self.values.append(value)

        def mark(self) -> str:
            import os

            return os.environ.get("MARK", "")

    return Keep
