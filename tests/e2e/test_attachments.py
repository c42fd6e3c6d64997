"""A file from one officer's disk to the other's, over TLS on loopback, by API and command line."""

from __future__ import annotations

import json
from hashlib import sha256

import httpx
import pytest

from parley.errors import IdempotencyError, InvalidFieldsError, NotFoundError, UsageError
from support.cli_run import run
from support.live_stations import live_pair, until

PDF = "application/pdf"
CHART = b"%PDF-1.7\n" + b"chart of the area " * 20_000


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    root = tmp_path_factory.mktemp("files")
    with live_pair(root) as made:
        yield made


def put(client, content=CHART, *, kind=PDF, name="chart.pdf", key="k", digest=None):
    path = f"/attachments/{digest or sha256(content).hexdigest()}"
    return client.put_file(path, content, kind=kind, key=key, name=name)


def text(*files, words="The chart.", **more):
    fields = {"subject": "Chart", "attach": list(files)}
    texts = [{"lang": "en", "text": words}] if words else []
    return {"channel": "OPS", "texts": texts, "fields": fields, **more}


def is_whole(client, entry):
    try:
        return client.get(f"/entries/{entry}")["attachments"][0]["state"] == "here"
    except NotFoundError:
        return False


def test_a_file_goes_from_disk_to_disk_and_is_whole_on_both_sides(pair, tmp_path, monkeypatch):
    alfa, bravo, a, b = pair
    (tmp_path / "chart.pdf").write_bytes(CHART)
    monkeypatch.chdir(tmp_path)
    station = ("--station", str(alfa.directory))

    sent = run(
        "send", "OPS", "The chart of the area.", "--attach", "chart.pdf",
        "--idempotency-key", "once", "--json", *station,
    )  # fmt: skip
    assert sent.code == 0, sent.err
    entry = sent.json["data"]["entry"]
    until(lambda: is_whole(b, entry))

    shown = run("show", entry, "--station", str(bravo.directory)).out
    assert f"chart.pdf  application/pdf  {len(CHART)} bytes  whole, digest agrees" in shown
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "there")
    saved = run("attachment", "save", entry, "--station", str(bravo.directory))
    assert saved.code == 0, saved.err
    assert (tmp_path / "there" / "chart.pdf").read_bytes() == CHART
    again = run("attachment", "save", entry, "--station", str(bravo.directory))
    assert again.code == 2
    assert "there already" in again.err

    # The author sees from the receipts that the other side has every part.
    until(
        lambda: a.get(f"/entries/{entry}")["delivery"]["per_peer"]["BRAVO"]["cannot_process"] == ""
    )
    (file,) = a.get(f"/entries/{entry}")["attachments"]
    assert file["per_peer"] == {"BRAVO": file["parts"]}
    # The same press again says the same thing once.
    monkeypatch.chdir(tmp_path)
    twice = run(
        "send", "OPS", "The chart of the area.", "--attach", "chart.pdf",
        "--idempotency-key", "once", "--json", *station,
    )  # fmt: skip
    assert twice.json["data"]["entry"] == entry
    assert twice.json["data"]["replayed"]


def test_its_parts_are_no_news_to_people_or_programs(pair):
    _, _, a, b = pair
    before = b.get("/entries")["items"]
    sent = a.post("/submissions", text(put(a, key="news")), key="news")
    until(lambda: is_whole(b, sent["entry"]))

    after = b.get("/entries")["items"]
    assert [row["name"] for row in after[len(before) :]] == [sent["entry"]]


def test_a_file_is_handed_out_to_be_saved_and_never_to_be_drawn(pair):
    _, bravo, a, b = pair
    sent = a.post("/submissions", text(put(a, key="out", name="Karte Süd.pdf")), key="out")
    entry = sent["entry"]
    until(lambda: is_whole(b, entry))
    (file,) = b.get(f"/entries/{entry}")["attachments"]

    transport = httpx.HTTPTransport(uds=str(bravo.directory / "control.sock"))
    with httpx.Client(transport=transport, base_url="http://station") as http:
        found = http.get(file["resource"])
    assert found.content == CHART
    assert found.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''Karte%20S%C3%BCd.pdf"
    )
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["content-security-policy"] == "default-src 'none'; sandbox"
    with pytest.raises(NotFoundError):
        b.get_bytes(f"/attachments/{'0' * 64}", entry=entry)
    with pytest.raises(NotFoundError):  # nobody added it here
        b.get_bytes(f"/attachments/{file['digest']}")


def test_what_is_broken_too_large_or_not_what_it_says_is_refused(pair):
    _, _, a, _ = pair
    with pytest.raises(UsageError, match="another SHA-256"):
        put(a, digest="0" * 64, key="e1")
    with pytest.raises(InvalidFieldsError, match="not what its type says"):
        put(a, b"MZ program", key="e2")
    with pytest.raises(InvalidFieldsError, match="not one of"):
        put(a, b"<html>", kind="text/html", name="a.html", key="e3")
    with pytest.raises(InvalidFieldsError, match="no bare name"):
        put(a, name="../chart.pdf", key="e4")
    with pytest.raises(UsageError, match="10485760"):
        put(a, b"%PDF-" + bytes(10 * 1024 * 1024), key="e5")
    put(a, key="e6")
    with pytest.raises(IdempotencyError):
        put(a, b"%PDF-other", key="e6")


def test_text_is_never_only_in_a_file_and_no_draft_names_one_that_is_not_here(pair):
    _, _, a, _ = pair
    file = put(a, key="rules")
    for wrong, words in (
        (text(file, words=""), "text is never only in a file|This field is needed"),
        (text({**file, "digest": "0" * 64}), "not kept here"),
        (text({**file, "bytes": 3}), "not kept here"),
        (text(file, file), "named twice"),
        (text({**file, "name": "a/b.pdf"}), "no bare name"),
    ):
        with pytest.raises(InvalidFieldsError, match=words):
            a.post("/submissions", wrong, key=sha256(json.dumps(wrong).encode()).hexdigest())


def test_ten_megabytes_hold_up_no_flash(pair):
    """The order itself is tested where it is kept: `test_outbox_turns`."""
    _, _, a, b = pair
    large = b"%PDF-1.7\n" + bytes(10 * 1024 * 1024 - 9)
    entry = a.post("/submissions", text(put(a, large, key="large")), key="large")["entry"]
    flash = a.post(
        "/submissions", text(words="Stop.", precedence="Z") | {"fields": {"subject": "S"}}
    )

    done = a.get(f"/entries/{flash['entry']}/delivery", wait="20s", until="delivered")

    assert done["reached"]
    (file,) = a.get(f"/entries/{entry}")["attachments"]
    assert file["parts"] == 321
    until(lambda: is_whole(b, entry), 60)
