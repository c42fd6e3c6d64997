"""A joint text is written article by article, in both languages, by forms alone."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace as Shape

from starlette.datastructures import FormData

from parley.console.text_fields import address_after, read_rows, read_text_fields
from parley.console.text_form import first_values, text_form
from parley.desk.catalogue import PROCEDURES
from parley.station.forms import move_view
from support import fake_gateway
from unit.console.test_pages import desk, run

EN, ZH = "Keep 500 yards.\nAnswer on 16.", "保持500码。\n在16频道应答。"


def move_of(name):
    declared = PROCEDURES["joint_text"].move(name)
    return move_view(declared, permitted=True, opens=name == "table")


def article(number, texts=None, **more):
    texts = {"en": EN, "zh": ZH} if texts is None else texts
    return fake_gateway.passage(number, "open", texts, **more)


def case_of(*passages, steps=()):
    title = fake_gateway.passage("title", "", {"en": "Nets", "zh": "渔网"})
    values = {"languages": ["en", "zh"], "digest": "ab" * 32, "differs": ["1.distances"]}
    values["articles"] = [
        {"no": one.number, "digest": f"{n:064x}", "agreed_by": [], "missing": []}
        for n, one in enumerate(passages)
    ]
    return Shape(passages=[title, *passages], values=values, history=list(steps))


def form_of(shown):
    """Return what a browser posts of a redraft that nobody typed in."""
    pairs = []
    for name in ("articles", "annexes"):
        for one in shown.groups[name]:
            base = f"r.{name}.{one.place}"
            pairs += [(f"{base}.code", one.row.code), (f"{base}.was", one.row.was)]
            pairs += [
                (f"{base}.{lang}.{k}", words)
                for lang, said in one.row.paragraphs.items()
                for k, words in enumerate(said)
            ]
    return dict(pairs)


def redraft(case, values=None, **asked):
    return text_form(move_of("redraft"), values or {}, case, asked)


def test_what_is_not_typed_in_is_no_change_even_where_the_text_is_another_one_by_now():
    old = form_of(redraft(case_of(article("1"), article("2"))))
    assert read_text_fields(FormData(old), move_of("redraft")) == {}
    # BRAVO changed article 1 meanwhile; here only article 2 is typed in.
    typed = FormData(old | {"r.articles.1.en.1": "Answer on 13."})
    said = {"en": "Keep 500 yards.\nAnswer on 13.", "zh": ZH}
    assert read_text_fields(typed, move_of("redraft")) == {"articles": [{"no": "2", "text": said}]}


def test_each_paragraph_has_a_field_in_each_language_and_one_more_is_added_by_a_button():
    shown = redraft(case_of(article("1", {"en": EN, "zh": "保持500码。"})), paragraph="articles.0")
    first, more = shown.groups["articles"]
    assert first.row.paragraphs["en"] == ["Keep 500 yards.", "Answer on 16.", ""]
    assert first.row.paragraphs["zh"] == ["保持500码。", "", ""]
    assert (more.row.code, more.standing) == ("2", None)
    form = FormData({"do": "paragraph articles 0"})
    assert address_after(form) == "?paragraph=articles.0#r-articles-0"


def test_rows_of_a_new_text_are_moved_left_out_and_put_between_by_buttons():
    rows = {f"r.articles.{n}.code": str(n) for n in range(3)}
    rows |= {f"r.articles.{n}.en.0": f"Words {n}" for n in range(3)}

    def order(do):
        return [row.code for row in read_rows(FormData(rows | {"do": do}), "articles")]

    assert order("save") == ["0", "1", "2"]
    assert order("up articles 2") == ["0", "2", "1"]
    assert order("up articles 0") == ["0", "1", "2"]
    assert order("leave articles 1") == ["0", "2"]
    assert order("leave annexes 1") == ["0", "1", "2"]
    values = {"languages": ["en", "zh"], "articles": [{"no": "1", "text": {"en": "a"}}] * 2}
    shown = text_form(move_of("table"), values, None, {"insert": "articles.0"})
    assert [row.now for row in shown.groups["articles"]] == [{"en": "a"}, {}, {"en": "a"}]


def test_ticks_and_words_become_what_the_desk_takes():
    chosen = FormData([("chosen", "ab" * 32 + " 1"), ("chosen", "cd" * 32 + " annex 1")])
    assert read_text_fields(chosen, move_of("agree"))["articles"] == [
        {"no": "1", "digest": "ab" * 32},
        {"no": "annex 1", "digest": "cd" * 32},
    ]
    close = FormData([("f.digest", "ab"), ("seen", "1.distances"), ("seen", "2.dates")])
    wanted = {"digest": "ab", "seen": ["1.distances", "2.dates"]}
    assert read_text_fields(close, move_of("close")) == wanted
    bracket = FormData({"f.no": "1", "f.id": "b1", "w.words.en": " 500 ", "w.alt.en": ""})
    wanted = {"no": "1", "id": "b1", "words": {"en": "500"}}
    assert read_text_fields(bracket, move_of("bracket")) == wanted
    assert read_text_fields(FormData({"f.take": "2"}), move_of("unbracket")) == {"take": 2}
    assert first_values("joint_text", "table", {}, ["en"]) == {"languages": ["en", "zh-Hans"]}
    assert first_values("message", "send", {"no": "1"}, ["en"]) == {}


def test_what_an_act_makes_of_the_text_and_who_changed_it_meanwhile():
    offer = {"by": "BRAVO", "words": {"en": "400", "zh": "400"}}
    held = {"id": "b1", "by": "BRAVO", "words": {"en": "500", "zh": "500"}, "alternatives": [offer]}
    before = {"en": "old", "zh": "旧"}
    changed = article("1", before=before, version=2, by="BRAVO", brackets=[held])
    steps = [Shape(move="joint_text.table", at=10, received_at=10)]
    steps.append(Shape(move="joint_text.redraft", at=50, received_at=60))
    case = case_of(changed, article("2"), steps=steps)
    draft = Shape(changed_at=40)

    def one(move, **values):
        (found,) = text_form(move_of(move), values, case, {}, draft).becomes
        return found

    over = one("redraft", articles=[{"no": "1", "text": {"en": "New.", "zh": "新。"}}])
    assert (over.before, over.after, over.meanwhile) == (
        {"en": EN, "zh": ZH},
        {"en": "New.", "zh": "新。"},
        ("BRAVO", 60),
    )
    assert one("redraft", articles=[{"no": "3", "text": {"en": "New."}}]).before is None
    assert one("strike", no="2").after == {}
    taken = one("unbracket", no="1", id="b1", take=1)
    assert taken.after == {"en": EN.replace("500", "400"), "zh": ZH.replace("500", "400")}
    assert one("unbracket", no="1", id="b1").brackets == []
    assert one("alternative", no="1", id="b1", alt={"en": "300"}).after == {"en": "300"}
    put = one("bracket", no="2", id="b2", words={"en": "Answer"}, alt={"en": "Reply"})
    assert put.brackets[-1]["words"] == {"en": "Answer"}
    digest = {"no": "2", "digest": "00"}
    assert one("agree", articles=[digest]).number == "2"
    assert len(text_form(move_of("sign"), {}, case, {}).becomes) == 2


def test_an_act_about_an_article_first_asks_which_one_and_a_long_text_opens_what_is_asked():
    case = case_of(*[article(str(n)) for n in range(1, 41)])
    assert len(text_form(move_of("bracket"), {}, case, {}).choices) == 40
    chosen = text_form(move_of("bracket"), {"no": "7"}, case, {})
    assert (chosen.choices, chosen.passage.number, chosen.new_bracket) == ([], "7", "b1")
    shown = redraft(case, {"articles": [{"no": "3", "text": {"en": "x"}}]}, open="9")
    assert [one.row.code for one in shown.groups["articles"]] == ["3", "9", "41"]
    assert len(shown.closed) == 38
    assert address_after(FormData({"do": "open annex 1"})) == "?open=annex%201#joint"


def test_a_redraft_is_written_saved_and_shown_by_word_without_scripts(monkeypatch):
    hostile = "<script>alert(1)</script> 500 yards"
    case = case_of(article("1", {"en": hostile, "zh": "500码"}), article("2"))

    async def work():
        async with desk() as at:
            await at.sign_in()
            shown = at.gateway.case("REQ-ALFA-40")
            shown.__dict__.update(vars(case) | {"procedure": "joint_text"})
            shown.moves = [move_of("redraft"), move_of("bracket"), move_of("strike")]
            monkeypatch.setattr(at.gateway, "case", lambda number, **_: shown)
            link = "/drafts/new?channel=OPS&procedure=joint_text&move=redraft&case=REQ-ALFA-40"
            page = (await at.client.get(link)).text
            inputs = re.findall(r'<(?:input type="(?:hidden|text)"|textarea)[^>]*>', page)
            fields = {}
            for each in inputs:
                name = re.search(r' name="([^"]+)"', each)
                value = re.search(r' value="([^"]*)"', each)
                if name:
                    fields[name[1]] = unescape(value[1]) if value else ""
            for name, words in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)<', page):
                fields[name] = unescape(words)
            fields.pop("form_token")
            fields |= {"r.articles.0.en.0": hostile.replace("500", "900"), "to": "BRAVO"}
            made = await at.post("/drafts", **fields, do="save", precedence="R")
            draft = next(reversed(at.gateway._drafts.values()))
            return page, made, draft, (await at.client.get(made.headers["location"])).text

    page, made, draft, again = run(work)
    assert made.status_code == 303
    assert [each["no"] for each in draft.fields["articles"]] == ["1"]
    assert draft.fields["articles"][0]["text"]["en"] == hostile.replace("500", "900")
    assert "<script>alert" not in page + again
    assert "changed here" in again
    assert re.search(r"<del>.*?500</del><ins>.*?900</ins> yards", again)
