"""Bundles that the station makes are those that the independent builder makes, to the byte."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection
from pathlib import Path

import pytest

from parley import errors
from parley.core import bundle, card, charter, entry, ids, merkle
from support import bundle_forge as forge
from support.bundle_forge import Log, Story, cbor
from support.verifying import check, word

CASES = json.loads(
    (Path(__file__).parents[2] / "spec/vectors/bundle.json").read_text(encoding="utf-8")
)["cases"]


def named(*, refused: bool) -> list:
    return [
        pytest.param(case, id=case["name"])
        for case in CASES
        if (case["verdict"] is None) == refused
    ]


@pytest.mark.parametrize("case", named(refused=False))
def test_the_station_reads_and_writes_the_same_file(case: dict) -> None:
    raw = base64.b64decode(case["bundle"])

    assert bundle.decode_bundle(raw).encode() == raw


@pytest.mark.parametrize("size", [-1, 1])
def test_the_station_refuses_a_file_of_another_length(size: int) -> None:
    raw = Story().delivered()

    with pytest.raises(errors.MalformedError):
        bundle.decode_bundle(raw[:-1] if size < 0 else raw + b"\0")


def part_of(
    log: Log, size: int, show: Collection[int], withhold: Collection[int] = ()
) -> bundle.LogPart:
    """The same log part, made by the station's own code."""
    tree, views = merkle.Tree(), {}
    where = ids.LogId(
        ids.ChannelId(log.channel.id), ids.PartyId(log.party.pid), ids.Incarnation(log.inc)
    )
    for index, rows in enumerate(log.entries):
        one = entry.decode_entry(cbor(rows), others=len(log.channel.parties) - 1)
        tree.append(entry.leaf_hash(one, hide=log.hide, index=index, inc=log.inc))
        if index in show:
            opened = set(one.fields) - set(withhold)
            views[index] = bundle.view_entry(
                one, hide=log.hide, index=index, inc=log.inc, opened=opened
            )
    return bundle.make_part(where, size, tree, views)


def made_by_station(story: Story, claims: list, notes: list[str], parts: list) -> bytes:
    return bundle.Bundle(
        cards=[card.decode_card(cbor(party.card())) for party in (story.alfa, story.bravo)],
        charters=[charter.decode_charter(cbor(story.channel.body))],
        notes=notes,
        parts=parts,
        claims=[
            bundle.BundleClaim(
                what=what,
                party=party,
                index=index,
                inc=ids.Incarnation(inc),
                about=about,
                notes=tuple(named),
            )
            for what, party, index, inc, about, named in claims
        ],
    ).encode()


def test_a_delivery_made_by_the_station_is_the_same_file_and_is_proved() -> None:
    story = Story()
    notes = [story.s1, story.note_a]

    raw = made_by_station(
        story,
        [story.claim(forge.DELIVERED, notes)],
        notes,
        [part_of(story.a, 3, {0, 2}), part_of(story.b, 2, {0})],
    )

    assert raw == story.delivered()
    assert check(raw, story.trust).code == 0


def test_a_lapse_made_by_the_station_is_the_same_file_and_is_proved() -> None:
    story = Story()
    story.pass_time()
    notes = [story.note_a, story.s1, story.s2]

    raw = made_by_station(
        story,
        [story.claim(forge.LAPSED, notes)],
        notes,
        [part_of(story.a, 4, {0, 2, 3}), part_of(story.b, 3, {0, 1, 2})],
    )

    assert raw == story.lapsed()
    assert word(check(raw, story.trust)) == "lapsed (proved), time class T1"
