"""What a channel is called: a code is chosen by whoever proposes, so it may come twice."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from parley.core.charter import Charter
from parley.core.ids import PartyId
from parley.errors import ConflictError
from parley.station.record_book import RecordBook
from parley.station.summary import ChannelSummary


def summary(number, *, opened):
    charter = Charter(
        parties=(PartyId(b"a" * 16), PartyId(b"b" * 16)),
        number=number,
        purpose="",
        basis="",
        proposed_at=1,
        nonce=number.to_bytes(16, "big"),
        code="OPS",
    )
    return ChannelSummary(
        charter=charter, opened=opened, logs={}, receipts={}, last_statement_time={}
    )


def book(*summaries):
    station = SimpleNamespace(channels=lambda: list(summaries), party=PartyId(b"a" * 16))
    trust = SimpleNamespace(card_of=lambda party: None if party in GONE else object())
    return RecordBook(station, trust)


GONE = {PartyId(b"o" * 16)}
"""A party whose card another one took the place of."""


def test_proposals_do_not_take_the_name_of_the_channel_that_is_open():
    ours = summary(1, opened=True)
    proposed = [summary(number, opened=False) for number in range(2, 60)]

    assert book(*proposed, ours).channel("OPS") is ours
    assert book(*proposed, ours).channel(proposed[3].charter.channel_id.hex()) is proposed[3]


def test_two_open_channels_of_one_code_are_named_by_their_ids():
    both = [summary(1, opened=True), replace(summary(2, opened=True))]

    with pytest.raises(ConflictError) as told:
        book(*both, summary(3, opened=False)).channel("OPS")

    assert both[1].charter.channel_id.hex() in told.value.next_step


def with_other(found, party):
    parties = (found.charter.parties[0], PartyId(party))
    return replace(found, charter=replace(found.charter, parties=parties))


def test_a_channel_with_a_party_that_is_no_more_leaves_its_code_to_the_one_after():
    old, new = with_other(summary(1, opened=True), b"o" * 16), summary(2, opened=False)

    assert book(old, new).proposal("OPS") is new
    assert book(old, new).channel("OPS") is old
    both = book(old, opened := replace(new, opened=True))
    assert both.channel("OPS") is opened
    assert both.called(opened) == "OPS"
    assert both.called(old) == old.charter.channel_id.hex()
    assert both.channel(both.called(old)) is old
    assert book(old).called(old) == "OPS"
