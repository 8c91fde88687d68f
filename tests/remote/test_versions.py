"""Another minor version of Python on the other side of a relay: by name it works, by value it is one clear error."""

from __future__ import annotations

import sys

import pytest

import asyncplot
from conditions import wait_until
from far_host import FarHost
from pythons import another_python
from remote_plotters import Moody

HERE = "{}.{}".format(*sys.version_info[:2])


def test_a_plotter_that_is_imported_by_name(far: FarHost) -> None:
    """A plotter of a module that both sides have works over ssh in another Python: frames, results, requests."""
    with asyncplot.Server(Moody, [another_python(), "-c"], host="node7", backend="offscreen") as plot:
        pending = plot.update([1, 2])
        pending.wait(40)
        plot.check()
        assert pending.value == [1, 2]
        assert plot.plotter.where()[0] == "node7"
        (viewer,) = plot.viewers
        assert not viewer.python.startswith(HERE)


def test_a_plotter_of_the_script(far: FarHost) -> None:
    """A plotter that only the script has cannot cross: one error, which names both versions, and the run goes on."""

    class Local:
        def update(self, value: int) -> None: ...

    with asyncplot.Server(Local, [another_python(), "-c"], host="node7", backend="offscreen") as plot:
        wait_until(lambda: not plot.is_alive, 40)
        with pytest.raises(asyncplot.AsyncplotError) as told:
            plot.check()
        assert f"the computation runs Python {HERE}" in str(told.value)
        assert "this plotting interpreter is Python 3." in str(told.value)
        plot.update(1)
        assert plot.stats.called == 1
