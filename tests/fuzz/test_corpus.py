"""Every input that the fuzzer kept, and every one that once was a fault, goes through its target."""

import json
from pathlib import Path

import pytest

from parley.core import canon
from support.fuzz_targets import TARGETS, vector_seeds

HERE = Path(__file__).parent
FAULTS = sorted(path for path in (HERE / "faults").glob("*") if path.suffix != ".md")


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_holds(name):
    inputs = json.loads((HERE / "corpus" / f"{name}.json").read_text())

    assert len(inputs) >= 10
    for text in inputs:
        TARGETS[name](bytes.fromhex(text))


@pytest.mark.parametrize("name", [name for name in TARGETS if name != "endpoints"])
def test_published_vectors_go_through_every_reader(name):
    for raw in vector_seeds(2_048)[::5]:
        TARGETS[name](raw)


@pytest.mark.parametrize("path", FAULTS, ids=lambda path: path.name[:40])
def test_what_was_a_fault_is_none_any_more(path):
    TARGETS[path.name.split("-", 1)[0]](path.read_bytes())


def test_a_target_notices_a_reader_that_takes_a_second_form(monkeypatch):
    decode = canon.decode
    monkeypatch.setattr(
        canon, "decode", lambda raw, **more: 1 if raw == b"\x18\x01" else decode(raw)
    )

    with pytest.raises(AssertionError):
        TARGETS["encoding"](b"\x18\x01")
