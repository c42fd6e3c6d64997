"""Keying frames: what is refused before any public-key work, and whose epochs count."""

from dataclasses import replace

import pytest

from parley.core import hpke, keying, limits
from parley.core.frame import read_header
from parley.core.link_secrets import LinkSecrets
from parley.sim.people import WORLD_START, make_identity

NOW = WORLD_START


class CountingOpener:
    """An opener that counts how often it was asked to do public-key work."""

    def __init__(self, inner):
        self.inner = inner
        self.opened = 0

    def holds(self, prekey):
        return self.inner.holds(prekey)

    def open(self, prekey, sealed, info):
        self.opened += 1
        return self.inner.open(prekey, sealed, info)


def sender(node=0):
    alfa, bravo = make_identity("ALFA"), make_identity("BRAVO")
    return LinkSecrets(replace(alfa, node=node), bravo.card)


def receiver(opener=None):
    alfa, bravo = make_identity("ALFA"), make_identity("BRAVO")
    return LinkSecrets(replace(bravo, opener=opener or bravo.opener), alfa.card)


def keying_of(secrets, now=NOW):
    raw = secrets.start_epoch(now, lambda size: bytes(range(size)))
    return keying.decode_keying(raw[6:])


@pytest.fixture
def signatures(monkeypatch):
    """Count the signatures that are verified."""
    seen = []
    original = LinkSecrets.verifies

    def counted(self, offered, now):
        seen.append(offered)
        return original(self, offered, now)

    monkeypatch.setattr(LinkSecrets, "verifies", counted)
    return seen


def test_epochs_are_counted_for_each_node_apart():
    receiving = receiver()

    assert receiving.accept(keying_of(sender(node=0), NOW + 100), NOW)
    assert receiving.accept(keying_of(sender(node=1), NOW + 50), NOW)

    assert receiving.accepted == {0: NOW + 100, 1: NOW + 50}
    assert receiving.newest_accepted == NOW + 100


def test_an_epoch_of_a_node_that_is_not_above_its_last_is_refused():
    receiving = receiver()
    first = keying_of(sender(node=1), NOW + 50)
    assert receiving.accept(first, NOW)
    assert receiving.accept(keying_of(sender(node=0), NOW + 100), NOW)

    assert receiving.is_stale(first)
    assert not receiving.accept(first, NOW)
    assert not receiving.accept(keying_of(sender(node=1), NOW + 50), NOW)
    assert receiving.accept(keying_of(sender(node=1), NOW + 51), NOW)


def test_a_dead_prekey_is_refused_before_any_public_key_work(signatures):
    opener = CountingOpener(hpke.HpkeOpener({}))
    receiving = receiver(opener)
    offered = keying_of(sender())

    assert not receiving.is_alive(offered)
    assert not receiving.accept(offered, NOW)
    assert (signatures, opener.opened) == ([], 0)


def test_a_stale_epoch_is_refused_before_any_public_key_work(signatures):
    opener = CountingOpener(make_identity("BRAVO").opener)
    receiving = receiver(opener)
    offered = keying_of(sender())
    assert receiving.accept(offered, NOW)
    signatures.clear()

    assert not receiving.accept(offered, NOW)
    assert (signatures, opener.opened) == ([], 1)


def test_a_wrong_signature_is_refused_before_anything_is_opened():
    opener = CountingOpener(make_identity("BRAVO").opener)
    receiving = receiver(opener)

    assert not receiving.accept(replace(keying_of(sender()), signature=bytes(64)), NOW)
    assert opener.opened == 0
    assert receiving.accepted == {}


def test_frames_of_two_nodes_open_side_by_side():
    receiving, nodes = receiver(), [sender(node=0), sender(node=1)]
    for secrets in nodes:
        for turn in range(6):
            assert receiving.accept(keying_of(secrets, NOW + turn), NOW)

    for number, secrets in enumerate(nodes):
        sealed = secrets.seal(b"\x82\x05\x01" + bytes([number]))
        assert receiving.open(sealed, read_header(sealed)) == b"\x82\x05\x01" + bytes([number])


def test_more_nodes_than_epochs_may_be_kept_are_refused():
    secrets = LinkSecrets(
        make_identity("BRAVO"),
        make_identity("ALFA").card,
        accepted=dict.fromkeys(range(limits.RETAINED_EPOCHS_MAX), 1),
    )

    assert not secrets.accept(keying_of(sender(node=1_000)), NOW)
    assert secrets.accept(keying_of(sender(node=7)), NOW)


def test_two_stations_whose_clocks_were_both_set_back_find_each_other_again():
    before, receiving = sender(), receiver()
    assert receiving.accept(keying_of(before), NOW)

    restarted = sender()
    tries = 1
    while not receiving.accept(keying_of(restarted, now=NOW - 3_600 + tries), NOW):
        tries += 1

    assert tries <= 8


def test_an_answered_epoch_is_followed_by_the_next_number():
    sending = sender()
    first, second = keying_of(sending), keying_of(sending)
    sending.answered()
    third = keying_of(sending)

    assert [first.epoch, second.epoch, third.epoch] == [NOW, NOW + 4, NOW + 5]


def test_a_restarted_sender_goes_on_above_its_last_epoch():
    before = sender()
    keying_of(before, NOW)
    used = keying_of(before, NOW + 10).epoch
    alfa, bravo = make_identity("ALFA"), make_identity("BRAVO")

    after = LinkSecrets(alfa, bravo.card, last_sent=before.last_sent)

    assert keying_of(after, NOW - 1_000).epoch == used + 1
