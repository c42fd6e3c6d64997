"""Every station command against two real stations, as a script meets them."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator

import jsonschema
import pytest

from parley.api.client import Client
from parley.cli import shown
from parley.cli.schemas import schema_of
from parley.station.directory import SOCKET_NAME
from support.station_pair import READY_S, Pair, Said


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """ALFA and BRAVO, running, with the open channel OPS."""
    made = Pair(tmp_path_factory.mktemp("pair"))
    made.make(channel="OPS")
    try:
        made.serve("alfa")
        made.serve("bravo")
        yield made
    finally:
        made.close()


def send(pair: Pair, station: str, text: str, *more: str) -> str:
    """Send a text, wait until it is delivered, return its name."""
    said = pair.run(
        station, "send", "OPS", text, "--wait", "delivered", "--timeout", "60s", "--json", *more
    )
    assert said.code == 0, said.err
    return str(said.data["entry"])


def check_schema(said: Said) -> None:
    """The JSON is what `parley schema` says."""
    name = said.json["schema"].removeprefix("parley.").removesuffix("/1")
    schema = schema_of(name)
    assert schema is not None, f"no schema {name}"
    jsonschema.validate(said.json, schema)


def test_the_index_of_a_running_station_is_rebuilt_and_was_right(pair: Pair) -> None:
    send(pair, "alfa", "before the index is rebuilt")

    said = pair.run("alfa", "log", "reindex", "--json")

    assert said.code == 0, said.err
    check_schema(said)
    assert said.data["rows"] > 0
    assert said.data["differed"] == 0


def test_a_text_that_asks_for_an_answer_starts_a_clock(pair: Pair) -> None:
    name = send(pair, "alfa", "Is the buoy lit?", "--answer-by", "6h")

    rows = pair.run("bravo", "case", "list", "--json").data["items"]
    (row,) = [one for one in rows if one["number"] == f"MSG-ALFA-{name.rpartition('/')[2]}"]
    assert row["due_at"] is not None
    assert row["owed_by"] == "BRAVO"


LISTS = (
    ("status",), ("inbox",), ("peer", "list"), ("peer", "show", "BRAVO"), ("path", "list"),
    ("channel", "list"), ("channel", "show", "OPS"), ("log", "show", "--channel", "OPS"),
    ("log", "check"), ("draft", "list"), ("requests",), ("case", "list"),
    ("case", "moves", "--channel", "OPS"), ("officer", "list"), ("token", "list"), ("doctor",),
    ("line", "check", "BRAVO", "--log"),
)  # fmt: skip


@pytest.mark.parametrize("command", LISTS, ids=" ".join)
def test_what_a_command_lists_follows_its_schema_and_fits_80_columns(
    pair: Pair, command: tuple[str, ...]
) -> None:
    said = pair.run("alfa", *command, "--json")

    assert said.code == 0, said.err or said.out
    check_schema(said)
    assert pair.run("alfa", *command).code == 0


def test_a_sent_entry_is_stored_delivered_and_shown_with_its_proof(pair: Pair) -> None:
    entry = send(pair, "alfa", "Aircraft on converging track.", "-p", "O", "--subject", "Contact")

    shown = pair.run("bravo", "show", entry, "--proof", "--json")

    check_schema(shown)
    assert shown.data["texts"][0]["text"] == "Aircraft on converging track."
    assert shown.data["subject"] == {"en": "Contact"}
    assert shown.data["proof"]["statement"]["verified"] is True


def test_people_read_how_far_an_entry_came_on_standard_error_and_its_name_alone_on_output(
    pair: Pair,
) -> None:
    said = pair.run("alfa", "send", "OPS", "-", "--wait", "delivered", given="From a pipe.\n")

    assert said.code == 0
    assert said.out.strip().startswith("OPS/ALFA/")
    assert "stored" in said.err
    assert "delivered" in said.err
    assert "receipt BRAVO" in said.err


def test_a_dry_run_says_what_would_leave_and_sends_nothing(pair: Pair) -> None:
    before = pair.run("alfa", "log", "show", "--channel", "OPS", "--party", "ALFA", "-q").out

    said = pair.run("alfa", "send", "OPS", "Not yet.", "--dry-run", "--json")

    assert said.data["dry_run"] is True
    assert said.data["size"] > 0
    assert (
        pair.run("alfa", "log", "show", "--channel", "OPS", "--party", "ALFA", "-q").out == before
    )


def test_the_same_key_sends_once_and_another_text_under_it_is_refused(pair: Pair) -> None:
    first = pair.run("alfa", "send", "OPS", "Once.", "--idempotency-key", "k-1", "--json")
    again = pair.run("alfa", "send", "OPS", "Once.", "--idempotency-key", "k-1", "--json")
    other = pair.run("alfa", "send", "OPS", "Other.", "--idempotency-key", "k-1", "--json")

    assert again.data["entry"] == first.data["entry"]
    assert again.data["replayed"] is True
    assert other.code == 6
    assert other.json["error"]["code"] == "idempotency_mismatch"


def test_an_acknowledgement_is_told_to_the_one_who_waits_for_it(pair: Pair) -> None:
    entry = send(pair, "alfa", "Acknowledge please.", "-p", "O")
    waiting = pair.start("alfa", "wait", entry, "--for", "acknowledged", "--timeout", "60s")
    acked = pair.run("bravo", "ack", entry, "--level", "read", "--json")

    out, err = waiting.communicate(timeout=READY_S)

    check_schema(acked)
    assert waiting.returncode == 0
    assert out.strip() == entry
    assert "acknowledged" in err


def test_waiting_in_vain_ends_with_3_and_says_how_to_go_on(pair: Pair) -> None:
    entry = send(pair, "alfa", "Nobody acknowledges this.")

    said = pair.run("alfa", "wait", entry, "--for", "acknowledged", "--timeout", "1s", "--json")

    assert said.code == 3
    assert said.data["delivery"]["reached"] is False
    assert said.data["delivery"]["state"] == "delivered"


def test_ctrl_c_stops_the_waiting_and_says_that_the_entry_goes_on(pair: Pair) -> None:
    waiting = pair.start("alfa", "send", "OPS", "Wait for me.", "--wait", "answered")
    assert "stored" in waiting.stderr.readline()
    while "delivered" not in waiting.stderr.readline():
        assert waiting.poll() is None

    waiting.send_signal(signal.SIGINT)
    _, err = waiting.communicate(timeout=READY_S)

    assert waiting.returncode == 130
    assert "parley wait OPS/ALFA/" in err


def test_a_character_that_a_reader_could_not_see_is_refused_with_its_place(pair: Pair) -> None:
    said = pair.run("alfa", "send", "OPS", "safe \u202e evil", "--json")

    assert said.code == 2
    assert "U+202E at position 5" in said.json["error"]["detail"]


def test_a_request_is_owed_declined_and_its_clock_ends(pair: Pair) -> None:
    asked = pair.run(
        "alfa",
        "request",
        "OPS",
        "--medium",
        "call",
        "--level",
        "theatre command",
        "--topic",
        "the exercise",
        "--reply-by",
        "6h",
        "--wait",
        "delivered",
        "--json",
    )
    assert asked.code == 0, asked.err
    rows = pair.run("bravo", "requests", "--owed-by", "us", "--fail-if-any", "--json")
    assert rows.code == 20
    [row] = rows.data["items"]

    answered = pair.run("bravo", "respond", row["number"], "--decline", "scheduling", "--json")

    assert answered.code == 0, answered.err
    assert pair.run("bravo", "requests", "--owed-by", "us", "--fail-if-any").code == 0
    case = pair.run("bravo", "case", "show", row["number"], "--json")
    check_schema(case)
    assert case.data["state"] == "declined"
    assert case.data["reason"] == "scheduling"


def test_an_answer_must_be_exactly_one(pair: Pair) -> None:
    said = pair.run("bravo", "respond", "REQ-ALFA-1", "--accept", "--decline", "safety", "--json")

    assert said.code == 2
    assert "--accept" in said.json["error"]["next"]


def test_a_note_is_opened_as_any_case_and_a_wrong_field_is_named(pair: Pair) -> None:
    wrong = pair.run(
        "alfa",
        "case",
        "new",
        "note",
        "Text.",
        "--channel",
        "OPS",
        "--field",
        "nonsense=1",
        "--field",
        "number=12",
        "--json",
    )
    right = pair.run(
        "alfa", "case", "new", "note", "Text.", "--channel", "OPS", "--field", "number=12", "--json"
    )

    assert wrong.code == 2
    assert "nonsense" in wrong.json["error"]["detail"]
    assert right.code == 0, right.err


def test_a_line_check_goes_out_and_the_log_shows_it(pair: Pair) -> None:
    asked = pair.run("alfa", "line", "check", "BRAVO", "--wait", "delivered", "--json")

    log = pair.run("alfa", "line", "check", "BRAVO", "--log", "--json")

    check_schema(asked)
    assert asked.data["entry"] in [row["name"] for row in log.data["items"]]


def test_suspending_and_resuming_are_declared_on_both_sides(pair: Pair) -> None:
    suspended = pair.run(
        "alfa",
        "channel",
        "suspend",
        "OPS",
        "--reason",
        "maintenance",
        "--until",
        "6h",
        "--stays",
        "line checks",
        "--yes",
        "--wait",
        "delivered",
        "--json",
    )
    assert suspended.code == 0, suspended.err
    assert pair.run("bravo", "channel", "show", "OPS", "--json").data["state"] == "suspended"

    resumed = pair.run("alfa", "channel", "resume", "OPS", "--yes", "--wait", "delivered", "--json")

    assert resumed.code == 0, resumed.err
    assert pair.run("bravo", "channel", "show", "OPS", "--json").data["state"] == "open"


def test_what_leaves_needs_a_yes_that_no_program_gives_by_accident(pair: Pair) -> None:
    said = pair.run("alfa", "channel", "resume", "OPS", "--json")

    assert said.code == 2
    assert "--yes" in said.json["error"]["next"]


def test_three_wrong_words_lock_a_peer_and_the_place_is_named(pair: Pair) -> None:
    words = pair.words_of("bravo").split()
    wrong = " ".join([*words[:3], "wrong", *words[4:]])

    said = pair.run(
        "alfa", "peer", "verify", "BRAVO", "--method", "voice", "--words", wrong, "--json"
    )

    assert said.code == 7
    assert said.data["differs_at"] == 4
    assert pair.run("alfa", "peer", "show", "BRAVO", "--json").data["trusted"] is True


def test_a_token_reaches_only_a_file_and_can_be_ended(pair: Pair) -> None:
    made = pair.run(
        "alfa", "token", "add", "radar", "--scope", "entries:read", "--out", "radar.token", "--json"
    )
    check_schema(made)
    secret = (pair.folder / "radar.token").read_text().strip()

    ended = pair.run("alfa", "token", "suspend", made.data["id"], "--json")

    assert secret not in made.out
    assert (pair.folder / "radar.token").stat().st_mode & 0o077 == 0
    assert ended.data["active"] is False


def test_a_program_reaches_the_station_by_its_address_with_a_token_and_not_without(
    pair: Pair,
) -> None:
    pair.run("alfa", "token", "add", "wall", "--scope", "status:read", "--out", "wall.token")
    url = f"http://127.0.0.1:{pair.ports['api']}"

    with_token = pair.plain(
        "channel", "list", "--station", url, "--json", PARLEY_TOKEN_FILE="wall.token"
    )
    without = pair.plain("channel", "list", "--station", url, "--json")
    beyond = pair.plain(
        "send", "OPS", "text", "--station", url, "--json", PARLEY_TOKEN_FILE="wall.token"
    )

    assert [item["code"] for item in with_token.data["items"]] == ["OPS"]
    assert without.code == 4
    assert beyond.code == 4


def test_a_request_is_reminded_of_and_withdrawn(pair: Pair) -> None:
    asked = pair.run(
        "alfa",
        "request",
        "OPS",
        "--medium",
        "meeting",
        "--level",
        "ministers",
        "--topic",
        "fisheries",
        "--json",
    )
    assert asked.code == 0, asked.err
    number = f"REQ-ALFA-{asked.data['entry'].rpartition('/')[2]}"

    reminded = pair.run("alfa", "remind", number, "We wait.", "--wait", "delivered", "--json")
    withdrawn = pair.run("alfa", "withdraw", number, "--wait", "delivered", "--json")

    assert reminded.code == 0, reminded.err
    shown = pair.run("bravo", "show", reminded.data["entry"], "--json")
    assert shown.data["refs"] == [asked.data["entry"]]
    assert withdrawn.code == 0, withdrawn.err
    assert pair.run("bravo", "case", "show", number, "--json").data["state"] == "withdrawn"


def test_paths_are_added_tested_and_removed(pair: Pair) -> None:
    address = f"127.0.0.1:{pair.ports['bravo']}"
    before = pair.run("alfa", "peer", "show", "BRAVO", "--json").data["addresses"]

    added = pair.run("alfa", "path", "add", "BRAVO", "127.0.0.1:9", "--json")
    opened = pair.run("alfa", "path", "test", address, "--json")
    extra = next(one for one in added.data["addresses"] if one not in before)
    removed = pair.run("alfa", "path", "remove", "BRAVO", extra, "--json")

    assert opened.code == 0, opened.out
    check_schema(opened)
    assert removed.data["addresses"] == before


def test_a_renewal_and_an_end_are_declared(pair: Pair) -> None:
    pair.open_channel("OLD")

    renewed = pair.run("alfa", "channel", "renew", "OLD", "--until", "365d", "--yes", "--json")
    closed = pair.run(
        "alfa",
        "channel",
        "close",
        "OLD",
        "--reason",
        "agreement ended",
        "--notice",
        "30d",
        "--yes",
        "--wait",
        "delivered",
        "--json",
    )

    assert renewed.code == 0, renewed.err
    assert closed.code == 0, closed.err
    moves = pair.run("bravo", "log", "show", "--channel", "OLD", "--party", "ALFA", "--json")
    assert [item["move"] for item in moves.data["items"]] == ["renew", "terminate"]


def test_following_a_log_and_watching_the_status_tell_of_what_comes(pair: Pair) -> None:
    log = pair.start("bravo", "log", "follow", "--channel", "OPS", "--party", "ALFA", "--json")
    watching = pair.start("bravo", "status", "--watch", "--json")
    before = json.loads(watching.stdout.readline())["overview"]["needs"]
    entry = send(pair, "alfa", "followed", "-p", "O")
    # The follower may have begun after the first entry was stored: then the next one is told.
    later = send(pair, "alfa", "followed again", "-p", "O")

    followed = json.loads(log.stdout.readline())
    needs = json.loads(watching.stdout.readline())["overview"]["needs"]

    assert followed["entry"] in (entry, later)
    assert len(needs) > len(before)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("show", "OPS/BRAVO/99999"), 5),
        (("show", "nonsense"), 2),
        (("send", "NOPE", "text"), 5),
        (("channel", "show", "NOPE"), 5),
        (("peer", "show", "NOPE"), 5),
        (("draft", "show", "D-9999"), 5),
        (("case", "show", "REQ-ALFA-9999"), 5),
        (("case", "list", "nonsense"), 5),
        (("log", "show", "--channel", "OPS", "--party", "NOPE"), 5),
        (("log", "export", "--out", "x"), 2),
        (("peer", "add", "missing.card"), 5),
        (("path", "test", "127.0.0.1:1"), 14),
        (("officer", "add", "X", "--role", "king"), 4),
        (("send", "OPS", "text", "-p", "X"), 2),
        (("send", "OPS", " "), 2),
        (("requests", "--state", "bogus"), 2),
        (("doctor", "--only", "bogus"), 2),
        (("respond", "REQ-BRAVO-1", "--decline", "no-reason", "--at", "6h"), 2),
        (("ack", "OPS/BRAVO/9999"), 5),
        (("ack", "OPS/BRAVO/0"), 2),
        (("channel", "propose", "BRAVO", "--code", "ops", "--yes"), 6),
        (("send", "OPS", "text", "--wait", "heard"), 2),
        (("channel", "propose", "NOPE", "--code", "X", "--yes"), 5),
        (("channel", "accept", "NOPE", "--yes", "--timeout", "0s"), 5),
        (("claim", "NOPE"), 5),
        (("refuse", "D-9999", "--reason", "x"), 5),
    ],
)
def test_a_failure_ends_with_its_code_and_three_lines(
    pair: Pair, command: tuple[str, ...], code: int
) -> None:
    said = pair.run("alfa", *command, "--json")

    assert said.code == code, said.err + said.out
    if not said.json["ok"]:
        jsonschema.validate(said.json, schema_of("error"))
        assert said.json["error"]["exit"] == code
        assert len(said.err.splitlines()) in (2, 3)
        assert said.json["error"]["became"] or "nothing" in said.json["error"]["detail"]


def test_a_message_may_ask_for_an_answer_by_a_time(pair: Pair) -> None:
    said = pair.run("alfa", "send", "OPS", "How many?", "--answer-by", "6h", "--json")

    assert said.code == 0, said.err
    case = pair.run("alfa", "show", said.data["entry"], "--json").data["case"]
    view = pair.run("alfa", "case", "show", case, "--json")
    assert view.data["due_at"] is not None
    assert view.data["due_rule"] == "asked-for"


def test_a_case_without_a_clock_of_its_own_knows_that_it_was_delivered(pair: Pair) -> None:
    entry = send(pair, "alfa", "Delivered, and nothing asked.")

    case = pair.run("alfa", "show", entry, "--json").data["case"]

    assert pair.run("alfa", "case", "show", case, "--json").data["delivered_at"] is not None


def test_a_fault_of_a_request_names_the_options_that_mend_it(pair: Pair) -> None:
    said = pair.run("alfa", "request", "OPS", "--medium", "pigeon", "--level", "ministers")

    assert said.code == 2
    assert said.err.splitlines()[0].startswith("--medium: pigeon is not one of")
    assert "--topic: This field is needed" in said.err
    assert said.err.splitlines()[1] == "Nothing was stored or sent."


def test_a_mismatch_of_words_says_what_it_means_for_a_trusted_peer(pair: Pair) -> None:
    words = " ".join(["zoo"] * 12)

    said = pair.run("alfa", "peer", "verify", "BRAVO", "--method", "voice", "--words", words)

    assert said.code == 7
    assert "BRAVO is trusted as before; nothing changed" in said.out
    assert "nothing is sent" not in said.out


def test_a_path_is_kept_once_however_it_is_written_and_tells_its_carrier(pair: Pair) -> None:
    for address in ("127.0.0.1:1", "tls://127.0.0.1:1"):
        assert pair.run("alfa", "path", "add", "BRAVO", address, "--rate", "75").code == 0

    listed = pair.run("alfa", "path", "list", "BRAVO", "--json").data["items"]
    rows = [row for row in listed if row["address"].startswith("tls://127.0.0.1:1?")]
    removed = pair.run("alfa", "path", "remove", "BRAVO", "127.0.0.1:1?rate=75")

    assert [row["address"] for row in rows] == ["tls://127.0.0.1:1?rate=75"]
    assert {row["carrier"] for row in listed} <= {"tls", None}
    assert removed.code == 0


def test_an_account_is_bound_to_an_officer_without_naming_the_roles_again(pair: Pair) -> None:
    pair.run("alfa", "officer", "add", "ALFA-9", "--role", "desk")

    bound = pair.run("alfa", "officer", "add", "ALFA-9", "--account", "54321", "--json")

    assert bound.code == 0, bound.err
    assert bound.data["roles"] == ["desk"]
    assert bound.data["accounts"] == [54321]


def test_an_alarm_is_claimed_by_what_the_inbox_shows(pair: Pair) -> None:
    send(pair, "alfa", "Claim me.", "-p", "Z")
    inbox = pair.run("bravo", "inbox", "--json").data["items"]
    where = next(shown.place(row["resource"]) for row in inbox if row["kind"] == "alarm")

    claimed = pair.run("bravo", "claim", where)

    assert claimed.code == 0, claimed.err


def test_a_batch_stores_delivers_and_never_sends_an_id_twice(pair: Pair) -> None:
    lines = [{"id": f"m{n}", "channel": "OPS", "text": f"message {n}"} for n in range(30)]
    given = "".join(json.dumps(line) + "\n" for line in [*lines, lines[0]])

    first = pair.run("alfa", "send", "--batch", "--wait", "delivered", "--json", given=given)
    again = pair.run("alfa", "send", "--batch", "--wait", "delivered", "--json", given=given)

    assert first.code == 0, first.out + first.err
    assert first.lines[0] == {"type": "event", "event": "ready"}
    assert first.lines[-1]["data"]["type"] == "result"
    stored = {line["id"]: line["entry"] for line in first.lines if line.get("event") == "stored"}
    delivered = {line["id"] for line in first.lines if line.get("event") == "delivered"}
    assert len(set(stored.values())) == 30
    assert delivered == {line["id"] for line in lines}
    repeated = {line["id"]: line["entry"] for line in again.lines if line.get("event") == "stored"}
    assert repeated == stored


def test_a_batch_tells_a_bad_line_and_sends_the_others(pair: Pair) -> None:
    given = '{"id":"good","channel":"OPS","text":"fine"}\nnonsense\n{"id":"far","channel":"X","text":"t"}\n'

    said = pair.run("alfa", "send", "--batch", "--json", given=given)

    events = [(line.get("event"), line.get("id")) for line in said.lines]
    assert said.code == 14
    assert ("stored", "good") in events
    assert ("failed", None) in events
    assert ("failed", "far") in events


def test_following_the_inbox_gives_each_entry_once_also_after_it_was_killed(pair: Pair) -> None:
    reading = pair.start("bravo", "inbox", "--follow", "--consumer", "desk", "--json")
    first = send(pair, "alfa", "first for the reader")
    seen = read_until(reading, first)
    until_confirmed(pair, first)
    reading.kill()
    reading.communicate(timeout=READY_S)

    second = send(pair, "alfa", "second for the reader")
    reading = pair.start("bravo", "inbox", "--follow", "--consumer", "desk", "--json")
    later = read_until(reading, second)
    reading.kill()
    reading.communicate(timeout=READY_S)

    assert first in seen
    assert set(seen).isdisjoint(later)


def test_what_a_reader_did_not_confirm_comes_again(pair: Pair) -> None:
    command = ("inbox", "--follow", "--consumer", "careful", "--confirm", "stdin", "--json")
    entry = send(pair, "alfa", "to be confirmed")
    reading = pair.start("bravo", *command, given=subprocess.PIPE)
    read_until(reading, entry)
    reading.kill()
    reading.communicate(timeout=READY_S)

    reading = pair.start("bravo", *command, given=subprocess.PIPE)
    again = read_until(reading, entry)
    last = send(pair, "alfa", "after the confirmed one")
    for sequence in again.values():
        reading.stdin.write(f"{sequence}\n")
    reading.stdin.flush()
    assert last in read_until(reading, last)
    reading.kill()
    reading.communicate(timeout=READY_S)

    assert entry in again


def until_confirmed(pair: Pair, entry: str) -> None:
    """Wait until the reader has confirmed an entry: one killed before it does is told it again."""
    with Client(pair.folder / "bravo" / SOCKET_NAME) as client:
        for _ in range(600):
            if entry not in [row["name"] for row in client.get("/consumers/desk")["items"]]:
                return
            time.sleep(0.05)
    raise AssertionError(f"{entry} was never confirmed")


def read_until(reading: subprocess.Popen[str], entry: str) -> dict[str, str]:
    """Read events until an entry's came; return entry to id."""
    seen: dict[str, str] = {}
    assert reading.stdout is not None
    for line in reading.stdout:
        event = json.loads(line)
        assert event["event"] == "received"
        assert event["entry"] not in seen
        seen[event["entry"]] = event["id"]
        if event["entry"] == entry:
            break
    return seen


