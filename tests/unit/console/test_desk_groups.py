"""The desk's registers in groups."""

from types import SimpleNamespace

from parley.console.desk_groups import GROUPS, groups, moves_in_groups
from parley.desk.catalogue import PROCEDURES


def test_every_declared_procedure_stands_in_one_group_and_none_is_left_over():
    named = [name for names in GROUPS.values() for name in names]

    assert len(named) == len(set(named))
    assert sorted(set(PROCEDURES) - set(named)) == []


def test_a_procedure_that_no_group_names_is_found_under_other():
    known = SimpleNamespace(name="request")
    strange = SimpleNamespace(name="strange")

    made = groups([strange, known], "strange")

    assert [(group.name, group.is_shown) for group in made] == [
        ("requests", False),
        ("other", True),
    ]


def test_registers_stand_in_the_order_of_their_group():
    shown = [SimpleNamespace(name=name) for name in ("agenda", "call", "meeting")]

    [group] = groups(shown, "call")

    assert [one.name for one in group.procedures] == ["meeting", "call", "agenda"]


def test_what_may_be_begun_stands_in_the_groups_of_the_registers():
    offered = [
        SimpleNamespace(procedure=name) for name in ("call", "strange", "request", "meeting")
    ]

    grouped = moves_in_groups(offered)

    assert [(name, [one.procedure for one in members]) for name, members in grouped] == [
        ("requests", ["request"]),
        ("meetings", ["meeting", "call"]),
        ("other", ["strange"]),
    ]
