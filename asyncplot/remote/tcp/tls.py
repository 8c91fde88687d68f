"""TLS by certificate, below the handshake: the standard library's, version 1.2 or newer.

Contexts only; the TLS handshake itself is driven by whoever owns the socket.
"""

from __future__ import annotations

import ssl

from ...errors import ConfigurationError


def listening(certificate: str, key: str) -> ssl.SSLContext:
    """For the listener: its certificate and the key to it, paths of PEM files.

    Raises
    ------
    ConfigurationError
        If they cannot be read, or do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _harden(context)
    context.num_tickets = 0  # each connection is a new one; and nothing is sent that nobody may read
    try:
        # With a password of ours, an encrypted key is an error here and no question at the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"cannot use the certificate {certificate} with the key {key} ({error}); "
            "both must be PEM files, the key without a password"
        ) from error
    return context


def connecting(certificate: str) -> ssl.SSLContext:
    """For the connector: trust this certificate, or what this authority signed (path of a PEM file).

    The name of the host is checked against the certificate.

    Raises
    ------
    ConfigurationError
        If the file cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _harden(context)
    try:
        context.load_verify_locations(cafile=certificate)
    except OSError as error:
        raise ConfigurationError(
            f"cannot use the certificate {certificate} ({error}); name a PEM file"
        ) from error
    return context


def _harden(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    # One direction ends by the end of its TCP stream (see `streams.shut`). OpenSSL 3 would count that as a
    # fatal error, and refuse to send what the other direction still has. So TLS does not tell an end from
    # a cut: whatever flows above says itself where its messages end.
    context.options |= ssl.OP_IGNORE_UNEXPECTED_EOF