def test_watching_tells_of_entries_as_they_come(pair: Pair) -> None:
    watching = pair.start("bravo", "watch", "--topics", "entry", "--json")
    assert json.loads(watching.stdout.readline())["event"] == "reset"
    entry = send(pair, "alfa", "watched")
    while True:
        event = json.loads(watching.stdout.readline())
        if entry in json.dumps(event):
            break
    watching.send_signal(signal.SIGTERM)
    watching.communicate(timeout=READY_S)

    assert event["type"] == "event"
    assert watching.returncode == 143


def test_a_bundle_with_one_byte_changed_does_not_hold(pair: Pair) -> None:
    send(pair, "alfa", "to be exported")
    assert pair.run("bravo", "log", "export", "--channel", "OPS", "--out", "whole.parley").code == 0
    cards = ("--trust", "alfa/own.card", "--trust", "bravo/own.card")
    raw = bytearray((pair.folder / "whole.parley").read_bytes())
    raw[len(raw) // 2] ^= 1
    (pair.folder / "bad.parley").write_bytes(raw)

    whole = pair.plain("verify", "whole.parley", *cards)
    bad = pair.plain("verify", "bad.parley", *cards)

    assert whole.code == 0, whole.out
    assert bad.code == 7


def test_the_watch_log_and_the_timeline_are_kept_by_commands(pair: Pair) -> None:
    name = send(pair, "alfa", "on the timeline")
    for alarm in json.loads(pair.run("alfa", "inbox", "--json").out)["data"]["items"]:
        if alarm["kind"] == "alarm":
            pair.run("alfa", "claim", alarm["id"].removeprefix("alarm-"), "--handled", "test")
    open_items = json.loads(pair.run("alfa", "inbox", "--json").out)["data"]["items"]
    seen = " ".join(row["id"] for row in open_items)

    took = pair.run("alfa", "watch-log", "take", "--seen", seen, "--json")
    noted = pair.run("alfa", "watch-log", "note", "all quiet", "--json")
    log = pair.run("alfa", "watch-log", "show", "--json")
    line = pair.run("alfa", "timeline", "OPS", "--json")

    for said in (took, noted, log, line):
        assert said.code == 0, said.err
        check_schema(said)
    assert [row["text"] for row in log.data["items"]][:1] == ["all quiet"]
    assert name in [entry["name"] for entry in line.data["entries"]]
    assert "ALFA" in pair.run("alfa", "timeline", "OPS").out
