"""The hub lists the runs, opens them, lets in nobody else, and leaves nothing."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest
from PIL import Image
from tornado.httpclient import HTTPClientError

import asyncplot
import hub_page
from conditions import wait_until
from hub_plotters import Trace


def test_runs_come_change_and_go() -> None:
    """A page hears of the runs that there are, of a new one within seconds, and of its end."""

    async def looks(hub: hub_page.Hub) -> None:
        page = await hub_page.page(hub)
        assert [row["name"] for row in page.rows.values()] == ["first"]
        with asyncplot.Server(Trace, name="second", viewer=None) as plot:
            key = await page.key("second")
            for number in range(100):
                plot.update(number)
            await page.until(lambda _: page.rows[key]["called"] > 0)
        await page.until(lambda _: key in page.gone)
        page.socket.close()

    with asyncplot.Server(Trace, name="first", viewer=None), hub_page.started() as hub:
        hub_page.look(hub, looks)


def test_a_run_is_opened_and_its_viewer_passed_on(runtime_dir: Path) -> None:
    """The page sees the figures with the hub's token only. The viewer, its keeper and its folder are gone after a SIGKILL."""

    async def looks(hub: hub_page.Hub) -> None:
        page = await hub_page.page(hub)
        path = await page.open(await page.key("gpe"))
        assert not (await hub.get(path)).error
        assert "frame-ancestors 'self'" in (await hub.get(path)).headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in (await hub.get("")).headers["Content-Security-Policy"]
        assert (await hub.get(f"{path}figure/1.png")).code == 401
        saved = await hub.get(f"{path}figure/1.png", Authorization=f"Bearer {hub.token}")
        assert saved.body.startswith(b"\x89PNG")
        viewer = hub_page.Page(await hub.socket(path))
        said = await viewer.until(lambda said: said["type"] == "figures" and said["figures"])
        await viewer.say("seen", figures=[said["figures"][0]["figure"]])
        while not isinstance(await asyncio.wait_for(viewer.socket.read_message(), 20), bytes):
            pass
        wrong = await hub.socket(path, token="0" * 32)
        assert await wrong.read_message() is None
        assert wrong.close_code == 4401

    with asyncplot.Server(Trace, name="gpe", viewer=None) as plot, hub_page.started() as hub:
        plot.update(1.0)
        hub_page.look(hub, looks)
        assert list(runtime_dir.glob("gpe/viewer-*"))
        hub.process.kill()
        wait_until(lambda: not list(runtime_dir.glob("gpe/viewer-*")))


def test_a_run_with_a_viewer_has_a_small_picture() -> None:
    """A card in sight gets a JPEG of at most 320 pixels and 60 kB; one that is out of sight gets none."""

    async def looks(hub: hub_page.Hub) -> None:
        page = await hub_page.page(hub)
        key = await page.key("gpe")
        await page.say("seen", runs=[key])
        await page.until(lambda said: said["type"] == "picture")
        assert page.pictures[key].startswith(b"\xff\xd8")
        assert len(page.pictures[key]) < 60_000
        assert Image.open(io.BytesIO(page.pictures[key])).width <= 320

    with asyncplot.Server(Trace, name="gpe") as plot, hub_page.started() as hub:
        plot.update(1.0)
        plot.flush(30)
        hub_page.look(hub, looks)


def test_others_are_refused() -> None:
    """Another Host or Origin, a wrong token, an open that names no run, and a path that leads elsewhere."""

    async def looks(hub: hub_page.Hub) -> None:
        wrong = await hub.socket(token="0" * 32)
        assert await wrong.read_message() is None
        assert wrong.close_code == 4401
        assert (await hub.get("", Host="evil.example")).code == 403
        assert (await hub.get("hub.js", Origin="http://evil.example")).code == 403
        for path in ("run/0123456789abcdef/viewer/1/", "run/../../viewer/1/", "run/x/viewer/1/page.js"):
            assert (await hub.get(path)).code == 404
        with pytest.raises(HTTPClientError):
            await hub.socket("run/0123456789abcdef/viewer/1/")
        page = await hub_page.page(hub)
        for name in ("0123456789abcdef", "../gpe"):
            await page.say("open", run=name)
            assert (await page.until(lambda said: said["type"] != "runs"))["type"] == "failed"
        await page.say("seen", runs=[[]])
        assert await page.socket.read_message() is None
        assert page.socket.close_code == 4400

    with hub_page.started() as hub:
        hub_page.look(hub, looks)
