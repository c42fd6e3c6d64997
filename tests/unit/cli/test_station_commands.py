"""Station commands without a running station: what they print, and how they reach or fail."""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer

from parley.cli import (
    batch,
    batch_messages,
    closed,
    failures,
    reach,
    shown,
    status,
    submitting,
    topics,
    watch,
)
from parley.cli.batch_waiting import Waiting
from parley.cli.command import TEXT_BYTES_MAX, Run, _language_of, read_text
from parley.cli.main import TABLE, app, main
from parley.cli.output import Column, Output, Result
from parley.cli.requests import _owing
from parley.cli.schemas import names_of_schemas, schema_of
from parley.cli.writing import draft_of, first_words, named_fields
from parley.errors import StationUnreachableError, UsageError
from parley.station.directory import hold
from support.cli_run import run

# --- how times, cases and texts read ---


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1100, "0:18:20"), (-61, "-0:01:01"), (273_600, "3 d 04 h"), (None, "-")],
)
def test_a_span_reads_as_people_say_it(seconds: int | None, text: str) -> None:
    assert shown.span(seconds) == text


def test_a_text_of_several_lines_cannot_pass_for_a_line_of_ours() -> None:
    text = {"lang": "en", "status": "authentic", "text": "a\nsigned     no\u202e"}

    lines = shown.text_lines([text])

    assert lines == ["[en, authentic]", "  a", "  signed     no\\u202e"]


def row(**more: Any) -> dict[str, Any]:
    """A row of the register as the API gives it, as far as it is shown."""
    return {
        "owed_by": "BRAVO", "us_owe": False, "proved": False, "clock": "running",
        "state": "sent", "left_s": 1100, "due_rule": "owed",
    } | more  # fmt: skip


def test_the_register_ends_with_who_owes_how_many_and_what_is_proved() -> None:
    rows = [
        row(owed_by="ALFA", us_owe=True),
        row(clock="lapsed-silent", proved=True),
        row(owed_by="DELTA", clock="lapsed-dark"),
        row(owed_by=None),
    ]

    assert _owing(rows, is_part=False) == (
        "4 requests. We owe 1, BRAVO owes 1 (1 proved), DELTA owes 1 (1 dark)."
    )


def test_what_no_rule_sets_was_asked_for_and_is_owed_by_nobody() -> None:
    rows = [row(due_rule="asked-for"), row(due_rule="asked-for", us_owe=True)]

    assert _owing(rows, is_part=False) == "2 requests. BRAVO was asked for 1, We were asked for 1."
    assert _owing(rows[:1], is_part=False) == "1 request. BRAVO was asked for 1."


@pytest.mark.parametrize(
    ("case", "text"),
    [
        (row(), "sent, due in 0:18:20"),
        (row(clock="lapsed-silent"), "lapsed, silent"),
        (row(clock="lapsed-dark"), "lapsed, dark"),
        (row(clock="answered", state="declined"), "declined"),
    ],
)
def test_a_case_stands_as_its_clock_and_state_say(case: dict[str, Any], text: str) -> None:
    assert shown.standing(case) == text


def test_the_line_of_a_silent_peer_says_since_when_and_that_its_key_is_not_trusted() -> None:
    line = {
        "peer": "BRAVO", "line": "silent", "silent_s": 3661, "last_heard": None,
        "person": {"state": "missed", "at": None}, "trusted": False, "key_state": "changed",
    }  # fmt: skip

    assert status._line(line) == (
        "line       BRAVO  silent, heard 1:01:01 ago; person missed, key changed"
    )


# --- what is written ---


def test_fields_are_text_or_json_and_twice_makes_a_list() -> None:
    given = ["number=12", "area:=[1,2]", "topic=a", "topic=b", "note=a=b"]

    assert named_fields(given) == {
        "number": "12", "area": [1, 2], "topic": ["a", "b"], "note": "a=b",
    }  # fmt: skip


@pytest.mark.parametrize("wrong", ["name", "=value", "x:=nonsense"])
def test_a_field_that_cannot_be_read_is_a_usage_error(wrong: str) -> None:
    with pytest.raises(UsageError):
        named_fields([wrong])


