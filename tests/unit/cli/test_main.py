"""The command line's exit codes and sentences."""

import json

from parley.cli.main import main
from parley.core.card import armour
from parley.sim.people import make_identity


def test_version_is_told_as_json(capsys):
    assert main(["version", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "parley.version/1"


def test_a_missing_card_has_a_next_step_and_code_5(capsys):
    assert main(["card", "show", "/nowhere/at.all"]) == 5
    assert "Check the path" in capsys.readouterr().err


def test_a_card_shows_its_words(tmp_path, capsys):
    card = make_identity("ALFA").card
    path = tmp_path / "alfa.card"
    path.write_text(armour(card), encoding="ascii")
    assert main(["card", "show", str(path)]) == 0
    assert " ".join(card.words("zh")) in capsys.readouterr().out


def test_an_unknown_command_is_code_2():
    assert main(["no-such-command"]) == 2


def test_a_seed_is_played_and_told(capsys):
    assert main(["simulate", "--seed", "3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["broken"] is None
