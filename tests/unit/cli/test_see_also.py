"""What the help names at its end exists, and every command has it."""

import pytest

from parley.cli.main import TABLE
from parley.cli.see_also import SEE_ALSO
from support.cli_run import run


@pytest.mark.parametrize("name", TABLE)
def test_every_command_names_what_belongs_to_it_and_not_itself(name):
    assert SEE_ALSO[name]
    assert name not in SEE_ALSO[name]
    assert {each for each in SEE_ALSO[name] if " " not in each} <= set(TABLE)


@pytest.mark.parametrize(
    "topic", sorted({each for one in SEE_ALSO.values() for each in one if " " in each})
)
def test_every_topic_that_is_named_is_explained(topic):
    assert run(*topic.split()).code == 0


def test_the_help_ends_with_it():
    assert "parley help delivery" in run("send", "--help").out
