"""The command: its arguments, its exit codes, its two outputs, and its one-file form."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from parley_verify.__main__ import main
from support import bundle_forge as forge
from support.bundle_forge import Story

ROOT = Path(__file__).parents[3]


@pytest.fixture
def story() -> Story:
    story = Story()
    story.pass_time()
    return story


def written(folder: Path, raw: bytes, name: str = "proof.parley") -> str:
    path = folder / name
    path.write_bytes(raw)
    return str(path)


def trusting(story: Story) -> list[str]:
    return [word for fingerprint in story.trust for word in ("--trust", fingerprint)]


def test_a_proof_is_exit_0(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([written(tmp_path, story.lapsed()), *trusting(story)]) == 0
    out = capsys.readouterr().out
    assert "VALID: every claim is proved" in out
    assert "lapsed (proved)" in out


def test_less_than_a_proof_is_exit_14_and_strictly_7(story: Story, tmp_path: Path) -> None:
    path = written(tmp_path, story.lapsed())

    assert main([path]) == 14
    assert main([path, "--strict"]) == 7


def test_a_changed_file_is_exit_7_and_says_where(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = bytearray(story.lapsed())
    raw[raw.index(b"time ") + 8] ^= 1

    assert main([written(tmp_path, bytes(raw)), *trusting(story)]) == 7
    out = capsys.readouterr().out
    assert "does not verify" in out
    assert "where      byte " in out
    assert "notes[0]" in out


def test_a_missing_file_is_exit_5_and_a_bad_argument_2(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, story.lapsed())

    assert main([str(tmp_path / "none")]) == 5
    assert main([path, "--trust", str(tmp_path / "none")]) == 5
    assert main([path, "--trust", path]) == 2
    assert main([str(tmp_path)]) == 2
    assert main([]) == 2
    assert main([path, "--loud"]) == 2
    assert "Next: parley-verify --help" in capsys.readouterr().err


@pytest.mark.parametrize(
    "argument",
    ["a\0b", "x" * 5000, "+1+" * 300, "\udcff+\udcfe+\udcff", "w+00000000+\u0660", "", "+", "++"],
)
@pytest.mark.parametrize("is_trust", [False, True])
def test_an_argument_that_names_nothing_is_told_in_one_sentence(
    argument: str, is_trust: bool, story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, story.delivered())

    code = main([path, "--trust", argument] if is_trust else [argument])

    told = capsys.readouterr()
    assert code in (2, 5)
    assert told.out == ""
    assert len(told.err.splitlines()) == 2
    assert "\0" not in told.err


def test_a_folder_a_loop_and_a_card_of_nobody_are_told(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, story.delivered())
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    other = written(tmp_path, forge.cbor(forge.Party("CHARLIE").card()), "charlie.card")

    assert [main([str(each)]) for each in (tmp_path, loop)] == [2, 2]
    assert main([path, "--trust", path]) == 2
    assert main([path, "--trust", other]) == 14
    twice = [*trusting(story), *trusting(story), "--trust", other, "--trust", other]
    assert main([path, *twice]) == 0
    assert "Traceback" not in capsys.readouterr().err


def test_a_missing_file_is_one_json_object_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["/nowhere/at/all", "--json"]) == 5

    whole = json.loads(capsys.readouterr().out)
    assert (whole["schema"], whole["ok"], whole["error"]["exit"]) == ("parley.error/1", False, 5)


def test_json_says_what_the_lines_say(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, story.lapsed())

    assert main([path, *trusting(story), "--json", "--explain"]) == 0

    whole = json.loads(capsys.readouterr().out)
    item = whole["data"]["items"][0]
    assert (whole["schema"], whole["ok"], item["result"]) == ("parley.verify/1", True, "valid")
    assert item["claims"][0]["verdict"] == "lapsed (proved), time class T1"
    assert [step["mark"] for step in item["claims"][0]["steps"]] == ["shown"] * 7


def test_explain_tells_the_steps_in_order(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([written(tmp_path, story.lapsed()), *trusting(story), "--explain"])

    steps = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  step")]
    assert [line.split()[1] for line in steps] == [str(n) for n in range(1, 8)]
    assert "wrote entry ALFA/2" in steps[0]
    assert "none withdraws it" in steps[-1]


def test_trust_is_a_card_file_an_armoured_card_or_a_witness_key(
    story: Story, tmp_path: Path
) -> None:
    path = written(tmp_path, story.lapsed())
    alfa = written(tmp_path, forge.cbor(story.alfa.card()), "alfa.card")
    text = forge.b64(forge.cbor(story.bravo.card()))
    rows = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    armoured = f"-----BEGIN PARLEY CARD-----\n{rows}\n-----END PARLEY CARD-----\n"
    bravo = written(tmp_path, armoured.encode(), "bravo.card")
    witness = forge.vkey("w", "w")

    assert main([path, "--trust", alfa, "--trust", bravo, "--trust", witness]) == 0
    assert main([bravo, "--trust", story.trust[1]]) == 0
    assert main([bravo]) == 14


def test_the_worst_of_several_files_is_the_exit_code(story: Story, tmp_path: Path) -> None:
    good = written(tmp_path, story.lapsed())
    bad = written(tmp_path, story.lapsed()[:-1], "bad.parley")

    assert main([good, bad, *trusting(story)]) == 7


def test_without_a_library_ed25519_is_checked_and_the_rest_is_said(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = written(tmp_path, story.lapsed())
    raw = bytearray(story.lapsed())
    raw[raw.index(b"time ") + 8] ^= 1
    bad = written(tmp_path, bytes(raw), "bad.parley")

    assert main([good, *trusting(story), "--plain"]) == 14
    assert "post-quantum half not checked" in capsys.readouterr().out
    assert main([bad, *trusting(story), "--plain"]) == 7


def test_the_one_file_form_runs_on_a_bare_python(story: Story, tmp_path: Path) -> None:
    single = tmp_path / "check.py"
    subprocess.run([sys.executable, str(ROOT / "tools/single_file.py"), str(single)], check=True)
    proof = written(tmp_path, story.lapsed())
    raw = bytearray(story.lapsed())
    raw[-40] ^= 1
    bad = written(tmp_path, bytes(raw), "bad.parley")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        # -I and -S: no site packages, so neither this project nor `cryptography` is found.
        return subprocess.run(
            [sys.executable, "-I", "-S", str(single), *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=tmp_path,
        )

    good = run(proof, *trusting(story))
    assert (good.returncode, good.stderr) == (14, "")
    assert "lapsed (proved), time class T1" in good.stdout
    assert "post-quantum half not checked" in good.stdout
    assert run(bad, *trusting(story)).returncode == 7
    assert run("none").returncode == 5


def test_the_verifier_imports_nothing_of_the_station() -> None:
    code = (
        "import sys, parley_verify.__main__;"
        "sys.exit(any(name.partition('.')[0] == 'parley' for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
