"""Sealed exchange: nothing is read before both have sealed, and nothing sealed can be changed."""

from __future__ import annotations

import pytest

from parley.core.instants import Instant, rfc3339
from parley.desk.rules import MoveDraft, build_move
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, Pair

HOUR, DAY = 3600, 86_400
DUE = START + DAY
OURS = [{"name": "North works"}, {"name": "South works", "position": "10-00N 100-00E"}]
THEIRS = [{"name": "Hill works"}]


class Sealers(Pair):
    """Two parties that keep what they sealed, as stations do."""

    def __init__(self):
        super().__init__()
        self.kept = {}

    def do(self, office, at, move, fields=None, *, case=None, salt=None, **more):
        code = office.partition("/")[0]
        number = self.line.codes.index(code)
        other = next(c for c in self.line.codes if c != code)
        draft = MoveDraft(
            move=move,
            party=number,
            desk="OPS",
            action=() if case else (f"{other}/OPS",),
            case=case,
            fields=fields or {},
            salt=(salt or code.encode()).ljust(32, b".")[:32],
            kept=self.kept.get((code, case), {}),
            moment=Instant(at),
            **more,
        )
        built = build_move(self.registers(at), self.line.view, draft)
        place = self.line.write(number, at, built)
        if built.kept:
            self.kept[code, case or place] = built.kept
        return place

    def see(self, case, at=DUE + HOUR, party=None):
        return self.row("list_exchanges", case, at, party)


def commit(rows, **more):
    return {"series": "works", "due": rfc3339(DUE), "rows": rows, **more}


def both_sealed(**more):
    pair = Sealers()
    case = pair.do("ALFA/OPS", START, "list_exchange.commit", commit(OURS, **more))
    pair.do("BRAVO/OPS", START + 60, "list_exchange.commit", commit(THEIRS), case=case)
    return pair, case


def test_no_row_travels_before_both_have_sealed():
    pair, case = both_sealed()
    raw = repr([placed.entry for placed in pair.line.entries])
    assert "works" in raw, "the series travels"
    assert "North works" not in raw
    assert "Hill works" not in raw
    found = pair.see(case, START + HOUR)
    assert (found["state"], found["committed"]) == ("both committed", ["ALFA", "BRAVO"])
    assert found["both_committed_at"] == rfc3339(START + 60)


def test_opened_by_both_it_is_complete_and_fits_what_was_sealed():
    pair, case = both_sealed()
    for office in ("BRAVO/OPS", "ALFA/OPS"):
        pair.do(office, START + HOUR, "list_exchange.reveal", case=case)
    found = pair.see(case)
    assert (found["state"], found["mismatch"], found["one_sided"]) == ("complete", False, False)
    assert found["count"] == {"ALFA": 2, "BRAVO": 1}
    assert pair.see(case, party="BRAVO")["count"] == 1


def test_the_order_of_rows_says_nothing():
    one, case = both_sealed()
    pair = Sealers()
    other = pair.do("ALFA/OPS", START, "list_exchange.commit", commit(OURS[::-1]))
    first = one.registers(START).case(case).steps[0].fields["commit"]
    assert pair.registers(START).case(other).steps[0].fields["commit"] == first


@pytest.mark.parametrize(
    ("salt", "change"),
    [(b"another", {}), (None, {"series": "harbours"}), (None, {"due": rfc3339(DUE + 1)})],
)
def test_a_commitment_is_bound_to_salt_series_and_time(salt, change):
    one, case = both_sealed()
    pair = Sealers()
    fields = {**commit(OURS), **change}
    other = pair.do("ALFA/OPS", START, "list_exchange.commit", fields, salt=salt)
    first = one.registers(START).case(case).steps[0].fields["commit"]
    assert pair.registers(START).case(other).steps[0].fields["commit"] != first


def test_another_cannot_give_the_same_commitment_as_its_own():
    pair = Sealers()
    case = pair.do("ALFA/OPS", START, "list_exchange.commit", commit(OURS), salt=b"same")
    pair.do("BRAVO/OPS", START + 60, "list_exchange.commit", commit(OURS), case=case, salt=b"same")
    steps = pair.registers(START + HOUR).case(case).steps
    assert steps[0].fields["commit"] != steps[1].fields["commit"]


def test_nothing_is_opened_before_both_have_sealed():
    pair = Sealers()
    case = pair.do("ALFA/OPS", START, "list_exchange.commit", commit(OURS))
    with pytest.raises(MoveNotPermittedError):
        pair.do("ALFA/OPS", START + 60, "list_exchange.reveal", case=case)


def test_nothing_is_opened_before_the_other_has_signed_that_it_holds_the_seal():
    pair = Sealers()
    case = pair.do("ALFA/OPS", START, "list_exchange.commit", commit(OURS))
    pair.line.cut.add((1, 0))
    pair.do("BRAVO/OPS", START + 60, "list_exchange.commit", commit(THEIRS), case=case)
    with pytest.raises(InvalidFieldsError, match="wait for that"):
        pair.do("BRAVO/OPS", START + 90, "list_exchange.reveal", case=case)
    pair.line.cut.clear()
    pair.line.exchange(START + 120)
    pair.line.sign(START + 120)
    pair.do("BRAVO/OPS", START + 150, "list_exchange.reveal", case=case)


