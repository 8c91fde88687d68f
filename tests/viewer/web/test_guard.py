"""Who may ask: names of this machine with our port, pages of this server, and the token."""

from __future__ import annotations

from asyncplot.web.guard import Guard, new_token

#: Hosts that are this server.
OUR_NAMES = [
    "127.0.0.1:8000",
    "localhost:8000",
    "LOCALHOST:8000",
    "[::1]:8000",
    "lab.example",
    "lab.example:444",
    "LAB.example",
]  # fmt: skip


def test_our_names() -> None:
    """With our port, or of the proxy in front."""
    for host in OUR_NAMES:
        assert not Guard(8000, "t", ["lab.example", "Lab.example:444"]).refuses_host(host)


#: Hosts that are not.
OTHER_NAMES = [
    "", ":8000", "127.0.0.1", "localhost", "localhost:", "localhost:80", "localhost:8001", "localhost:08000",
    "localhost.:8000", "localhost:8000.", " localhost:8000", "localhost:8000 ", "localhost:8000,localhost:8000",
    "evil.example", "evil.example:8000", "localhost.evil.example:8000", "evil.example#localhost:8000",
    "localhost@evil.example:8000", "user@localhost:8000", "user:pw@localhost:8000", "localhost:8000@evil.example",
    "127.0.0.1.:8000", "127.1:8000", "0177.0.0.1:8000", "2130706433:8000", "0x7f000001:8000", "0.0.0.0:8000",
    "127.0.0.2:8000", "[::]:8000", "::1:8000", "[::1", "[::1]", "[::1].:8000", "[0:0:0:0:0:0:0:1]:8000",
    "[::ffff:127.0.0.1]:8000", "localhost:\u0668\u0660\u0660\u0660", "lab.example:8000", "lab.example:445", "lab.example.",
    "\uff4cocalhost:8000", "localhost\0:8000", "http://localhost:8000", "localhost:8000/", "a" * 300,
]  # fmt: skip


def test_other_names() -> None:
    """Of a page that gives our address another name (DNS rebinding), with another port, or written in other ways."""
    for host in OTHER_NAMES:
        guard = Guard(8000, "t", ["lab.example", "Lab.example:444"])
        assert guard.refuses_host(host)
        assert len(guard.refuses_host(host)) < 400
        assert guard.refuses_origin(f"http://{host}", host)


#: Hosts, and whether they may be this server behind some port.
ON_A_UNIX_SOCKET_THE_PORT_IS_THE_BROWSERS = [
    ("localhost", True), ("localhost:1", True), ("127.0.0.1:65535", True), ("[::1]", True), ("[::1]:9", True),
    ("localhost:0", False), ("localhost:65536", False), ("localhost:" + "1" * 240, False), ("localhost:", False),
    ("evil.example", False), ("evil.example:80", False), ("localhost:-1", False), ("localhost:+1", False),
    ("localhost:1_0", False), ("localhost: 1", False),
]  # fmt: skip


def test_on_a_unix_socket_the_port_is_the_browsers() -> None:
    """``ssh -L`` chooses it; the name is this machine's all the same."""
    for host, ours in ON_A_UNIX_SOCKET_THE_PORT_IS_THE_BROWSERS:
        assert bool(Guard(None, "t").refuses_host(host)) != ours


def test_port_80_need_not_be_said() -> None:
    """Browsers leave it out."""
    assert not Guard(80, "t").refuses_host("localhost")
    assert not Guard(80, "t").refuses_origin("http://localhost", "localhost")


#: Origins that are not ``http://localhost:8000``.
OTHER_ORIGINS = [
    "", "null", "http://", "://localhost:8000", "localhost:8000", "//localhost:8000", "https://localhost:8000",
    "ws://localhost:8000", "file://", "file://localhost:8000", "chrome-extension://localhost:8000",
    "http://localhost:8001", "http://localhost", "http://127.0.0.1:8000", "http://localhost:8000/",
    "http://localhost:8000.evil.example", "http://localhost:8000@evil.example", "http://evil.example",
    "http://localhost:8000 http://evil.example", "http://localhost:8000, http://localhost:8000", " http://localhost:8000",
    "javascript://localhost:8000", "http:localhost:8000", "http:/localhost:8000", "http://http://localhost:8000",
]  # fmt: skip


def test_other_origins() -> None:
    """Of another site, another port of this machine, another of its names, or of none (a sandbox, a file)."""
    for origin in OTHER_ORIGINS:
        assert Guard(8000, "t").refuses_origin(origin, "localhost:8000")


def test_a_proxys_page_may_be_https() -> None:
    """Only the proxy's: a page on this machine is not."""
    guard = Guard(8000, "t", ["lab.example"])
    for scheme in ("http", "https", "HTTPS"):
        assert not guard.refuses_origin(f"{scheme}://lab.example", "lab.example")
        assert guard.refuses_origin(f"{scheme}://lab.example", "localhost:8000")
    assert guard.refuses_origin("https://localhost:8000", "localhost:8000")


def test_only_the_token_is_known() -> None:
    """Nothing like it, nothing of another type, and nothing that a comparison of bytes cannot take."""
    token = new_token()
    assert len(bytes.fromhex(token)) == 16
    assert new_token() != token
    guard = Guard(8000, token)
    assert guard.knows(token)
    for wrong in (
        "",
        token[:-1],
        token + " ",
        token.upper() + "X",
        token + "\0",
        "\ud800",
        "ü",
        None,
        0,
        True,
        token.encode(),
        [token],
    ):
        assert not guard.knows(wrong)