def test_a_message_without_a_subject_gets_its_first_words() -> None:
    draft = draft_of({}, channel="OPS", language="en", text="First words.\nMore.")
    named = draft_of({"subject": "S"}, channel="OPS", language="en", text="First words.")

    assert draft.fields["subject"] == "First words."
    assert named.fields["subject"] == "S"


def test_long_first_words_are_cut_between_words() -> None:
    cut = first_words("word " * 40)

    assert len(cut) <= 60
    assert cut.endswith("word\u2026")


# --- waiting, with a door that answers what we tell it ---


class FakeDoor:
    """Answers deliveries in turn; the last one for ever."""

    def __init__(self, *states: str) -> None:
        self.states = list(states)

    def get(self, path: str, **params: Any) -> Any:
        del path, params
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if state == "interrupted":
            raise KeyboardInterrupt
        step = {"step": state, "at": "2026-11-24T05:12:09Z", "by": "BRAVO", "entry": None}
        step |= {"statement_no": 7, "text": "receipt BRAVO size 9912"}
        return {"state": state, "stored_at": "2026-11-24T05:12:08Z", "steps": [step]}


def a_run(**more: Any) -> Any:
    return Run(out=Output(**more))


def test_each_step_of_delivery_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    door = FakeDoor("on-path", "on-path", "delivered")

    delivery = submitting.wait_delivery(a_run(), door, "OPS/ALFA/1", "delivered", None)

    told = capsys.readouterr().err.splitlines()
    assert delivery["reached"] is True
    assert told == [
        "on-path    051209Z  receipt BRAVO size 9912",
        "delivered  051209Z  receipt BRAVO size 9912, 1 s after storing",
    ]


def test_a_step_beyond_the_one_waited_for_ends_the_waiting() -> None:
    delivery = submitting.wait_delivery(
        a_run(), FakeDoor("acknowledged"), "OPS/ALFA/1", "delivered", None
    )

    assert delivery["reached"] is True


def test_an_interrupted_wait_says_how_to_take_it_up(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        submitting.wait_delivery(a_run(), FakeDoor("interrupted"), "OPS/ALFA/1", "answered", None)

    assert "parley wait OPS/ALFA/1 --for answered" in capsys.readouterr().err


def test_a_follower_begins_afresh_after_the_station_was_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reach, "_AWAY_S", 0.0)

    class Away:
        calls = 0

        def events(self, topics: tuple[str, ...]) -> Iterator[dict[str, Any]]:
            del topics
            self.calls += 1
            if self.calls == 2:
                raise StationUnreachableError("away")
            yield {"type": "entry", "seq": self.calls}

    kinds: list[str] = []

    def act(event: Mapping[str, Any]) -> None:
        kinds.append(event["type"])
        if len(kinds) == 3:
            raise StationUnreachableError("away while we asked something")
        if len(kinds) == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reach.follow_events(a_run(), Away(), ("entry",), act)

    assert kinds == ["reset", "entry", "reset", "reset", "reset", "entry"]


# --- batch ---


