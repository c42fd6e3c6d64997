"""What can be left out of a bundle is what its entries have, by name."""

import pytest

from parley.core.entry import Entry
from parley.desk.catalogue import KINDS
from parley.desk.envelope import F_ATTACH, F_SUBJECT
from parley.errors import UsageError
from parley.station.file_evidence import FILES, WITHHELD_FILES, opened_fields
from parley.station.withholding import fields_of_entries, known_fields, withheld_of

KIND = next(iter(KINDS))


def two_moves_of_one_number():
    """Two moves whose fields of the same number are called otherwise."""
    moves = list(KINDS.values())
    return next(
        (one, other, mine, theirs)
        for one in moves
        for other in moves
        for mine in one.fields
        for theirs in other.fields
        if mine.number == theirs.number and mine.name != theirs.name and mine.number >= 32
    )


def test_only_what_the_entries_have_is_offered_in_their_order():
    entry = Entry(kind=KIND, time=1, fields={F_SUBJECT: "Call", F_ATTACH: []})

    assert list(fields_of_entries([entry])) == ["subject", "attach", FILES]
    assert fields_of_entries([entry])[FILES] == {WITHHELD_FILES}


def test_a_name_withholds_its_own_field_and_not_another_of_the_same_number():
    one, other, mine, theirs = two_moves_of_one_number()
    entries = [
        Entry(kind=one.kind, time=1, fields={mine.number: 1}),
        Entry(kind=other.kind, time=1, fields={theirs.number: 1}),
    ]

    hidden = withheld_of([mine.name], fields_of_entries(entries), listed=True)

    assert [opened_fields(each, hidden) for each in entries] == [set(), {theirs.number}]


def test_a_field_that_is_not_there_is_refused_with_the_choices():
    entry = Entry(kind=KIND, time=1, fields={F_SUBJECT: "Call"})
    assert "location" not in fields_of_entries([entry])

    with pytest.raises(UsageError, match="there is no field 'windows' to withhold") as refused:
        withheld_of(["windows"], fields_of_entries([entry]), listed=True)
    assert refused.value.next_step == "Names that there are: subject."
    with pytest.raises(UsageError) as far:
        withheld_of(["subjekt"], known_fields(), listed=False)
    assert "subject" in far.value.next_step
