"""What users call hosts and runs: what does not fit the grammar is refused before anything is run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import asyncplot
from asyncplot.launch import target as targets
from asyncplot.launch.ssh import ssh, via
from asyncplot.remote import finder

NASTY = st.text(st.sampled_from(" ;$`'\"\\\n\t\0|&<>()*?!#~%/,="), min_size=1, max_size=3)
WORDS = st.from_regex(r"\A[A-Za-z][A-Za-z0-9_.-]{0,20}\Z")
OPTION = "-oProxyCommand=touch hit"


@given(st.text(max_size=80))
def test_any_text_is_refused_or_plain(text: str) -> None:
    """Whatever passes consists of plain characters, and neither part can be an option."""
    try:
        login, run = targets.target(text)
    except asyncplot.ConfigurationError:
        return
    assert re.fullmatch(r"[A-Za-z0-9_.@:-]+", text)
    assert not login.startswith("-")
    assert not login.rpartition("@")[2].startswith("-")
    assert run[0].isalnum()
    assert text == (f"{login}:{run}" if login else run)


@given(WORDS, WORDS, NASTY, st.integers(0, 40))
def test_no_shell_gets_a_word_of_its_own(host: str, run: str, nasty: str, at: int) -> None:
    """A space, a newline, a semicolon, a dollar and their like are refused wherever they stand."""
    text = f"{host}:{run}"
    with pytest.raises(asyncplot.ConfigurationError):
        targets.target(text[:at] + nasty + text[at:])
    with pytest.raises(asyncplot.ConfigurationError):
        targets.login(host[:at] + nasty + host[at:])


@given(st.text(max_size=30))
def test_no_option_of_ssh(rest: str) -> None:
    """Nothing that begins with a dash is a host, a user, or a run."""
    for text in (f"-{rest}", f"-{rest}:run", f"ann@-{rest}:run", f"host:-{rest}"):
        with pytest.raises(asyncplot.ConfigurationError):
            targets.target(text)
    for text in (f"-{rest}", f"ann@-{rest}"):
        with pytest.raises(asyncplot.ConfigurationError):
            ssh(text, ["true"])
        with pytest.raises(asyncplot.ConfigurationError):
            ssh("host", ["true"], jump=text)


@given(WORDS, st.lists(st.text(max_size=20).filter(lambda word: "\0" not in word), max_size=5))
def test_words_arrive_as_they_are(host: str, words: list[str]) -> None:
    """ssh gets ``--`` before the host, and the far shell takes the one word behind it apart as it was."""
    command = ssh(host, words, jump="gate")
    assert command[-3:-1] == ["--", host]
    assert shlex.split(command[-1]) == words
    assert command.count("--") == 1
    assert via("box -i", words) == ["box", "-i", *words]


@given(WORDS)
def test_good_names_pass(name: str) -> None:
    """Plain names of hosts, users and runs are taken."""
    assume(not name.endswith("-"))
    assert targets.target(f"{name}@{name}:{name}") == (f"{name}@{name}", name)


@pytest.fixture
def eager_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ssh that leaves a mark when it is run at all; gives the mark."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "ssh").write_text(f'#!/bin/sh\ntouch {tmp_path}/ran\nexec /usr/bin/ssh "$@"\n')
    (folder / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "ran"


@pytest.mark.parametrize("verb", ["view", "shell", "stats", "close", "list"])
@pytest.mark.parametrize("via_user", [False, True])
def test_no_verb_takes_an_option_for_a_host(eager_ssh: Path, verb: str, via_user: bool) -> None:
    """Each verb refuses a host that is an option of ssh's with exit code 2, and runs nothing."""
    host = f"ann@{OPTION}" if via_user else OPTION
    target = host if verb == "list" else f"{host}:gpe"
    extra = ["--yes"] if verb == "view" else []
    for words in ([target], ["--", target]):
        ran = subprocess.run(
            [sys.executable, "-m", "asyncplot", verb, *extra, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert ran.returncode == 2, ran
        assert "Traceback" not in ran.stderr
    assert not eager_ssh.exists()
    assert not (eager_ssh.parent / "hit").exists()


@pytest.mark.parametrize(
    "way",
    [
        lambda host: asyncplot.Server(dict, host=host),
        lambda host: asyncplot.Server(dict, host=f"ann@{host}"),
        lambda host: asyncplot.attach(f"{host}:gpe"),
        lambda host: asyncplot.attach(f"ann@{host}:gpe"),
    ],
)
def test_no_call_takes_an_option_for_a_host(eager_ssh: Path, way: Callable[[str], object]) -> None:
    """`Server` and `attach` refuse it, too."""
    with pytest.raises(asyncplot.ConfigurationError):
        way(OPTION)
    assert not eager_ssh.exists()


def test_a_record_cannot_name_an_option(eager_ssh: Path, tmp_path: Path) -> None:
    """A host that a far record names as the way to a run is checked like any other."""
    said = '{"elsewhere": "-oProxyCommand=touch hit"}'
    (tmp_path / "bin" / "ssh").write_text(
        f"#!/bin/sh\necho \"$@\" >> {tmp_path}/ran\nprintf '%s%s\\n' '{finder.ANNOUNCEMENT}' '{said}'\n"
    )
    with pytest.raises(asyncplot.ConfigurationError):
        asyncplot.attach("login:gpe")
    assert len([line for line in eager_ssh.read_text().splitlines() if "-oConnectTimeout" in line]) == 1
    assert not (tmp_path / "hit").exists()
