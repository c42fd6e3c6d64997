"""What stands beside the record, through both doors of one pair of stations: command line and API."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager

import pytest

from parley.errors import ParleyError
from support.cli_run import run
from support.live_stations import (
    LiveStation,
    introduce,
    live,
    make_station,
    open_channel,
    until,
)

HEAD = "number,date,register,by,to,what_en,what_zh,due,answered,outcome\n"
ENGINE = (
    "import json,sys; a=json.load(sys.stdin);"
    "json.dump({'text': a['target']+': '+a['text'].upper()}, sys.stdout)"
)


@contextmanager
def running(directory):
    station = LiveStation(directory)
    station.start()
    try:
        yield station
    finally:
        station.stop()


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    root = tmp_path_factory.mktemp("pair")
    make_station(root / "alfa", "ALFA")
    settings = root / "alfa" / "parley.toml"
    command = json.dumps([sys.executable, "-S", "-c", ENGINE])
    said = f'\n[translation]\ncommand = {command}\nengine = "stand-in"\n'
    settings.write_text(settings.read_text() + said)
    with (
        running(root / "alfa") as alfa,
        live(root / "bravo", "BRAVO") as bravo,
        alfa.client() as a,
        bravo.client() as b,
    ):
        introduce(a, bravo.serving.link_addresses[0], b)
        introduce(b, alfa.serving.link_addresses[0], a)
        open_channel(a, b)
        yield alfa, bravo, a, b


@pytest.fixture
def at(pair):
    return ("--station", str(pair[0].directory))


# --- history ---


def test_a_bad_file_changes_nothing_and_a_good_one_is_a_claim_at_both_stations_once(
    pair, at, tmp_path
):
    _, _, a, b = pair
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    rows = [f"{n},2021-03-{n % 28 + 1:02},requests,ALFA,BRAVO,Call {n},,,,\n" for n in range(150)]
    bad.write_text(HEAD + "".join(rows) + "151,31 March,,,,Call,,,,\n")
    good.write_text(HEAD + "".join(rows))

    def held():
        return a.get("/entries", channel="OPS")["items"], a.get("/drafts")["items"]

    before = held()

    said = run("history", "import", str(bad), "--channel", "OPS", "--json", *at)
    assert said.code == 2
    assert "line 152, date" in said.out
    dry = run("history", "import", str(good), "--channel", "OPS", "--dry-run", "--json", *at)
    assert (dry.json["data"]["rows"], dry.json["data"]["entries"]) == (150, 2)
    assert held() == before

    done = run("history", "import", str(good), "--channel", "OPS", "--name", "Old", "--json", *at)
    assert done.code == 0, done.err
    assert len(done.json["data"]["submitted"]) == 2
    again = run("history", "import", str(good), "--channel", "OPS", "--json", *at)
    assert again.code == 6
    assert "imported already" in again.err

    def claims(door):
        return door.get("/registers/claims")["items"]

    until(lambda: len(claims(b)) == 2)
    told = [{row["values"]["rows_claimed"] for row in claims(door)} for door in (a, b)]
    assert told[0] == told[1]
    assert sum(row["values"]["rows_claimed"] for row in claims(b)) == 150
    assert {row["values"]["by"] for row in claims(b)} == {"ALFA/OPS"}
    assert b.get("/registers/requests")["items"] == []


# --- before release ---


def test_a_draft_tells_what_it_is_short_by_what_it_reaches_and_who_will_owe_what(pair, at):
    _, _, a, b = pair
    a.post("/channels", {"code": "CSBM", "peers": ["BRAVO"], "basis": "vd2011 chapter V"})
    until(lambda: [c for c in b.get("/channels")["items"] if c["code"] == "CSBM"])
    b.post("/channels/CSBM/accept")
    until(lambda: a.get("/channels/CSBM")["state"] == "open")
    fields = {
        "designation": "Dry run",
        "purpose": {"en": "training"},
        "type": "land",
        "windows": [["2999-04-20T00:00:00Z", "2999-04-25T00:00:00Z"]],
        "area": [{"centre": "10-00N 020-00E", "radius": "1 km"}],
        "strength": {"men": 9000},
    }
    draft = a.post(
        "/drafts",
        {"channel": "CSBM", "procedure": "exercise", "move": "notify", "fields": fields},
    )
    checks = a.get(f"/drafts/{draft['id']}/preview")["checks"]
    said = [one["text"] for one in checks if one["words"]]
    assert any(one.startswith("On time") and "vd2011" in one for one in said)
    assert any(one.startswith("REACHED: men 9000, from 9000") for one in said)
    shown = run("draft", "show", draft["id"], "--lang", "zh", *at)
    assert "已达到：人员 9000" in shown.out
    level = {"ours": "ALFA/CHIEF", "theirs": "BRAVO/CHIEF"}
    asked = {"form": "call", "level": level, "topics": [{"en": "Nets"}]}
    checked = a.post("/checks", {"channel": "CSBM", "procedure": "request", "fields": asked})
    (clock,) = checked["starts_clocks"]
    assert (clock["owed_by"], clock["due_after_s"], clock["owed"]) == ("BRAVO", 864_000, False)


# --- what is sealed first ---


SEALED = {
    "list_exchange": {"rows": [{"name": "North works"}]},
    "sealed_offer": {"offer": {"en": "Both sides ten metres"}},
    "readout": {
        "claims": [{"kind": "said", "by": "ALFA", "about": "nets"}],
        "account": {"en": "Candid talks"},
    },
}


@pytest.mark.parametrize("procedure", sorted(SEALED))
def test_what_is_sealed_leaves_as_a_commitment_and_is_opened_once_both_hold_both(
    pair, at, procedure
):
    _, _, a, b = pair
    secret = {"list_exchange": "North", "sealed_offer": "metres", "readout": "Candid"}[procedure]
    fixed = {"due": "2099-01-01T00:00:00Z", "series": "works"}
    if procedure == "readout":
        began = {"began": "2024-05-01T10:00:00Z", "ended": "2024-05-01T11:00:00Z"}
        met = {"channel": "OPS", "procedure": "meeting", "move": "hold", "fields": began}
        fixed = {"due": fixed["due"], "of": a.post("/submissions", met)["entry"]}
    words = {"channel": "OPS", "procedure": procedure, "move": "commit"}
    given = {**SEALED[procedure], "salt": "00" * 32}

    draft = a.post("/drafts", {**words, "fields": {**given, **fixed}})
    salt = draft["fields"]["salt"]
    assert salt != given["salt"], "a salt is drawn afresh, whatever is asked for"
    shown = run("draft", "show", draft["id"], *at).out
    assert "binds you to it" in shown
    lines = {one["name"]: one for one in a.get(f"/drafts/{draft['id']}/preview")["lines"]}
    assert {name for name, one in lines.items() if one["sealed"]} == {*SEALED[procedure], "salt"}
    commitment = lines["commit"]["value"]
    held = a.post(f"/drafts/{draft['id']}/review", etag=draft["etag"])
    done = a.post(f"/drafts/{draft['id']}/release", {"digest": held["digest"]}, etag=held["etag"])
    entry = done["entry"]
    assert a.get(f"/entries/{entry}/delivery", wait="20s", until="delivered")["reached"]
    told = b.get(f"/entries/{entry}")
    assert commitment in json.dumps(told)
    assert secret not in json.dumps(told)

    case = told["case"]
    joined = b.post("/submissions", {**words, "case": case, "fields": SEALED[procedure]})["entry"]
    assert b.get(f"/entries/{joined}/delivery", wait="20s", until="delivered")["reached"]
    until(lambda: run("case", "move", case, "reveal", *at).code == 0)
    opened = until(lambda: b.get(f"/cases/{case}")["history"][2:])[0]["entry"]
    assert secret in json.dumps(b.get(f"/entries/{opened}"))


# --- notices into drafts ---

WARNING = """\
HYDROARC 12/26
ARCTIC OCEAN.
1. HAZARDOUS OPERATIONS, GUNNERY EXERCISES 0800Z TO 1600Z
   DAILY 01 THRU 03 JUN 26 IN AREA BOUND BY
   72-00.00N 030-00.00E, 72-30.00N 030-00.00E,
   72-30.00N 031-00.00E.
