"""Every rule about the members of a bundle: broken once, refused once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support import bundle_forge as forge
from support.bundle_forge import T0, Story
from support.verifying import check


def members(story: Story) -> dict:
    return {
        0: sorted([story.alfa.card(), story.bravo.card()], key=lambda c: forge._card_key(c[1])),
        1: [story.channel.body],
        2: sorted([story.note_a, story.s1], key=forge._note_key),
        3: sorted([story.a.part(3, show={0, 2}), story.b.part(2, show={0})], key=lambda p: p[0]),
        5: [[forge.DELIVERED, 0, 2, story.a.inc, 1, [0, 1]]],
    }


def refuse(story: Story, change: Callable[[dict], None]) -> str:
    content = members(story)
    change(content)
    report = check(forge.cbor(["parley1 bundle", content]), story.trust)
    assert report.code == 7
    assert report.refused is not None
    assert report.where is not None
    return report.refused


def test_the_members_untouched_are_accepted() -> None:
    story = Story()

    assert check(forge.cbor(["parley1 bundle", members(story)]), story.trust).code == 0


def swap(member: int) -> Callable[[dict], None]:
    return lambda content: content[member].reverse()


def twice(member: int) -> Callable[[dict], None]:
    return lambda content: content[member].insert(0, content[member][0])


@pytest.mark.parametrize("change", [swap(0), swap(2), swap(3), *map(twice, (0, 1, 2, 3, 5))])
def test_lists_have_one_order_and_no_doubles(change: Callable[[dict], None]) -> None:
    reason = refuse(Story(), change)

    assert "ascending" in reason or "twice" in reason


@pytest.mark.parametrize("key", [0, 1, 2, 3, 5])
def test_no_member_may_lack(key: int) -> None:
    assert f"lacks member {key}" in refuse(Story(), lambda content: content.pop(key))


def test_an_unknown_member_is_refused() -> None:
    assert "unknown key 6" in refuse(Story(), lambda content: content.update({6: []}))


def test_a_card_of_nobody_is_refused() -> None:
    def add(content: dict) -> None:
        content[0].append(forge.Party("CHARLIE").card())
        content[0].sort(key=lambda card: forge._card_key(card[1]))

    assert "belongs to no channel" in refuse(Story(), add)


def test_a_charter_without_notes_is_refused() -> None:
    story = Story()

    def add(content: dict) -> None:
        content[1].append({**story.channel.body, 2: 8})
        content[1].sort(key=lambda c: forge.h(b"parley1 charter\0" + forge.cbor(c)))

    assert "no note belongs to charter" in refuse(story, add)


def test_a_note_that_serves_nothing_is_refused() -> None:
    story = Story()
    idle = forge.Log(story.channel, story.bravo, inc=b"idlelife").note(time=T0)

    def add(content: dict) -> None:
        content[2] = sorted([*content[2], idle], key=forge._note_key)
        content[5][0][5] = [content[2].index(note) for note in content[2] if note != idle]

    assert "serves no claim" in refuse(story, add)


def test_a_part_that_nobody_signed_is_refused() -> None:
    story = Story()
    story.a.add(1, {2: "unsigned"})

    def grow(content: dict) -> None:
        content[3] = sorted([story.a.part(4), story.b.part(2, show={0})], key=lambda p: p[0])

    assert "nobody signed a root over 4 entries" in refuse(story, grow)


def part_of_alfa(content: dict, story: Story) -> list:
    return next(part for part in content[3] if part[0] == story.a.origin)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda part: part[2].pop(), "cover 2 entries, the size says 3"),
        (lambda part: part[3].clear(), "are missing"),
        (lambda part: part[2].reverse(), "leaves are doubled or out of order"),
        (lambda part: part[3].append(part[3][0]), "nodes are doubled or out of order"),
        (lambda part: part[3].append([0, 2, bytes(32)]), "are covered twice"),
        (lambda part: part.__setitem__(1, 0), "over no entry"),
        (lambda part: part.__setitem__(0, part[0].upper()), "lower-case hex"),
        (
            lambda part: part[2][0][1][5].__setitem__(0, [bytes(16), bytes(32)]),
            "must not be opened",
        ),
        (lambda part: part[2][1][1][5][5].__setitem__(0, bytes(16)), "does not fit its commitment"),
        (
            lambda part: part[2][1][1][5].__setitem__(7, [bytes(16), 1]),
            "does not fit its commitment",
        ),
        (lambda part: part[2][1][1].__setitem__(4, bytes(16)), "does not fit its commitment"),
        (lambda part: part[2][1][1].__setitem__(4, bytes(15)), "blind"),
        (lambda part: part[2][1][1].__setitem__(4, None), "commitments is not a map"),
    ],
)
def test_log_parts_are_exact(change: Callable[[list], None], reason: str) -> None:
    story = Story()

    assert reason in refuse(story, lambda content: change(part_of_alfa(content, story)))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({0: 8}, "kind of claim"),
        ({1: 16}, "party number"),
        ({1: 2}, "no party 2"),
        ({3: b"12345678"}, "speaks of this log"),
        ({3: b"1234567"}, "incarnation is not 8 bytes"),
        ({4: 0}, "delivers nothing to itself"),
        ({5: [1, 0]}, "not ascending"),
        ({5: [0, 2]}, "note number"),
        ({0: 0}, "about one party"),
    ],
)
def test_claims_name_what_there_is(change: dict, reason: str) -> None:
    def apply(content: dict) -> None:
        for place, value in change.items():
            content[5][0][place] = value

    assert reason in refuse(Story(), apply)


def respell(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    "change",
    [
        respell("\nno 1\n", "\nno 01\n"),
        respell("\nno 1\n", "\n"),
        respell("\ntime ", "\ntime +"),
        respell("parley1/", "parley2/"),
        respell("holds ", "Holds "),
        respell(" 3 ", "  3 "),
        lambda text: text + "extra line\n",
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text + text.splitlines()[5] + "\n",
        lambda text: "\n".join(text.split("\n")[:3]) + "\n",
        lambda text: text.rstrip("\n") + " missing 0-1,1-2\n",
        lambda text: text.rstrip("\n") + " missing 2-4\n",
        lambda text: text.rstrip("\n") + " missing 1-1\n",
        lambda text: text.rstrip("\n") + " missing \n",
        lambda text: (
            text.rstrip("\n")
            + " missing "
            + ",".join(f"{2 * n}-{2 * n + 1}" for n in range(65))
            + "\n"
        ),
    ],
)
def test_a_statement_has_one_spelling_even_when_truly_signed(change: Callable[[str], str]) -> None:
    story = Story()
    text = change(story.s1.partition("\n\n")[0] + "\n")
    note = story.b.sign(text)

    def put(content: dict) -> None:
        place = content[2].index(story.s1)
        content[2][place] = note

    refuse(story, put)


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        (lambda line: line + line, "two signature lines of one key"),
        (lambda line: line * 17, "more than 16"),
        (lambda line: "", "empty line before"),
        (lambda line: line[:-1], "empty line before"),
        (lambda line: line.replace("\u2014", "-"), "not a dash"),
        (lambda line: line.replace("/k1 ", "/k2 "), "no card shown has station key 2"),
        (lambda line: line.replace("/k1 ", "/k01 "), "station key"),
        (lambda line: line.rstrip("=\n") + "\n", "not base64"),
    ],
)
def test_signature_lines_have_one_form(tail: Callable[[str], str], reason: str) -> None:
    story = Story()
    text, _, line = story.s1.partition("\n\n")

    def put(content: dict) -> None:
        content[2][content[2].index(story.s1)] = text + "\n\n" + tail(line)

    assert reason in refuse(story, put)


def test_another_partys_key_does_not_sign_a_statement() -> None:
    story = Story()
    text = story.s1.partition("\n\n")[0] + "\n"

    def put(content: dict) -> None:
        content[2][content[2].index(story.s1)] = story.a.sign(text)

    assert "another party" in refuse(story, put)


def test_a_key_stands_in_one_place_only() -> None:
    alfa, bravo = forge.Party("ALFA"), forge.Party("BRAVO")
    stolen = [1, forge.ed_public("ALFA k1"), None, T0 - 10, T0 + 10]
    story = Story()

    def share(content: dict) -> None:
        content[0] = [alfa.card(), bravo.card(keys=[stolen])]
        content[0].sort(key=lambda card: forge._card_key(card[1]))

    assert "one key serves as" in refuse(story, share)


def test_a_witness_may_not_be_a_party() -> None:
    story = Story(witnesses=[("w", forge.vkey("w", "ALFA k1"))])

    assert "one key serves as" in refuse(story, lambda content: None)


def test_a_key_number_is_never_used_again() -> None:
    story = Story()
    again = [1, forge.ed_public("BRAVO k9"), None, T0 - 10, T0 + 10**8]

    def add(content: dict) -> None:
        content[0].append(story.bravo.card(sequence=2, keys=[again]))
        content[0].sort(key=lambda card: forge._card_key(card[1]))

    assert "second key" in refuse(story, add)


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ({11: 0}, "unknown key 11"),
        ({1: "bravo"}, "other letters"),
        ({2: ""}, "name"),
        ({5: []}, "station keys"),
        ({10: [[1, bytes(32), 0]]}, "small order"),
        ({3: (2**255 - 19).to_bytes(32, "little")}, "small order"),
        ({8: [[1, T0, bytes(1216), bytes(64)]]}, "prekey"),
        ({0: 2**53}, "sequence number"),
    ],
)
def test_a_card_is_whole_or_refused(extra: dict, reason: str) -> None:
    story = Story()

    def put(content: dict) -> None:
        content[0] = [story.alfa.card(), story.bravo.card(extra=extra)]
        content[0].sort(key=lambda card: card[1] != story.alfa.card()[1])

    assert reason in refuse(story, put)


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ({13: 0}, "unknown key 13"),
        ({12: "no spaces"}, "other letters"),
        ({6: b"short"}, "nonce"),
        ({2: 65_536}, "channel number"),
        ({8: [["w", "w+00000000+BAAA"]]}, "witness key"),
        ({8: [["x", forge.vkey("w", "w")]]}, "not the name in its key"),
        ({11: [bytes(16), [[bytes(16), bytes(8), 1]]]}, "predecessor log"),
    ],
)
def test_a_charter_is_whole_or_refused(extra: dict, reason: str) -> None:
    story = Story()

    assert reason in refuse(story, lambda content: content[1][0].update(extra))


def test_two_equal_parties_are_refused() -> None:
    story = Story()

    def put(content: dict) -> None:
        content[1][0] = {**content[1][0], 1: [story.alfa.pid] * 2}

    assert "twice in the charter" in refuse(story, put)
