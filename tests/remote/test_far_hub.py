"""The hub with runs of another host: listed, opened, with small pictures; and the end of the link, of the host and of the hub."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import psutil

import hub_page
from conditions import wait_until
from far_host import FarHost, Network


def title(said: dict[str, Any]) -> str:
    """The title of the first figure, if this message has it."""
    return str(said["figures"][0]["title"]) if said["type"] == "figures" else ""


def test_a_run_of_another_host(far: FarHost) -> None:
    """It is listed with its host. Its page shows its figures, its card a small picture. Killed, the hub leaves nothing."""

    async def looks(hub: hub_page.Hub) -> None:
        page = await hub_page.page(hub)
        key = await page.key(run["name"])
        row = page.rows[key]
        assert (row["host"], row["place"], row["state"]) == ("node7", "node7", "running")
        path = await page.open(key)
        viewer = hub_page.Page(await hub.socket(path))
        said = await viewer.until(lambda said: said["type"] == "figures" and said["figures"])
        await viewer.say("seen", figures=[said["figures"][0]["figure"]])
        while not isinstance(await viewer.socket.read_message(), bytes):
            pass
        await page.say("seen", runs=[key])
        await page.until(lambda said: said["type"] == "picture")
        assert page.pictures[key].startswith(b"\xff\xd8")

    with far.run(words=20_000) as run:
        with hub_page.started("--host", "node7", "--yes") as hub:
            keepers = psutil.Process(hub.process.pid)
            hub_page.look(hub, looks)
            children = keepers.children(recursive=True)
            assert children  # the viewer of the far run
            hub.process.kill()
            wait_until(
                lambda: not any(child.is_running() and child.status() != "zombie" for child in children), 20
            )
        assert psutil.pid_exists(run["pid"])  # the computation goes on


def test_a_link_that_is_cut(far: FarHost) -> None:
    """The page of the run says that the link is lost, and goes on by itself; the run stays listed."""

    async def looks(hub: hub_page.Hub) -> None:
        page = await hub_page.page(hub)
        key = await page.key(run["name"])
        path = await page.open(key)
        viewer = hub_page.Page(await hub.socket(path))
        await viewer.until(lambda said: said["type"] == "figures" and said["figures"])
        for process in psutil.Process(hub.process.pid).children(recursive=True):
            if process.name() == "ssh":
                process.kill()
        await viewer.until(lambda said: "no connection to node7" in title(said))
        await viewer.until(lambda said: title(said) == "Figure 1")
        await page.say("ping", at=1)
        await page.until(lambda said: said["type"] == "pong")
        assert key not in page.gone

    with far.run(words=20_000) as run, hub_page.started("--host", "node7", "--yes") as hub:
        hub_page.look(hub, looks)


def test_a_host_that_does_not_answer(network: Network) -> None:
    """The hub lists the runs of this host, and says in its terminal that the other one cannot be asked."""

    async def looks(hub: hub_page.Hub) -> None:
        page = await hub_page.page(hub)
        assert page.rows == {}
        await page.say("ping", at=1)
        await page.until(lambda said: said["type"] == "pong")

    with hub_page.started("--host", "nowhere", "--yes") as hub:
        hub_page.look(hub, looks)
    refused = subprocess.run(
        [sys.executable, "-m", "asyncplot", "hub", "--no-browser", "--host=-oProxyCommand=true"],
        capture_output=True, text=True, timeout=30, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert refused.returncode != 0
    assert "-oProxyCommand" in refused.stderr