2. VESSELS ARE REQUESTED TO KEEP CLEAR, DANGER.
"""


def test_a_notice_becomes_a_draft_with_its_text_as_published_and_what_is_left_is_told(
    pair, at, tmp_path
):
    _, _, a, _ = pair
    file = tmp_path / "warnings.txt"
    file.write_text(WARNING)
    before = len(a.get("/drafts")["items"])
    issued = ("--issued", "2026-05-20T00:00:00Z")

    dry = run("notice", "draft", str(file), "--channel", "OPS", *issued, "--dry-run", "--json", *at)
    assert dry.json["data"]["items"][0]["draft"] is None
    assert len(a.get("/drafts")["items"]) == before
    made = run("notice", "draft", str(file), "--channel", "OPS", *issued, "--json", *at)
    assert made.code == 14, made.err
    (one,) = made.json["data"]["items"]
    assert any("hazard" in said["en"] for said in one["left"])

    draft = a.get(f"/drafts/{one['draft']}")
    assert (draft["procedure"], draft["move"], draft["state"]) == ("warning", "issue", "open")
    assert draft["texts"][0]["text"].strip() == WARNING.strip()
    assert draft["fields"]["serial"] == "HYDROARC 12/26"
    assert draft["fields"]["area"][0]["corners"][0] == "72-00.00N 030-00.00E"
    assert draft["fields"]["windows"][0] == ["2026-06-01T08:00:00Z", "2026-06-01T16:00:00Z"]
    assert len(draft["fields"]["windows"]) == 3
    fields = {**draft["fields"], "hazard": "live-fire"}
    text = {"lang": "en", "text": draft["texts"][0]["text"]}
    checked = a.post(
        "/checks",
        {
            "channel": "OPS",
            "procedure": "warning",
            "move": "issue",
            "fields": fields,
            "texts": [text],
        },
    )
    assert checked["ok"], checked["problems"]
    gone = run("notice", "draft", str(file), "--channel", "OPS", "--only", "X 1/26", *at)
    assert gone.code == 5

    soon = {**fields, "windows": [["2090-06-01T08:00:00Z", "2090-06-01T16:00:00Z"]]}
    a.post("/submissions", {"channel": "OPS", "procedure": "warning", "fields": soon})
    file.write_text("HYDROARC 13/26\nCANCEL HYDROARC 12/26, 11/26.\n")
    said = run("notice", "draft", str(file), "--channel", "OPS", "--json", *at)
    named, unknown = said.json["data"]["items"]
    (case,) = a.get("/registers/warning")["items"]
    assert (named["procedure"], named["move"], named["case"]) == (
        "warning",
        "cancel",
        case["number"],
    )
    assert a.get(f"/drafts/{named['draft']}")["move"] == "cancel"
    assert (unknown["draft"], unknown["case"]) == (None, None)
    assert "HYDROARC 11/26 can be cancelled" in unknown["left"][0]["en"]
    chosen = run(
        "notice", "draft", str(file), "--channel", "OPS", "--procedure", "exercise", "--dry-run",
        "--json", *at,
    )  # fmt: skip
    assert chosen.json["data"]["items"][0]["procedure"] == "exercise"
    wrong = run("notice", "draft", str(file), "--channel", "OPS", "--procedure", "picnic", *at)
    assert wrong.code == 2


# --- search ---


def test_search_finds_fields_in_any_language_by_one_character_and_by_the_state_of_the_case(
    pair, at
):
    _, _, a, _ = pair
    level = {"ours": "ALFA/CHIEF", "theirs": "BRAVO/CHIEF"}
    fields = {"form": "call", "level": level, "topics": [{"zh": "渔网与码头"}]}
    for case in range(2):
        a.post("/submissions", {"channel": "OPS", "procedure": "request", "fields": fields})
        if not case:
            (first,) = a.get("/registers/request")["items"]
    a.post(f"/cases/OPS~{first['number']}/moves", {"move": "withdraw"})

    def names(*words):
        said = run("search", *words, "--json", *at)
        assert said.code == 0, said.err
        return [row["name"] for row in said.json["data"]["items"]]

    assert len(names("渔", "procedure:request")) >= 2
    assert first["opened"]["entry"] in names("码头", "state:withdrawn")
    assert first["opened"]["entry"] not in names("码头", "state:pending", "from:ALFA")
    assert names("码头", "from:BRAVO") == []
    assert run("search", "码", "--fail-if-any", *at).code == 20
    assert run("search", "colour:red", *at).code == 0
    assert run("search", "state:", *at).code == 2
    page = a.get("/search", words="procedure:request", limit=1)
    assert page["next_cursor"]
    again = a.get("/search", words="procedure:request", limit=1, cursor=page["next_cursor"])
    assert again["items"][0]["name"] != page["items"][0]["name"]


# --- joint texts ---


def test_a_joint_text_is_tabled_changed_agreed_signed_compared_and_taken_out(pair, at, tmp_path):
    _alfa, bravo, a, b = pair
    there = ("--station", str(bravo.directory))
    english, chinese = tmp_path / "en.txt", tmp_path / "zh.txt"
    english.write_text("Ships keep 500 yards apart.\n\nEach side answers within 48 hours.\n")
    chinese.write_text("舰船保持500码距离。\n\n每一方在24小时内答复。\n")
    both = ("--lang-text", f"en={english}", "--lang-text", f"zh={chinese}")
    title = ("--title", "en=Nets", "--title", "zh=渔网")
    short = tmp_path / "short.txt"
    short.write_text("只有一条。\n")

    uneven = run("text", "new", "OPS", *title, *both[:2], "--lang-text", f"zh={short}", *at)
    assert uneven.code == 2
    assert "en has 2, zh has 1" in uneven.err
    made = run("text", "new", "OPS", *title, *both, "--json", *at)
    assert made.code == 0, made.err
    (row,) = a.get("/registers/joint_text")["items"]
    number = row["number"]
    until(lambda: b.get("/registers/joint_text")["items"])

    said = run("text", "compare", number, "--paragraph", "2", *at)
    assert said.code == 14, said.out
    assert run("text", "compare", number, "--paragraph", "1", *at).code == 0
    assert run("text", "agree", number, "--check", *at).code == 14
    words = (
        "--words",
        "en=Each side answers within 48 hours.",
        "--words",
        "zh=每一方在48小时内答复。",
    )
    changed = run("text", "propose", number, "--paragraph", "2", *words, *at)
    assert changed.code == 0, changed.err
    assert run("text", "compare", number, *at).code == 0

    def state(door):
        return door.get(f"/cases/OPS~{number}")

    until(lambda: state(b)["values"]["version"] == 2)
    assert run("text", "agree", number, "--paragraph", "9", *at).code == 5
    for station in (at, there):
        assert run("text", "agree", number, "--check", *station).code == 0
    for wanted in ("closed", "initialled", "signed"):
        until(lambda: len(state(a)["history"]) == len(state(b)["history"]))
        power = (
            ("--power", "en=full powers", "--power", "zh=全权证书") if wanted == "signed" else ()
        )
        first = run("text", "sign", number, *power, *at)
        assert first.code == 0, first.err
        until(lambda: len(state(a)["history"]) == len(state(b)["history"]))
        assert run("text", "sign", number, *power, *there).code == 0
        until(lambda: state(a)["state"] == state(b)["state"])
    assert state(a)["values"]["signed_by"] == ["ALFA", "BRAVO"]
    assert run("text", "sign", number, *at).code == 6

    out = tmp_path / "text.html"
    assert run("text", "export", number, "--out", str(out), *at).code == 0
    html = out.read_text()
    assert "舰船保持500码距离。" in html
    assert "DRAFT" not in html
    assert state(a)["values"]["digest"] in html
    pdf = ("--only-lang", "zh")  # its name says that it is to be a PDF
    assert run("text", "export", number, "--out", str(tmp_path / "t.pdf"), *pdf, *at).code == 0
    assert (tmp_path / "t.pdf").read_bytes().startswith(b"%PDF-1.")
    other = run(
        "text", "export", number, "--out", str(tmp_path / "f.pdf"), "--only-lang", "fr", *at
    )
    assert other.code == 5
    assert run("text", "show", number, *at).code == 0
    assert number in run("text", "list", "-q", *at).out
    note = run("case", "new", "note", "Words.", "--channel", "OPS", "--field", "number=9", *at)
    assert note.code == 0, note.err
    assert run("text", "show", a.get("/registers/note")["items"][0]["number"], *at).code == 5


# --- translation by machine ---


def test_a_machine_makes_a_draft_that_is_marked_and_never_sends_it(pair, at):
    _, bravo, a, b = pair
    text = {"lang": "en", "text": "Nets near the pier."}
    sent = b.post(
        "/submissions", {"channel": "OPS", "texts": [text], "fields": {"subject": "Nets"}}
    )
    until(
        lambda: [e for e in a.get("/entries", party="BRAVO")["items"] if e["name"] == sent["entry"]]
    )
    ours = len(a.get("/entries", own=True)["items"])

    made = run("translate", sent["entry"], "--into", "zh", "--json", *at)

    assert made.code == 0, made.err
    draft = made.json["data"]
    assert (draft["state"], draft["procedure"], draft["entry"]) == ("open", "translation", None)
    assert (draft["fields"]["status"], draft["fields"]["engine"]) == ("machine", "stand-in")
    (said,) = draft["texts"]
    assert (said["status"], said["text"]) == ("machine", "zh: NETS NEAR THE PIER.")
    assert len(a.get("/entries", own=True)["items"]) == ours
    assert run("translate", sent["entry"], "--into", "en", *at).code == 6
    there = ("--station", str(bravo.directory))
    assert run("translate", sent["entry"], "--into", "zh", *there).code == 5


# --- short forms ---


def test_short_forms_say_what_their_procedures_take_and_list_it_at_both_stations(
    pair, at, tmp_path
):
    _alfa, bravo, a, b = pair
    there = ("--station", str(bravo.directory))

    def said(*words, code=0):
        done = run(*words, *at)
        assert done.code == code, (words, done.out, done.err)
        return done

    def newest(door, procedure):
        return door.get(f"/registers/{procedure}")["items"][0]["number"]

    said("position", "OPS", "No nets near the pier.", "--topic", "nets")
    stated = a.get(f"/cases/OPS~{newest(a, 'position')}")
    assert stated["values"]["statement"] == {"en": "No nets near the pier."}
    assert stated["values"]["firmness"] == "preference"

    add = ("commitment", "add", "OPS", "Meet.", "--owner", "both")
    said(*add, "--due", "P30D", "--once", "minister-named")
    promise = newest(a, "commitment")
    said("commitment", "claim", promise, "--in-form", "call")
    kept = a.get(f"/cases/OPS~{promise}")["values"]
    assert (kept["state"], kept["kept_as"], kept["due"]) == ("done", "call", None)
    assert promise in said("commitment", "list", "-q").out

    when = ("--from", "2030-12-01T09:00:00Z", "--until", "2030-12-01T11:00:00Z")
    one_end = run("meeting", "propose", "OPS", "--title", "Talks", "--venue", "X", *when[:2], *at)
    assert (one_end.code, "--until" in one_end.err) == (2, True)
    said("meeting", "propose", "OPS", "--title", "Talks", "--venue", "Geneva", *when)
    talks = newest(a, "meeting")
    until(lambda: b.get("/registers/meeting")["items"])
    assert run("meeting", "agree", talks, *there).code == 0
    until(lambda: a.get(f"/cases/OPS~{talks}")["state"] == "fixed")
    assert run("commitment", "claim", talks, *at).code == 5
    ended = ("--began", "2026-11-01T09:00:00Z", "--ended", "2026-11-01T10:00:00Z")
    said("meeting", "record", talks, *ended)
    said("readout", "publish", "OPS", "Frank talks.", "--of", talks)
    given = a.get(f"/cases/OPS~{newest(a, 'readout')}")["values"]
    assert given["state"] == "given"

    unit = ("--field", 'own_units:=[{"kind":"tug","count":1}]', "--field", "other_units=unknown")
    place = ("--field", 'where:={"area":"pier 4"}')
    said("report", "OPS", "A near miss.", "--when", "2026-11-20T05:12:00Z", *unit, *place)
    seen = newest(a, "incident")
    assert seen in said("incident", "list", "-q").out
    assert "one account" in said("incident", "compare", seen, code=6).err

    area = tmp_path / "area.geojson"
    ring = [[100.0, 10.0], [100.1, 10.0], [100.1, 9.9], [100.0, 10.0]]
    area.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    names = ("designation=QUIET", "purpose=Towing", "type=sea")
    more = [word for name in names for word in ("--field", name)]
    said("notify", "OPS", "--area", str(area), *when, *more)
    drill = newest(a, "exercise")
    assert drill in said("notifications", "-q").out
    assert a.get(f"/cases/OPS~{drill}")["values"]["windows"] == [list(when[1::2])]
    assert run("notify", "OPS", "--kind", "pigeon", *at).code == 2
    area.write_text('{"type": "FeatureCollection", "features": []}')
    assert "no area" in said("notify", "OPS", "--area", str(area), *when, code=2).err


def test_a_template_is_kept_from_a_draft_and_begins_another(pair, at):
    client = pair[2]
    body = {
        "channel": "OPS",
        "precedence": "P",
        "fields": {"subject": "Night"},
        "texts": [{"lang": "en", "text": "An exercise is held at night."}],
    }
    draft = client.post("/drafts", body, key="template-source")["id"]
    names = ("--name", "en=Night", "--name", "zh=夜间")
    made = run("template", "set", "night", "--draft", draft, *names, "--json", *at)
    assert (made.code, made.json["data"]["channel"], made.json["data"]["reviewed_by"]) == (
        0,
        "OPS",
        None,
    ), made.err
    assert run("template", "use", "night", "OPS", *at).code == 6
    assert run("template", "review", "night", *at).code == 0
    used = run("template", "use", "night", "OPS", "--json", *at).json["data"]
    assert (used["template"], used["texts"][0]["text"]) == ("night", body["texts"][0]["text"])
    checks = client.get(f"/drafts/{used['id']}/preview")["checks"]
    assert {"en": "began from the template night", "zh": "由模板 night 起草"} in [
        check["words"] for check in checks
    ]
    listed = run("template", "list", "--json", *at).json["data"]["items"]
    assert [(row["code"], row["version"]) for row in listed] == [("night", 1)]
    assert run("template", "set", "night", "--draft", draft, "--name", "night", *at).code == 2
    assert run("template", "drop", "night", *at).code == 0
    assert run("template", "show", "night", *at).code == 5


def test_an_exercise_marks_what_is_written_on_its_channel_and_nothing_else(pair, at, tmp_path):
    client, other = pair[2:]
    text = ("--text-lang", "en", "--json")
    refused = run("send", "OPS", "Nothing runs.", "--exercise", *text, *at)
    assert (refused.code, refused.json["error"]["code"]) == (2, "usage"), refused.err
    script = tmp_path / "script.txt"
    script.write_text("0s: A tug calls.\n30d: The end.\n")
    options = ("--channel", "OPS", "--script", str(script))
    number = run("exercise", "start", "Autumn", *options, "--json", *at).json["data"]["number"]
    marked = run("send", "OPS", "A tug is adrift.", *text, *at).json["data"]["entry"]
    live = client.post("/drafts", {"channel": "OPS", "mark": "LIVE"}, key="live-beside")
    begun = client.post("/drafts", {"channel": "OPS"}, key="begun-within")
    assert client.get(f"/entries/{marked}")["mark"] == "EXERCISE"
    assert (live["mark"], begun["mark"]) == ("LIVE", "EXERCISE")
    until(lambda: [a for a in client.get("/alarms")["items"] if a["kind"] == "inject"])
    assert run("exercise", "inject", "Fog.", *at).code == 0
    assert run("exercise", "stop", *at).code == 0
    # What was begun within stays an exercise and cannot leave any more; answers to it still can.
    assert client.get(f"/drafts/{begun['id']}")["mark"] == "EXERCISE"
    whole = {"channel": "OPS", "fields": {"subject": "Late"}, "mark": "EXERCISE"}
    kept = client.put(f"/drafts/{begun['id']}", whole, etag=begun["etag"])
    assert (kept["fields"], kept["exercise_over"]) == ({"subject": "Late"}, True)
    with pytest.raises(ParleyError, match="no exercise runs"):
        client.post(f"/drafts/{begun['id']}/review", etag=kept["etag"])
    assert client.post("/drafts", {**whole, "mark": None}, key="after")["mark"] == "LIVE"
    until(lambda: other.get(f"/entries/{marked}")["is_read"])
    other.post("/acknowledgements", {"entry": marked, "level": "read"}, key="ack-exercise")
    report = run("exercise", "report", number, "--json", *at).json["data"]
    assert [row["text"] for row in report["reactions"] if row["what"] == "inject"] == [
        "A tug calls.",
        "Fog.",
        "The end.",
    ]
    assert run("exercise", "stop", *at).code == 6
