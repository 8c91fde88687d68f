"""The connector: a process that connects its stdin and stdout with a port of another host.

The supervisor starts it in place of a plotting interpreter. It connects, both ends prove that they know the secret,
and then it copies bytes until the stream ends. If anything is wrong, it says so in one line on stderr and exits with
code 1. Everybody can read its command line, so that holds the paths of files and no secret.
"""

from __future__ import annotations

import os
import signal
import socket
import ssl
import sys
import time

from ... import settings
from ...errors import AsyncplotError, Refused
from . import secret as secrets_file
from . import tls
from .handshake import Handshake
from .secret import Secret
from .splice import splice
from .streams import tune

#: How long connecting may take, s, and how long the handshakes after it.
_PATIENCE = 10.0


def main(host: str, port: int, secret: str | None = None, certificate: str | None = None) -> None:
    """Be the connector, and exit: 0 when the stream has ended, 1 if there was no stream.

    Parameters
    ----------
    host : str
        Name or address of the host where ``asyncplot serve`` runs.
    port : int
        Its port.
    secret : str, optional
        Path of the file with the secret; default: the file that ``asyncplot serve`` of this user has.
    certificate : str, optional
        Path of a certificate (PEM) to trust: that of the host, or of whoever signed it. With it, TLS is used.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C interrupts the computation only
    try:
        path = settings.absolute(secret) if secret else secrets_file.default_path()
        stream = connect(host, port, secrets_file.read(path), certificate)
    except AsyncplotError as error:
        print(f"asyncplot: {error}", file=sys.stderr)
        sys.exit(1)
    with stream:
        splice(stream, *_private_stdio(), until="stream")
    sys.exit(0)


def connect(host: str, port: int, secret: Secret, certificate: str | None = None) -> socket.socket:
    """A stream to the listener; both ends have proven that they know the secret. Blocks for some 20 s at most.

    Raises
    ------
    Refused
        If there is no such host, nobody listens there, or one of the two ends does not trust the other.
    ConfigurationError
        If the certificate cannot be read.
    """
    context = tls.connecting(certificate) if certificate else None
    try:
        stream = socket.create_connection((host, port), timeout=_PATIENCE)
    except (OSError, UnicodeError, OverflowError) as error:
        raise Refused(
            f"cannot connect to {host}:{port} ({error}); is `asyncplot serve` running there?"
        ) from None
    try:
        tune(stream)
        if context is not None:
            stream = context.wrap_socket(stream, server_hostname=host, do_handshake_on_connect=False)
            _secure(stream)
        _shake(stream, Handshake("connector", secret))
        stream.settimeout(None)
    except Refused as error:
        stream.close()
        raise Refused(f"no stream to {host}:{port}: {error}") from None
    except BaseException:
        stream.close()
        raise
    return stream


def _secure(stream: ssl.SSLSocket) -> None:
    """The TLS handshake."""
    try:
        stream.do_handshake()
    except ssl.SSLCertVerificationError as error:
        raise Refused(f"its certificate is not trusted ({error.verify_message})") from None
    except TimeoutError:
        raise Refused(f"no TLS within {_PATIENCE:g} s; does it listen without a certificate?") from None
    except OSError as error:
        raise Refused(f"no TLS ({error.strerror or error}); does it listen without a certificate?") from None


def _shake(stream: socket.socket, handshake: Handshake) -> None:
    """The handshake of the secret, within the time that it may take."""
    deadline = time.monotonic() + _PATIENCE
    try:
        while not handshake.done:
            stream.settimeout(max(deadline - time.monotonic(), 0.001))
            data = stream.recv(handshake.needs)
            if not data:
                raise Refused(_closed(handshake))
            stream.sendall(handshake.feed(data))
    except TimeoutError:
        raise Refused(
            f"no answer within {_PATIENCE:g} s; is it `asyncplot serve`, and without a certificate?"
        ) from None
    except OSError:
        raise Refused(_closed(handshake)) from None


def _closed(handshake: Handshake) -> str:
    """Why the listener has closed the connection. It does not say, so this is a guess by how far we came."""
    if handshake.stage == "proof":
        return "it refused; the secret here is not the one there. Copy it from there"
    return "it closed the connection without a word; is it `asyncplot serve`? If it uses TLS, name its certificate"


def _private_stdio() -> tuple[int, int]:
    """Copies of our stdin and stdout; a ``print`` does not get into these."""
    source, target = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return source, target