class BatchDoor:
    """Takes a batch; unreachable the first time, its desk still reading the second time."""

    def __init__(self) -> None:
        self.is_reading = True
        self.entries: dict[str, str] = {}
        self.is_away = True
        self.asked = 0
        self.sizes: list[int] = []
        self.stored = threading.Event()

    def get(self, path: str, **params: Any) -> Any:
        del params
        if path == "/station":
            return {"languages": ["en"]}
        if path == "/logs/OPS/ALFA":
            self.asked += 1
            return {"ordinal": 1, "receipts": []}
        raise AssertionError(f"a batch does not ask {path}")

    def events(self, topics: tuple[str, ...], after: str | None = None) -> Iterator[dict[str, Any]]:
        assert topics == ("receipt",)
        del after
        yield {"type": "beat"}
        self.stored.wait(20)
        at = {"time": "2026-11-24T05:12:09Z", "peer": "BRAVO", "channel": "OPS", "ordinal": 1}
        # The second entry is missed by the first receipt, and comes with the next one.
        yield {"type": "receipt", "own": True, "size": 2, "missing": [[1, 2]], **at}
        yield {"type": "receipt", "own": False, "size": 2, "missing": [], **at}
        yield {"type": "receipt", "own": True, "size": 2, "missing": [], **at}
        threading.Event().wait(20)

    def post(self, path: str, body: Any) -> Any:
        assert path == "/submissions/batch"
        if self.is_away:
            self.is_away = False
            raise StationUnreachableError("starting again")
        if self.is_reading:
            self.is_reading = False
            problem = {"code": StationUnreachableError.code, "title": "reading", "detail": ""}
            return {"items": [{"submitted": None, "problem": problem} for _ in body]}
        self.sizes.append(len(body))
        if len(self.entries) + len(body) > 1:
            self.stored.set()
        return {"items": [self._one(member["key"]) for member in body]}

    def _one(self, key: str) -> dict[str, Any]:
        is_known = key in self.entries
        entry = self.entries.setdefault(key, f"OPS/ALFA/{len(self.entries)}")
        done = {"entry": entry, "draft": "D-1", "hash": "00", "stored_at": None}
        return {"submitted": {**done, "replayed": is_known}, "problem": None}


def test_a_batch_goes_on_when_the_station_comes_back_and_ends_when_all_is_delivered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    door = BatchDoor()

    @contextmanager
    def opened(_: Any) -> Iterator[BatchDoor]:
        yield door

    monkeypatch.setattr(batch, "reach", opened)
    monkeypatch.setattr(batch, "_AWAY_S", 0.0)
    lines = [{"id": f"m{n}", "channel": "OPS", "text": "t"} for n in (1, 2, 1)]
    given = "".join(json.dumps(line) + "\n" for line in lines)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))

    ended = run("send", "--batch", "--json")

    events = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.code == 0
    assert [one["replayed"] for one in events if one.get("event") == "stored"] == [
        False, False, True,
    ]  # fmt: skip
    assert "m2" in [one["id"] for one in events if one.get("event") == "delivered"]
    assert events[-1]["data"]["waiting"] == 0
    assert set(door.entries) == {"batch:m1", "batch:m2"}


def test_a_receipt_is_not_lost_to_an_older_one_that_comes_behind_it() -> None:
    waiting = Waiting("delivered", lambda path: pytest.fail(f"asked for {path}"))
    at = {"time": "2026-11-24T05:12:09Z", "peer": "BRAVO", "channel": "OPS", "ordinal": 1}
    sizes = [3, 2]
    waiting.add("OPS/ALFA/2", "m2")

    waiting.take(
        {"type": "receipt", "own": True, "size": size, "missing": [], **at} for size in sizes
    )

    assert [one["id"] for one in waiting.reached()] == ["m2"]
    waiting.add("OPS/ALFA/1", "m1")
    assert [one["id"] for one in waiting.reached()] == ["m1"]
    assert waiting.entries == {}


def test_receipts_do_not_pile_up_where_a_further_step_is_waited_for() -> None:
    waiting = Waiting("acknowledged", lambda path: pytest.fail(f"asked for {path}"))
    at = {"time": "2026-11-24T05:12:09Z", "peer": "BRAVO", "channel": "OPS", "ordinal": 1}

    waiting.take(
        {"type": "receipt", "own": True, "size": size, "missing": [], **at} for size in (1, 2)
    )

    assert not waiting._receipts


