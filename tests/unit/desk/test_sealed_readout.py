"""Readouts that are sealed first: nobody fits its own account to another's."""

from __future__ import annotations

import pytest

from parley.core.instants import Instant, rfc3339
from parley.desk.catalogue import MOVES
from parley.desk.move_draft import meant
from parley.desk.rules import MoveDraft, build_move
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, Pair

HOUR = 3600
DUE = START + 6 * HOUR
WINDOW = 600
CODES = ("ALFA", "BRAVO", "CHARLIE")


def claim(kind, by, about):
    return {"kind": kind, "by": by, "about": about}


ACCOUNTS = {
    "ALFA": {
        "claims": [claim("said", "ALFA", "nets"), claim("undertook", "BRAVO", "lights")],
        "account": {"en": "Candid talks about nets."},
    },
    "BRAVO": {"claims": [claim("said", "BRAVO", "nets"), claim("asked", "BRAVO", "buoys")]},
    "CHARLIE": {"claims": [claim("said", "CHARLIE", "nets")], "account": "As observers."},
}


class Met(Pair):
    """Parties that have met, and keep what they seal as stations do."""

    def __init__(self, *codes):
        super().__init__(None, *codes)
        self.kept = {}
        began = {"began": rfc3339(START), "ended": rfc3339(START + HOUR)}
        self.meeting = self.say("ALFA/OPS", START + HOUR, "meeting.hold", began)

    def do(self, code, at, move, fields=None, case=None):
        number = self.line.codes.index(code)
        others = [f"{other}/OPS" for other in self.line.codes if other != code]
        draft = MoveDraft(
            move=f"readout.{move}",
            party=number,
            desk="OPS",
            action=() if case else others,
            case=case,
            fields=fields or {},
            salt=code.encode().ljust(32, b"."),
            kept=self.kept.get(code, {}),
            moment=Instant(at),
        )
        built = build_move(self.registers(at), self.line.view, draft)
        if built.kept:
            self.kept[code] = built.kept
        return self.line.write(number, at, built)

    def seal(self, code, at, case=None):
        fixed = {} if case else {"of": self.name(self.meeting), "due": rfc3339(DUE)}
        return self.do(code, at, "commit", {**ACCOUNTS[code], **fixed}, case)

    def see(self, case, at=DUE, party=None):
        return self.row("readouts", case, at, party)


def all_sealed(*codes):
    met = Met(*codes)
    case = met.seal(codes[0], START + 2 * HOUR)
    for code in codes[1:]:
        met.seal(code, START + 2 * HOUR + 60, case)
    return met, case


@pytest.mark.parametrize("codes", [CODES[:2], CODES])
def test_no_account_travels_before_all_have_sealed_and_then_each_is_opened_as_it_was(codes):
    met, case = all_sealed(*codes)
    travelled = repr([placed.entry for placed in met.line.entries])
    assert not any(word in travelled for word in ("lights", "buoys", "Candid", "observers"))
    assert (met.see(case)["state"], met.see(case)["topics"]) == ("both committed", [])
    for code in reversed(codes):
        met.do(code, START + 3 * HOUR, "reveal", case=case)
    row = met.see(case)
    assert (row["state"], row["mismatch"], row["not_opened_by"]) == ("complete", False, [])
    assert (row["mode"], row["delay_days"]) == ("sealed", 0)
    assert met.see(case, party="ALFA")["account"] == ACCOUNTS["ALFA"]["account"]
    assert met.see(case, party="BRAVO")["only_we_say"] == ["buoys"]
    assert met.see(case, party="ALFA")["unmatched"] == [claim("undertook", "BRAVO", "lights")]


def test_opened_accounts_stand_side_by_side_for_each_two_parties():
    met, case = all_sealed(*CODES)
    assert met.registers(DUE).comparison(case) == ()
    for code in CODES:
        met.do(code, START + 3 * HOUR, "reveal", case=case)
    found = [one for one in met.registers(DUE).comparison(case) if one.field == "topics.nets"]
    assert [sorted(one.values) for one in found] == [
        ["ALFA", "BRAVO"], ["ALFA", "CHARLIE"], ["BRAVO", "CHARLIE"]
    ]  # fmt: skip
    assert {one.status for one in found} == {"agree"}


def test_nothing_is_opened_while_one_of_three_has_not_sealed():
    met = Met(*CODES)
    case = met.seal("ALFA", START + 2 * HOUR)
    met.seal("BRAVO", START + 2 * HOUR, case)
    with pytest.raises(MoveNotPermittedError):
        met.do("ALFA", START + 2 * HOUR, "reveal", case=case)
    row = met.see(case, DUE)
    assert (row["state"], row["missed_by"]) == ("missed", ["CHARLIE"])


