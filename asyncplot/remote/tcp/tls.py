"""TLS by certificate, below the handshake of the secret: that of the standard library, version 1.2 or newer.

This makes the contexts. Whoever owns the socket does the TLS handshake.
"""

from __future__ import annotations

import ssl

from ...errors import ConfigurationError


def listening(certificate: str, key: str) -> ssl.SSLContext:
    """The context of the listener, from its certificate and key (paths of PEM files).

    Raises
    ------
    ConfigurationError
        If they cannot be read, or do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _harden(context)
    context.num_tickets = 0  # no connection is resumed, and no ticket is sent that the other end may not read
    try:
        # With a password given here, an encrypted key is an error, and no question at the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"cannot use the certificate {certificate} with the key {key} ({error}); "
            "both must be PEM files, the key without a password"
        ) from error
    return context


def connecting(certificate: str) -> ssl.SSLContext:
    """The context of the connector. It trusts this certificate, or what this authority has signed (a PEM file).

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
    # One direction ends by the end of its TCP stream (see `streams.shut`). Without this option OpenSSL 3 takes that
    # for a fatal error, and does not send what the other direction still has. With it, TLS does not tell an end from
    # a cut connection; but the messages above say themselves where they end.
    context.options |= ssl.OP_IGNORE_UNEXPECTED_EOF