def test_a_batch_names_each_bad_line_and_is_not_stopped_by_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    door = BatchDoor()
    door.stored.set()

    @contextmanager
    def opened(_: Any) -> Iterator[BatchDoor]:
        yield door

    monkeypatch.setattr(batch, "reach", opened)
    good = b'{"id":"last","channel":"OPS","text":"t"}'
    bad = [
        b"{nonsense",
        b"\xff\xfe",
        b'{"id":"half","channel":"OPS","text":"\\ud800"}',
        b'{"id":"what","channel":"OPS","text":"t","unknown":1}',
        b'{"id":"to","channel":"OPS","text":"t","to":5}',
        b'{"id":"p","channel":"OPS","text":"t","precedence":[1]}',
        b'{"id":7,"channel":"OPS","text":"t"}',
        b'{"id":"long","text":"' + b"x" * batch_messages.LINE_BYTES_MAX + b'"}',
        b"[" * 5000,
    ]
    given = b"\n".join([*bad, good]) + b"\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))

    ended = run("send", "--batch")

    lines = [json.loads(line) for line in ended.out.splitlines()]
    failed = [line for line in lines if line.get("event") == "failed"]
    assert [one["line"] for one in failed] == list(range(1, len(bad) + 1))
    assert [one["id"] for one in failed] == [None, None, None, "what", "to", "p", None, None, None]
    members = {"code", "exit", "title", "detail", "became", "next"}
    assert all(members <= set(one["error"]) for one in failed)
    assert [one["id"] for one in lines if one.get("event") == "stored"] == ["last"]
    assert lines[-1]["type"] == "result"
    assert lines[-1]["data"]["failed"] == len(bad)
    assert ended.code == 14
    assert "9 failed" in ended.err


# --- how a failure reads ---


@pytest.mark.parametrize(
    ("detail", "line"),
    [
        ("the channel is missing", "The channel is missing"),
        ("ops.parley is there already", "ops.parley is there already"),
        ("'foo' is no entry's name", "'foo' is no entry's name"),
        ("--medium: This field is needed.", "--medium: This field is needed."),
    ],
)
def test_a_sentence_begins_with_a_capital_and_a_name_keeps_its_letters(
    detail: str, line: str
) -> None:
    failure = failures.of_error(UsageError(detail, next_step="do this."))

    assert failure.lines()[0] == line
    assert failure.lines()[1] == "Nothing was changed or sent."
    assert failure.lines()[2] == "Next: do this.        (exit 2)"


def test_a_station_that_went_away_is_not_said_to_have_done_nothing() -> None:
    failure = failures.of_error(StationUnreachableError("it went away in the middle"))

    assert failure.became == ""


def test_what_a_table_is_followed_by_stays_out_of_a_pipe(
    capsys: pytest.CaptureFixture[str],
) -> None:
    columns = [Column(key="a", title="A")]
    data = {"items": [{"a": "1"}], "next_cursor": None}

    Output().finish(Result(data=data, columns=columns, lines=["1 thing."]))

    told = capsys.readouterr()
    assert told.out == "1\n"
    assert told.err == "1 thing.\n"


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_of_texts_is_that_of_the_environment(
    environ: Mapping[str, str], language: str
) -> None:
    assert _language_of(environ) == language


@pytest.mark.parametrize("raw", [b"a\xff", b"x" * (TEXT_BYTES_MAX + 1)])
def test_a_text_that_is_no_text_or_has_no_end_is_refused(
    raw: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "text"
    file.write_bytes(raw)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))

    for given in ((None, file), ("-", None)):
        with pytest.raises(UsageError, match="the text (is not UTF-8|has more than)"):
            read_text(*given)


def test_an_empty_text_is_refused_before_anybody_is_asked(alfa: Path) -> None:
    given: dict[str, Any] = {}

    with pytest.raises(UsageError, match="the text is empty"):
        draft_of(given, channel="OPS", language="en", text=" \n", needs_text=True)


@pytest.mark.parametrize("is_json", [False, True])
def test_ctrl_c_says_what_became_of_the_work(
    is_json: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "reach", interrupted)

    ended = run("watch", *["--json"] * is_json)

    assert ended.code == 130
    assert "What was stored before stays stored." in ended.err
    assert ended.out == "" or json.loads(ended.out)["error"]["code"] == "interrupted"
    assert bool(ended.out) == is_json