def test_nothing_is_opened_while_two_others_have_not_each_others_seals():
    met = Met(*CODES)
    case = met.seal("ALFA", START + 2 * HOUR)
    met.line.cut.add((1, 2))
    met.seal("BRAVO", START + 2 * HOUR, case)
    met.seal("CHARLIE", START + 2 * HOUR, case)
    with pytest.raises(InvalidFieldsError, match="wait for that"):
        met.do("ALFA", START + 3 * HOUR, "reveal", case=case)
    met.line.cut.clear()
    met.line.exchange(START + 3 * HOUR)
    met.line.sign(START + 3 * HOUR)
    met.do("ALFA", START + 3 * HOUR, "reveal", case=case)


@pytest.mark.parametrize("changed", [{"claims": []}, {"account": {"en": "Warm talks."}}])
def test_an_account_that_was_changed_is_stopped_at_home_and_found_out_abroad(changed):
    met, case = all_sealed(*CODES[:2])
    fields = {**ACCOUNTS["ALFA"], **changed, "salt": met.kept["ALFA"]["salt"]}
    with pytest.raises(InvalidFieldsError, match="not what was sealed"):
        met.do("ALFA", START + 3 * HOUR, "reveal", fields, case)
    raw = {4: [0, case.index], 33: [{0: 0, 1: "ALFA", 2: "nets"}], 62: fields["salt"]}
    met.line.raw(0, START + 3 * HOUR, kind=1804, fields=raw)
    assert (met.see(case)["state"], met.see(case, party="ALFA")["mismatch"]) == ("mismatch", True)
    assert met.see(case, party="BRAVO")["mismatch"] is False


def test_who_does_not_open_is_named_and_so_are_all_who_do_not():
    met, case = all_sealed(*CODES)
    late = DUE + WINDOW
    row = met.see(case, late)
    assert (row["state"], row["not_opened_by"]) == ("unopened", list(CODES))
    met.do("BRAVO", START + 3 * HOUR, "reveal", case=case)
    assert met.see(case, late - 1)["not_opened_by"] == []
    row = met.see(case, late)
    assert (row["state"], row["not_opened_by"]) == ("one-sided", ["ALFA", "CHARLIE"])


def test_all_seal_for_one_meeting_and_time_and_who_joins_need_not_repeat_them():
    met = Met(*CODES[:2])
    case = met.seal("ALFA", START + 2 * HOUR)
    other = {"due": rfc3339(DUE + 60), **ACCOUNTS["BRAVO"]}
    with pytest.raises(InvalidFieldsError, match="due"):
        met.do("BRAVO", START + 2 * HOUR, "commit", other, case)
    place = met.seal("BRAVO", START + 2 * HOUR, case)
    sealed = next(one for one in met.line.entries if one.place(case.channel) == place)
    assert (sealed.entry.fields[32], sealed.entry.fields[37]) == ([0, met.meeting.index], DUE)


def test_words_beside_a_seal_and_an_open_account_named_sealed_are_told_the_way():
    met = Met(*CODES[:2])
    fields = {"of": met.name(met.meeting), "due": rfc3339(DUE), **ACCOUNTS["ALFA"]}
    with pytest.raises(InvalidFieldsError, match="not sealed"):
        met.do("ALFA", START + 2 * HOUR, "commit", {**fields, "text": {"en": "Candid."}})
    given = {"of": fields["of"], "claims": ACCOUNTS["ALFA"]["claims"], "mode": "sealed"}
    with pytest.raises(InvalidFieldsError, match="seal a readout"):
        met.do("ALFA", START + 2 * HOUR, "give", given)
    assert met.do("ALFA", START + 2 * HOUR, "give", {**given, "mode": "open"})


def test_who_gives_a_readout_sealed_means_its_commitment():
    given = {"of": "OPS/ALFA/1", "mode": "sealed", "publish_at": rfc3339(DUE)}
    move, fields = meant(MOVES["readout.give"], given)
    assert (move.name, fields) == ("commit", {"of": "OPS/ALFA/1", "due": rfc3339(DUE)})
    for mode in ({"mode": "open"}, {}):
        stands = {"of": "OPS/ALFA/1", **mode}
        assert meant(MOVES["readout.give"], stands) == (MOVES["readout.give"], stands)
    assert meant(MOVES["readout.commit"], given) == (MOVES["readout.commit"], given)
