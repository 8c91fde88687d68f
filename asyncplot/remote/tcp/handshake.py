"""The handshake: both ends of a TCP connection prove that they know one secret, and neither tells it.

Pure: bytes in, bytes out. Whoever owns the socket feeds it, on any one thread. All messages have fixed sizes, so
that no byte of a stranger decides how much is read or kept::

    listener  -> connector   HELLO (16)  nonce (32)
    connector -> listener    HELLO (16)  nonce (32)  HMAC-SHA256 (32)
    listener  -> connector                           HMAC-SHA256 (32)

Each MAC is over HELLO, the role of its sender and both nonces. So none can be sent back to where it came from, or
used a second time. The connector proves first, so a stranger never gets a MAC from a listener.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Literal

from ...errors import Refused
from .secret import Secret

Role = Literal["listener", "connector"]

#: What asyncplot says first, with the version of this protocol.
HELLO = b"asyncplot port1\n"
_FAMILY = HELLO[:-2]  # common to all versions
NONCE_BYTES = 32
MAC_BYTES = 32


class Handshake:
    """One end of one handshake.

    Parameters
    ----------
    role : {'listener', 'connector'}
        Which end this is.
    secret : Secret
        What both ends know.

    Attributes
    ----------
    first : bytes
        What to send before anything has come; empty for the connector.
    needs : int
        How many more bytes `feed` takes until it returns something to send; 0 when the other end has proven itself.
    done : bool
        Whether the other end has proven itself. What `feed` returned last must still be sent.
    """

    def __init__(self, role: Role, secret: Secret) -> None:
        self._role: Role = role
        self._secret = secret
        self._nonce = secrets.token_bytes(NONCE_BYTES)
        self._theirs = b""  # the connector: the listener's nonce, once it is there
        self._received = b""
        listens = role == "listener"
        self.first = HELLO + self._nonce if listens else b""
        self.needs = len(HELLO) + NONCE_BYTES + (MAC_BYTES if listens else 0)
        self.done = False
        self._failed = False

    @property
    def stage(self) -> str:
        """What is waited for, for messages: 'hello', 'proof' or 'nothing'."""
        if self.done:
            return "nothing"
        return "proof" if self._theirs else "hello"

    def feed(self, data: bytes) -> bytes:
        """Take what came, `needs` bytes at most, and return what to send.

        Raises
        ------
        Refused
            If the other end does not speak this protocol, or does not know the secret. Each later call raises,
            too.
        """
        if self._failed or len(data) > self.needs:
            raise self._refuse("more came than belongs to the handshake")
        self._received += data
        self.needs -= len(data)
        if self._role == "connector" and not self._theirs:
            self._check_hello()
        if self.needs or self.done:
            return b""
        message, self._received = self._received, b""
        if self._role == "listener":
            return self._answer(message)
        return self._verify(message) if self._theirs else self._prove(message)

    def _check_hello(self) -> None:
        """Look at what has come of a HELLO. Another version may send a shorter one, so this does not wait for all."""
        hello = self._received[: len(HELLO)]
        if HELLO.startswith(hello):
            return
        if len(hello) == len(HELLO) and hello.startswith(_FAMILY):
            raise self._refuse(
                "it speaks another version of the handshake; install the same asyncplot on both"
            )
        if not _FAMILY.startswith(hello[: len(_FAMILY)]):
            raise self._refuse(
                "what listens there is no `asyncplot serve`, or it uses TLS: name its certificate"
            )

    def _prove(self, message: bytes) -> bytes:
        self._theirs = message[len(HELLO) :]
        self.needs = MAC_BYTES
        return HELLO + self._nonce + self._mac("connector", self._theirs, self._nonce)

    def _verify(self, message: bytes) -> bytes:
        if not hmac.compare_digest(message, self._mac("listener", self._theirs, self._nonce)):
            raise self._refuse("the listener does not know the secret")
        self.done = True
        return b""

    def _answer(self, message: bytes) -> bytes:
        hello, theirs = message[: len(HELLO)], message[len(HELLO) : len(HELLO) + NONCE_BYTES]
        proof = message[len(HELLO) + NONCE_BYTES :]
        right = hmac.compare_digest(proof, self._mac("connector", self._nonce, theirs))
        if not (right and hello == HELLO):
            raise self._refuse("no proof of the secret")
        self.done = True
        return self._mac("listener", self._nonce, theirs)

    def _mac(self, role: Role, of_listener: bytes, of_connector: bytes) -> bytes:
        return self._secret.mac(HELLO + role.encode().ljust(16, b"\0") + of_listener + of_connector)

    def _refuse(self, reason: str) -> Refused:
        self._failed = True
        self._received = b""
        return Refused(reason)