def test_what_is_on_its_way_is_not_called_a_disagreement() -> None:
    sizes = {"own_size": 2, "their_receipt_size": 1, "their_size": 0, "our_held_size": 0}
    record = [{"channel": "OPS", "peer": "BRAVO", "agrees": False, **sizes}]
    overview = {
        "station": {"code": "ALFA", "mark": "LIVE"}, "now": None, "lines": [], "needs": [], "needs_count": 0,
        "balances": [], "drafts_held": 0, "record": record,
    }  # fmt: skip

    line = status._lines(overview, "en")[-1]

    assert "BRAVO holds 1 of our 2" in line
    assert "DIFFER" not in line


# --- reaching a station ---


def test_what_leaves_needs_a_running_station_and_says_how_to_start_it(
    alfa: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "START_PATIENCE_S", 0.0)

    ended = run("send", "OPS", "text", "--station", "./alfa", "--json")

    assert ended.code == 9
    assert "parley serve --station ./alfa" in ended.json["error"]["next"]


@pytest.mark.parametrize(
    "command",
    [
        ("peer", "list"), ("path", "list"), ("channel", "list"), ("officer", "list"),
        ("token", "list"), ("draft", "list"), ("requests",), ("case", "list"), ("inbox",),
        ("status",), ("doctor",), ("log", "check"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_station_that_does_not_run_is_read_all_the_same(
    alfa: Path, command: tuple[str, ...]
) -> None:
    ended = run(*command, "--station", "./alfa", "--json")

    assert ended.code == 0, ended.err
    name = ended.json["schema"].removeprefix("parley.").removesuffix("/1")
    jsonschema.validate(ended.json, schema_of(name))
    assert run(*command, "--station", "./alfa").code == 0


def test_a_station_that_starts_while_we_look_is_waited_for(
    alfa: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, asked = iter([False, True]), []

    class Running:
        def __init__(self, *, socket: Path, officer: str | None) -> None:
            asked.append(socket)

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def get(self, path: str, **_: Any) -> Any:
            return {"items": [], "next_cursor": None}

    # The first look comes before `parley serve` holds the directory, the next one after.
    serves = iter([False, True, True])
    monkeypatch.setattr(closed, "LOCK_PATIENCE_S", 0.0)
    monkeypatch.setattr(reach, "is_running", lambda _: next(looks))
    monkeypatch.setattr(reach, "_serving", lambda _: next(serves))
    monkeypatch.setattr("parley.api.client.Client", Running)

    with hold(alfa, purpose="parley serve"):
        ended = run("peer", "list", "--station", "./alfa", "--json")

    assert ended.code == 0, ended.err
    assert asked == [alfa / "control.sock"]


def test_a_directory_that_another_process_holds_ends_with_11_and_names_it(
    alfa: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closed, "LOCK_PATIENCE_S", 0.0)

    with hold(alfa, purpose="a test"):
        ended = run("peer", "list", "--station", "./alfa", "--json")

    assert ended.code == 11
    assert "a test" in ended.json["error"]["detail"]


def test_our_own_card_is_no_peer_and_a_damaged_one_is_refused(alfa: Path) -> None:
    own = run("peer", "add", "alfa/own.card", "--station", "./alfa", "--json")
    raw = (alfa / "own.card").read_bytes()
    Path("bad.card").write_bytes(raw[: len(raw) // 2])
    bad = run("peer", "add", "bad.card", "--station", "./alfa", "--json")

    assert own.code == 6
    assert bad.code != 0
    assert run("peer", "list", "--station", "./alfa", "--json").json["data"]["items"] == []


def test_an_officer_is_added_and_the_last_administrator_stays(alfa: Path) -> None:
    added = run("officer", "add", "ALFA-2", "--role", "watch", "--station", "./alfa", "--json")
    last = run("officer", "suspend", "ALFA-1", "--station", "./alfa", "--json")

    assert added.code == 0, added.err
    assert added.json["data"]["roles"] == ["watch"]
    assert last.code == 6


def test_no_name_can_leave_its_place_in_the_address() -> None:
    assert reach.segment("OPS/REQ-ALFA-1") == "OPS~REQ-ALFA-1"
    assert reach.segment("a?b=c#d") == "a%3Fb%3Dc%23d"
    for wrong in ("", ".", ".."):
        with pytest.raises(UsageError):
            reach.segment(wrong)


@pytest.mark.parametrize("wrong", ["x", "a/b", "a/b/c", "a/b/1/2", "a//1"])
def test_what_is_no_entry_name_is_told_so(wrong: str) -> None:
    with pytest.raises(UsageError):
        reach.entry_path(wrong)


class Terminal(io.StringIO):
    """Standard output as a terminal."""

    def isatty(self) -> bool:
        return True


def test_long_lines_fold_between_words_on_a_terminal_of_80_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "stdout", Terminal())
    text = "proves     " + "word " * 40

    Output().finish(Result(data={}, lines=[text]))

    lines = sys.stdout.getvalue().splitlines()
    assert len(lines) == 3
    assert max(len(line) for line in lines) <= 80
    assert all(line.startswith(" " * 11) for line in lines[1:])
    assert " ".join(lines).split() == text.split()


@pytest.mark.parametrize("is_terminal", [True, False])
def test_json_does_not_depend_on_a_terminal(
    alfa: Path, monkeypatch: pytest.MonkeyPatch, is_terminal: bool
) -> None:
    out = Terminal() if is_terminal else io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)

    assert main(["officer", "list", "--station", "./alfa", "--json"]) == 0

    assert [item["code"] for item in json.loads(out.getvalue())["data"]["items"]] == ["ALFA-1"]


# --- help ---

HEAVY = """
import contextlib, io, sys
from parley.cli.command import Run
from parley.cli.main import TABLE, main, main
with contextlib.redirect_stdout(io.StringIO()):
    for name in sys.argv[1:]:
        main([name, "--help"])
print(sorted({"fastapi", "sqlalchemy", "httpx", "uvicorn"} & set(sys.modules)))
"""


def test_help_of_station_commands_does_not_wait_for_what_a_server_needs() -> None:
    # What simulates and verifies brings its own; every command that asks a station is light.
    names = [name for name in TABLE if name not in ("simulate", "verify", "init", "scenario")]

    said = subprocess.run(
        [sys.executable, "-c", HEAVY, *names], capture_output=True, text=True, check=True
    )

    assert said.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", names_of_schemas())
def test_every_schema_named_is_a_schema(name: str) -> None:
    schema = schema_of(name)

    assert schema is not None
    if "$schema" in schema:
        jsonschema.Draft202012Validator.check_schema(schema)


def leaves() -> Iterator[tuple[str, Any]]:
    """Every command that can be called, with what is typed for it."""
    root = typer.main.get_command(app)
    for name in TABLE:
        command = root.get_command(None, name)
        inner = getattr(command, "commands", None)
        if inner is None:
            yield name, command
        for verb, one in (inner or {}).items():
            yield f"{name} {verb}", one


def test_no_help_loses_words_in_brackets_to_the_colours() -> None:
    for name, command in leaves():
        lost = re.findall(r"(?<!\\)\[[a-z_]+\]", command.help or "")
        assert not lost, name


def examples() -> list[Any]:
    """Every example of every help, with the command it belongs to."""
    found = []
    for name, command in leaves():
        for line in (command.epilog or "").split("\n"):
            if line.startswith("  parley "):
                found.append(pytest.param(name, line.strip(), id=line.strip()))
    return found


@pytest.mark.parametrize(("name", "example"), examples())
def test_every_example_of_the_help_can_be_read_by_its_command(name: str, example: str) -> None:
    words = shlex.split(example.replace("\\[", "[").partition(" < ")[0].partition(" > ")[0])
    command = dict(leaves())[name]
    depth = 1 + len(name.split())

    assert words[:depth] == ["parley", *name.split()]
    command.make_context(name, words[depth:])


def test_topics_name_only_commands_and_options_that_exist() -> None:
    known = dict(leaves())
    options = {flag for command in known.values() for one in command.params for flag in one.opts}
    for topic in topics.names():
        text = topics.text_of(topic) or ""
        for name in re.findall(r"(?<=parley )[a-z]+(?: [a-z]+)?", text):
            assert name in known or name.split()[0] in TABLE, name
        for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text):
            assert flag in options or flag == "--trust", flag