def test_ones_own_station_stops_an_opening_that_does_not_fit():
    pair, case = both_sealed()
    fields = {"rows": THEIRS, "salt": pair.kept["ALFA", case]["salt"]}
    with pytest.raises(InvalidFieldsError, match="not what was sealed"):
        pair.do("ALFA/OPS", START + HOUR, "list_exchange.reveal", fields, case=case)
    pair.kept.clear()
    with pytest.raises(InvalidFieldsError, match="not held here any more"):
        pair.do("ALFA/OPS", START + HOUR, "list_exchange.reveal", case=case)


@pytest.mark.parametrize("changed", [[{"name": "North works"}], 1, True])
def test_an_altered_opening_is_found_out_by_both(changed):
    pair, case = both_sealed()
    pair.do("BRAVO/OPS", START + HOUR, "list_exchange.reveal", case=case)
    fields = {"rows_changed": changed}
    pair.do("ALFA/OPS", START + HOUR, "list_exchange.reveal", fields, case=case)
    assert (pair.see(case)["state"], pair.see(case)["mismatch"]) == ("mismatch", True)
    assert pair.see(case, party="ALFA")["mismatch"] is True
    assert pair.see(case, party="BRAVO")["mismatch"] is False


def test_a_stranger_that_opens_other_rows_with_the_right_salt_is_found_out():
    pair, case = both_sealed()
    fields = {4: [0, case.index], 34: [{0: "More"}, {0: "Hill works"}], 62: "ab" * 32}
    pair.line.raw(1, START + HOUR, kind=2401, fields=fields)
    assert pair.registers(START + HOUR).irregular == ()
    assert pair.see(case, party="BRAVO")["mismatch"] is True


def test_a_sealed_entry_that_shows_its_rows_or_has_no_commitment_is_irregular():
    pair = Sealers()
    fields = {18: "OPS", 19: [[0, "OPS"]], 32: "works", 33: DUE}
    pair.line.raw(1, START, kind=2400, fields={**fields, 34: [{0: "Hill works"}], 63: "ab" * 32})
    pair.line.raw(1, START, kind=2400, fields=fields)
    assert [one.code for one in pair.registers(START).irregular] == ["unknown", "missing"]


def test_who_does_not_open_in_time_leaves_it_one_sided_and_who_never_seals_misses_it():
    pair, case = both_sealed()
    pair.do("BRAVO/OPS", START + HOUR, "list_exchange.reveal", case=case)
    assert pair.see(case, DUE + 599)["state"] == "revealed by one"
    assert (pair.see(case, DUE + 600)["state"], pair.see(case)["one_sided"]) == ("one-sided", True)
    pair = Sealers()
    case = pair.do("ALFA/OPS", START, "list_exchange.commit", commit(OURS))
    assert pair.see(case, DUE - 1)["state"] == "committed by one"
    assert (pair.see(case, DUE)["state"], pair.see(case)["missed_by"]) == ("missed", ["BRAVO"])
    pair.do("ALFA/OPS", DUE + 60, "list_exchange.withdraw", case=case)
    assert pair.see(case)["state"] == "withdrawn"


def test_no_rows_are_a_list_and_the_other_must_seal_for_the_same_time():
    pair = Sealers()
    case = pair.do("ALFA/OPS", START, "list_exchange.commit", commit([]))
    late = {**commit(THEIRS), "due": rfc3339(DUE + 60)}
    with pytest.raises(InvalidFieldsError, match="due"):
        pair.do("BRAVO/OPS", START + 60, "list_exchange.commit", late, case=case)
    pair.do("BRAVO/OPS", START + 60, "list_exchange.commit", commit(THEIRS), case=case)
    pair.do("ALFA/OPS", START + HOUR, "list_exchange.reveal", case=case)
    assert pair.see(case, party="ALFA")["count"] == 0


def test_what_was_added_and_what_is_gone_since_the_list_before():
    pair, case = both_sealed()
    for office in ("BRAVO/OPS", "ALFA/OPS"):
        pair.do(office, START + HOUR, "list_exchange.reveal", case=case)
    fields = {**commit([OURS[0], {"name": "East works"}]), "due": rfc3339(DUE + 365 * DAY)}
    later = pair.do("ALFA/OPS", START + 2 * DAY, "list_exchange.commit", fields)
    fields = {**commit(THEIRS), "due": rfc3339(DUE + 365 * DAY)}
    pair.do("BRAVO/OPS", START + 2 * DAY, "list_exchange.commit", fields, case=later)
    pair.do("ALFA/OPS", START + 3 * DAY, "list_exchange.reveal", case=later)
    found = pair.see(later, START + 4 * DAY, "ALFA")
    assert (found["added"], found["gone"]) == (["East works"], ["South works"])


def test_offers_are_sealed_and_opened_alike():
    pair = Sealers()
    fields = {"series": "nets", "due": rfc3339(DUE), "offer": {"en": "Both sides ten metres"}}
    case = pair.do("ALFA/OPS", START, "sealed_offer.commit", fields)
    pair.do("BRAVO/OPS", START + 60, "sealed_offer.commit", fields, case=case)
    assert "ten metres" not in repr([placed.entry for placed in pair.line.entries])
    for office in ("ALFA/OPS", "BRAVO/OPS"):
        pair.do(office, START + HOUR, "sealed_offer.reveal", case=case)
    row = pair.row("sealed_offers", case, DUE, "BRAVO")
    assert (row["offer"], row["mismatch"]) == ({"en": "Both sides ten metres"}, False)
    assert pair.row("sealed_offers", case, DUE)["state"] == "complete"
