"""Accounts by paragraph, with our own reading of each: on the page, in a table, and nowhere else."""

from __future__ import annotations

import csv

from unit.console.test_pages import desk, run

CASE = "/cases/REQ-ALFA-40"
THEIRS, OURS = "OPS/BRAVO/33", "OPS/ALFA/41"


def test_a_desk_officer_marks_paragraphs_and_takes_the_reading_out_as_a_table():
    async def work():
        async with desk() as at:
            at.gateway.accounts = {"BRAVO": THEIRS, "ALFA": OURS}
            at.gateway.entry(THEIRS).texts[0].text = "=We <b>agreed</b>.\n\nNothing on nets."
            await at.sign_in("ALFA-W2")
            before = (await at.client.get(CASE)).text
            marks = {f"mark.{THEIRS}.zh-Hans.1": "both", f"note.{THEIRS}.zh-Hans.1": "as ours"}
            lang = at.gateway.entry(THEIRS).texts[0].lang
            marks = {key.replace("zh-Hans", lang): value for key, value in marks.items()}
            # An entry that is no account of this case is left alone.
            made = await at.post(
                "/readings/REQ-ALFA-40", **marks, **{"mark.OPS/BRAVO/1.en.1": "ask"}
            )
            after = (await at.client.get(CASE)).text
            table = await at.client.get("/readings/REQ-ALFA-40")
            await at.sign_in("ALFA-I1")
            seen = (await at.client.get(CASE)).text
            refused = await at.post("/readings/REQ-ALFA-40", **marks)
            return lang, before, made, after, table, at.gateway.read, seen, refused

    lang, before, made, after, table, kept, seen, refused = run(work)
    assert before.index(">ALFA <a") < before.index(">BRAVO <a")
    assert "=We &lt;b&gt;agreed&lt;/b&gt;." in before
    assert made.headers["location"] == f"{CASE}#paragraphs"
    assert kept == {THEIRS: {f"{lang}.1": ("both", "as ours")}}
    assert "s reading: ALFA-D1" in after
    assert 'filename="REQ-ALFA-40-ALFA-reading.csv"' in table.headers["content-disposition"]
    rows = list(csv.DictReader(table.content.decode("utf-8-sig").splitlines()))
    (row,) = [row for row in rows if row["note"]]
    assert (row["text"], row["reading of ALFA"]) == ("'=We <b>agreed</b>.", "in both")
    assert "Keep our reading here" not in seen
    assert "in both" in seen
    assert refused.status_code == 403
