"""A refusal names each field by its option, with an example that the field takes."""

from __future__ import annotations

import re

from parley.cli.refusing import refused
from parley.cli.writing import Draft
from parley.errors import InvalidFieldsError, NotFoundError


class Station:
    def get(self, path):
        if path != "/channels/OPS":
            raise NotFoundError(path)
        logs = [{"name": "OPS/ALFA", "size": 1}, {"name": "OPS/BRAVO", "size": 9}]
        return {"ours": "BRAVO", "parties": ["ALFA", "BRAVO"], "logs": logs}


def said(draft, *problems):
    return str(refused(InvalidFieldsError(problems), draft, Station()))


def test_what_is_missing_is_shown_as_it_is_typed_with_the_parties_of_the_channel():
    text = said(
        Draft(channel="OPS", procedure="commitment"),
        ("owner", "This field is needed."),
        ("what", "This field is needed."),
    )
    assert "--field owner: This field is needed, such as --field owner=ALFA;" in text
    assert text.endswith("such as --field 'what=The lights are out.'.")


def test_an_option_of_the_command_is_shown_as_that_option_and_a_text_as_a_text():
    draft = Draft(channel="NONE", procedure="readout", move="give", options={"of": "--meeting"})
    text = said(draft, ("of", "This field is needed."), ("text", "This field is needed."))
    assert "--meeting: This field is needed, such as --meeting NONE/ALFA/1;" in text
    assert "the text: This field is needed, such as 'The lights are out.'." in text
    assert "such as" not in said(Draft(channel="OPS"), ("", "Not now."), ("nets", "Unknown."))


def test_yes_and_times_are_shown_as_they_are_typed():
    draft = Draft(
        channel="OPS", procedure="exercise", fields={"live_fire": "perhaps", "windows": "soon"}
    )
    text = said(draft, ("live_fire", "No."), ("windows", "No."))
    assert "such as --field live_fire=yes" in text
    assert re.search(r"such as --field windows=\S+Z/\S+Z", text)


def test_a_reference_is_shown_as_an_entry_that_is_there():
    text = said(Draft(channel="OPS", procedure="translation"), ("of", "This field is needed."))
    assert "such as --field of=OPS/BRAVO/8" in text


def test_it_says_which_schema_has_more():
    draft = Draft(channel="OPS", procedure="commitment")
    problem = refused(InvalidFieldsError((("owner", "No."),)), draft, Station())
    assert "parley schema commitment.make" in problem.next_step


def test_a_refusal_of_the_desk_speaks_of_options_and_says_a_fault_of_the_text_once():
    problem = InvalidFieldsError(
        (
            ("subject.en", "It holds U+202E."),
            ("text[0]", "It holds U+202E."),
            ("form", "This field is needed."),
            ("rare", "This field is needed."),
        )
    )
    draft = Draft(
        channel="OPS",
        procedure="request",
        move="open",
        options={"form": "--medium"},
        texts=[{"lang": "en", "status": "authentic", "text": "\u202e"}],
    )

    told = refused(problem, draft, Station())

    assert str(told) == (
        "the text: It holds U+202E; "
        "--medium: This field is needed, such as --medium meeting; "
        "--field rare: This field is needed."
    )
    assert told.became == "Nothing was stored or sent."
    assert "parley schema request.open" in told.next_step


def test_an_example_helps_where_the_form_is_wrong_and_not_where_the_state_is():
    def bracket(**fields):
        return Draft(channel="OPS", procedure="joint_text", move="bracket", fields=fields)

    assert "such as" not in said(bracket(no="9"), ("no", "The text has no article 9."))
    assert "such as --field no=1" in said(bracket(no=9), ("no", "This is not a text."))
    agree = Draft(
        channel="OPS", procedure="joint_text", move="agree", fields={"articles": [{"no": "1"}]}
    )
    text = said(agree, ("articles[0].digest", "This field is needed."))
    assert "--field articles: at [0].digest: This field is needed, such as" in text
