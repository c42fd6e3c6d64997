"""The witness answers as published, step by step, and keeps the evidence that is published."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from parley.core.card import Card, StationKey
from parley.core.cosignature import WitnessKey
from parley.core.ids import PartyId
from parley.core.keys import Ed25519Signer
from parley.core.statement import parse_text, split_note
from parley.core.witness import Witness
from parley.station.witness_memory import StoredMemory
from parley.store.memory import MemoryStore
from support.bundle_forge import ed
from support.records import make_party

FOLDER = Path(__file__).parents[2] / "spec/vectors"
TOLD = json.loads((FOLDER / "witness.json").read_text(encoding="utf-8"))


def owner() -> tuple[PartyId, Card]:
    """The log's owner, and a card that carries the published key under the published number."""
    said = parse_text(split_note(TOLD["evidence"][0])[0])
    card = make_party("ALFA").card
    (key,) = card.station_keys
    keys: tuple[StationKey, ...] = (
        replace(key, number=TOLD["log_owner_key_number"], ed=bytes.fromhex(TOLD["log_owner_key"])),
    )
    return said.party, replace(card, station_keys=keys)


def make(store: MemoryStore, cards: dict[PartyId, Card]) -> Witness:
    signer = Ed25519Signer(ed("CHARLIE k1").private_bytes_raw())
    key = WitnessKey(TOLD["key"].split("+")[0], signer.public_key)
    assert key.vkey == TOLD["key"]
    return Witness(key, signer=signer, cards=cards.get, memory=StoredMemory(store))


def test_a_witness_answers_each_step_as_published_and_keeps_both_notes() -> None:
    store = MemoryStore()
    party, card = owner()
    witness = make(store, {party: card})

    for step in TOLD["steps"]:
        answer = witness.add_checkpoint(step["request"].encode(), now=TOLD["time"])
        assert answer.status == step["status"], (step["name"], answer)
        assert step.get("body", answer.body) == answer.body, step["name"]

    ((_, kept, shown),) = StoredMemory(store).accusations()
    assert [kept, shown] == TOLD["evidence"]


def test_an_owner_whose_card_is_not_known_is_not_found() -> None:
    witness = make(MemoryStore(), {})

    told = TOLD["unknown_owner"]
    answer = witness.add_checkpoint(told["request"].encode(), now=TOLD["time"])

    assert answer.status == told["status"]
