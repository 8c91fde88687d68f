"""The handshake: who does not know the secret gets nowhere, whatever it sends."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncplot.errors import Refused
from asyncplot.remote.tcp.handshake import HELLO, Handshake
from asyncplot.remote.tcp.secret import Secret

SECRET, OTHER = Secret(b"s" * 32), Secret(b"o" * 32)


def exchange(listener: Handshake, connector: Handshake) -> tuple[bytes, bytes, bytes]:
    """Carry the messages of a whole handshake, and return them."""
    proof = connector.feed(listener.first)
    answer = listener.feed(proof)
    assert connector.feed(answer) == b""
    return listener.first, proof, answer


def ends(ours: Secret = SECRET, theirs: Secret = SECRET) -> tuple[Handshake, Handshake]:
    """A listener and a connector."""
    return Handshake("listener", ours), Handshake("connector", theirs)


@given(st.lists(st.integers(1, 50), max_size=40))
def test_both_ends_are_proven_however_the_bytes_arrive(sizes: list[int]) -> None:
    """Two ends with one secret prove themselves, cut into any pieces; the secret is in no message."""
    listener, connector = ends()
    waiting, target, other = listener.first, connector, listener
    cuts = iter(sizes)
    while waiting or not (listener.done and connector.done):
        said = b""
        while waiting:
            size = next(cuts, 200)
            piece, waiting = waiting[:size], waiting[size:]
            assert b"s" * 32 not in piece
            said += target.feed(piece)
        waiting, target, other = said, other, target
    assert listener.needs == connector.needs == 0


@given(st.binary(max_size=300))
def test_no_bytes_of_a_stranger_prove_anything(data: bytes) -> None:
    """Any bytes: neither end takes them for a proof, nor says a MAC to them."""
    for role in ("listener", "connector"):
        end = Handshake(role, SECRET)
        said = b""
        try:
            said = end.feed(data[:80])
        except Refused:
            with pytest.raises(Refused):
                end.feed(b"")
        assert not end.done
        assert role == "connector" or not said


@given(st.integers(0, 79), st.integers(1, 255))
def test_each_byte_of_the_proof_counts(place: int, change: int) -> None:
    """A proof with one byte changed is refused."""
    listener, connector = ends()
    proof = bytearray(connector.feed(listener.first))
    proof[place] ^= change
    with pytest.raises(Refused):
        listener.feed(bytes(proof))
    assert not listener.done


@given(st.integers(0, 31), st.integers(1, 255))
def test_each_byte_of_the_answer_counts(place: int, change: int) -> None:
    """An answer with one byte changed is refused."""
    listener, connector = ends()
    answer = bytearray(listener.feed(connector.feed(listener.first)))
    answer[place] ^= change
    with pytest.raises(Refused, match="does not know the secret"):
        connector.feed(bytes(answer))
    assert not connector.done


@given(st.integers(0, 79))
def test_a_truncated_proof_is_none(size: int) -> None:
    """The listener says nothing before the last byte."""
    listener, connector = ends()
    assert listener.feed(connector.feed(listener.first)[:size]) == b""
    assert not listener.done


def test_another_secret_is_refused_by_both() -> None:
    """The listener refuses; a listener that pretends to agree is refused by the connector."""
    listener, connector = ends(SECRET, OTHER)
    with pytest.raises(Refused):
        listener.feed(connector.feed(listener.first))
    connector = Handshake("connector", OTHER)
    connector.feed(Handshake("listener", SECRET).first)
    with pytest.raises(Refused):
        connector.feed(bytes(32))


def test_nothing_can_be_replayed_or_reflected() -> None:
    """Messages of another handshake, one's own, or of the other role prove nothing."""
    _, proof, answer = exchange(*ends())
    with pytest.raises(Refused):
        Handshake("listener", SECRET).feed(proof)
    connector = Handshake("connector", SECRET)
    mine = connector.feed(Handshake("listener", SECRET).first)
    with pytest.raises(Refused):
        connector.feed(answer)
    connector = Handshake("connector", SECRET)
    mine = connector.feed(Handshake("listener", SECRET).first)
    with pytest.raises(Refused):
        connector.feed(mine[-32:])  # its own MAC
    listener = Handshake("listener", SECRET)
    with pytest.raises(Refused):  # its own nonce, with a MAC that the connector made over it
        listener.feed(listener.first + mine[-32:])


def test_two_of_one_role_do_not_agree() -> None:
    """Two listeners, each taking the other for a connector, refuse; a nonce is new each time."""
    one, two = Handshake("listener", SECRET), Handshake("listener", SECRET)
    assert one.first != two.first
    with pytest.raises(Refused):
        one.feed((two.first + bytes(80))[:80])


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        (b"asyncplot port2\n", "another version"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "no `asyncplot serve`"),
        (b"HTTP/1.1 400 ", "no `asyncplot serve`"),
        (b"\x15\x03\x01", "TLS"),
    ],
)
def test_what_listens_there_is_said(greeting: bytes, said: str) -> None:
    """The connector tells another version from another program, before the whole greeting has come."""
    with pytest.raises(Refused, match=said):
        Handshake("connector", SECRET).feed(greeting)


def test_more_bytes_than_belong_are_refused() -> None:
    """What comes before the proof is accepted is not kept."""
    with pytest.raises(Refused, match="more came"):
        Handshake("listener", SECRET).feed(HELLO * 10)


def test_a_secret_shows_itself_nowhere() -> None:
    """Neither its repr nor that of a handshake has the key, and it cannot be pickled."""
    assert "ssss" not in f"{SECRET!r} {SECRET} {Handshake('listener', SECRET).__dict__}"
    with pytest.raises(TypeError):
        pickle.dumps(SECRET)
