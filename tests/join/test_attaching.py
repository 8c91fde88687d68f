"""A run in the hands of another program, and of a person at an IPython prompt."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pexpect
import pytest
from PIL import Image

import asyncplot
import terminal
from asyncplot import ViewerError, ViewerGone
from conditions import wait_until
from join_plotters import Trace


def pixels(png: bytes) -> np.ndarray[Any, Any]:
    """A snapshot's pixels."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_the_live_objects() -> None:
    """Plotter and figures can be read, called and changed; the next snapshot shows the change."""
    with asyncplot.Server(Trace, name="wave", backend="offscreen", required=True) as plot:
        plot.update(1.0).wait(20)
        with asyncplot.attach("wave") as run:
            before = pixels(run.snapshot())
            assert before.shape == (480, 640, 3)
            run.figures[0].axes[0].set_yscale("log")
            assert run.plotter.axes.get_yscale() == "log"
            assert (pixels(run.snapshot()) != before).any()
            assert run.plotter.update(7.0) == 7.0
            run.plotter.note = "from outside"
            assert plot.plotter.note == "from outside"
            assert run.stats.drawn == plot.stats.drawn
            with pytest.raises(ViewerError, match="figure 7"):
                run.snapshot(7)


def test_a_viewer_is_started_for_who_needs_one(tmp_path: Path, runtime_dir: Path) -> None:
    """Without any viewer `attach` brings one without a window, and takes it away at `close`."""
    with terminal.computation(tmp_path):
        run = asyncplot.attach("gpe")
        assert not list(runtime_dir.glob("gpe/viewer-*"))
        assert len(run.plotter.seen) > 0
        assert len(list(runtime_dir.glob("gpe/viewer-*"))) == 1
        run.close()
        assert not list(runtime_dir.glob("gpe/viewer-*"))


def test_two_programs_and_threads_of_theirs(tmp_path: Path) -> None:
    """Attached twice, asked from several threads: each gets its answers."""
    with terminal.computation(tmp_path), asyncplot.attach("gpe") as one, asyncplot.attach("gpe") as other:
        assert one.snapshot()[:4] == other.snapshot()[:4] == b"\x89PNG"
        answers: list[str] = []

        def ask(run: asyncplot.Attached) -> None:
            answers.extend(run.plotter.axes.get_yscale() for _ in range(20))

        threads = [threading.Thread(target=ask, args=(run,)) for run in (one, other, one)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == ["linear"] * 60


def test_the_run_ends_meanwhile(tmp_path: Path) -> None:
    """What is asked then is answered by ViewerGone, at once."""
    with terminal.computation(tmp_path) as process, asyncplot.attach("gpe") as run:
        assert run.snapshot()
        process.kill()
        process.wait()

        def gone() -> bool:
            try:
                run.stats  # noqa: B018
            except ViewerGone:
                return True
            return False

        wait_until(gone)
        with pytest.raises(ViewerGone, match="ended"):
            run.snapshot()


def test_a_shell(tmp_path: Path) -> None:
    """IPython with the live objects, TAB on them, and a change that is seen."""
    pytest.importorskip("IPython")
    with terminal.computation(tmp_path):
        environment = {**terminal.environment(), "TERM": "dumb", "IPYTHONDIR": str(tmp_path / "ipython")}
        words = [*terminal.COMMAND[1:], "shell", "gpe"]
        shell = pexpect.spawn(terminal.COMMAND[0], words, env=environment, timeout=40, encoding="utf-8")
        try:
            shell.expect("plotter, figures, stats")
            shell.expect("In .*1")
            shell.sendline("print('scale is', plotter.axes.get_yscale())")
            shell.expect("scale is linear")
            shell.sendline("figures[0].axes[0].set_title('turned'); print('called', stats().called > 0)")
            shell.expect("called True")
            shell.sendline(
                "print('found', any('.figure' in word for word in get_ipython().complete('plotter.fi')[1]))"
            )  # what TAB asks
            shell.expect("found True")
            shell.sendline("exit")
            shell.expect(pexpect.EOF)
        finally:
            shell.close(force=True)
