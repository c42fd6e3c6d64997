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
    return RecordBook(SimpleNamespace(channels=lambda: list(summaries)), None)


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
