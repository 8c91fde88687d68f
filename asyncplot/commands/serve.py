"""``asyncplot serve``: wait for computations on other hosts, and show each one here. For hosts without ssh."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import json
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .. import settings
from ..errors import ConfigurationError

if TYPE_CHECKING:
    import ssl

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


HELP = "wait for computations on other hosts, and show them here"
DESCRIPTION = (
    "Wait at a port for computations that run `Server(plotter, host=..., port=...)`, and open a viewer for each that "
    "knows the secret. For hosts without ssh. Ctrl-C ends it and its viewers."
)
EPILOG = "example: asyncplot serve --port 18861 --host 0.0.0.0 --certificate box.pem --key box.key"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this verb."""
    parser.add_argument("--port", type=_port, default=18861, help="default: 18861; 0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: 127.0.0.1)")
    parser.add_argument(
        "--cmd", metavar="COMMAND", help='plotting interpreter, such as "ipython --pylab=qt -c"'
    )
    parser.add_argument("--certificate", metavar="FILE", help="use TLS, with this certificate (PEM)")
    parser.add_argument("--key", metavar="FILE", help="the key of the certificate (PEM)")
    parser.add_argument(
        "--secret", metavar="FILE", help="the secret; default: a file in your configuration folder, made once"
    )
    parser.add_argument("--json", action="store_true", help="print each line as a JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    from ..launch.bootstrap import bootstrap

    words = shlex.split(arguments.cmd) if arguments.cmd else [sys.executable, "-c"]
    return serve(arguments, [*words, bootstrap("launch.entry", "main(None, 1)")])


def serve(arguments: argparse.Namespace, command: list[str]) -> int:
    """Start ``command`` for each connection that proves that it knows the secret; returns the exit code."""
    from ..remote.tcp import listener, secret
    from ..remote.tcp.served_viewers import Serving

    context = _context(arguments)
    path = settings.absolute(arguments.secret) if arguments.secret else secret.default_path()
    made = secret.make(path)
    known = secret.read(path)
    say = _json if arguments.json else _text
    serving = Serving(
        listener.open_sockets(arguments.host, arguments.port),
        known,
        command,
        lambda event, address, detail: say({"event": event, "address": address, "detail": detail}),
        context,
    )
    for address, port in serving.addresses:
        say({"event": "listening", "address": address, "port": port, "detail": reach(address)})
    say({"event": "secret", "path": str(path), "detail": "made now" if made else "found"})
    say({"event": "tls", "detail": _protection(context is not None)})
    with _ended_by_signals(serving.stop):
        serving.run()
    return 0


def reach(address: str) -> str:
    """Who can connect to an address of this host.

    >>> reach("127.0.0.1")
    'only this machine'
    >>> reach("0.0.0.0")
    'every host that can reach this machine'
    """
    numbers = ipaddress.ip_address(address.partition("%")[0])
    if numbers.is_loopback:
        return "only this machine"
    return f"every host that can reach {'this machine' if numbers.is_unspecified else address}"


def _context(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    if bool(arguments.certificate) != bool(arguments.key):
        raise ConfigurationError("TLS needs both, --certificate FILE and --key FILE")
    if not arguments.certificate:
        return None
    from ..remote.tcp import tls

    return tls.listening(arguments.certificate, arguments.key)


def _protection(tls: bool) -> str:
    if tls:
        return "TLS; the other host names the certificate (certificate=FILE)"
    return "no TLS: who connects must know the secret, but all data can be read and changed on the way"


def _json(event: dict[str, Any]) -> None:
    print(json.dumps(event), flush=True)


def _text(event: dict[str, Any]) -> None:
    told = {
        "listening": "listening at {address} port {port}: {detail} can connect",
        "secret": "secret: {path} ({detail}); copy it to the same place on the other host, with mode 600",
        "tls": "{detail}",
    }.get(event["event"], "{event}: {address}, {detail}")
    print(told.format(**event), flush=True)


@contextlib.contextmanager
def _ended_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Within this, a signal that would end the process calls ``stop`` instead."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # A signal that is ignored stays ignored: nohup ignores SIGHUP.
    ours = [number for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, lambda *_: stop()) for number in ours}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port; 1 to 65535, or 0 for a free one")
    return port
