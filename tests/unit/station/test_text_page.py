"""A joint text on paper: nothing of it is markup, and what is not signed says so in its language."""

from __future__ import annotations

import pytest

from parley.errors import UsageError
from parley.station import text_pdf
from parley.station.text_page import Article, Language, TextPage, write_html
from parley.station.text_pdf import write_pdf

WORDS = {"draft": "草案", "struck": "已删去"}
NASTY = '#panic("x") $a$ *b* @c <script>alert(1)</script> {{ 7 * 7 }} \\ \n双方保持500码。'


def page(text=NASTY, *, is_signed=False, mark="LIVE"):
    article = Article(number="1", text=text, brackets=("[ALFA: 500 / 或 BRAVO: 400]",))
    zh = Language(code="zh", title="谅解", articles=(article,), foot=("摘要: ab",), words=WORDS)
    return TextPage(
        number="OPS/JTX-ALFA-1", mark=mark, is_signed=is_signed, at=1_795_469_047, languages=(zh,)
    )


def test_a_page_holds_the_text_as_text_and_loads_nothing():
    html = write_html(page())
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "{{ 7 * 7 }}" in html
    assert "http" not in html.replace("http-equiv", "")
    assert "草案" in html


def test_what_is_signed_is_no_draft_and_what_is_no_live_matter_says_so():
    assert "草案" not in write_html(page(is_signed=True))
    assert "EXERCISE" in write_html(page(mark="EXERCISE"))
    assert "[已删去]" in write_html(page(text=""))


def test_a_pdf_is_made_without_reading_the_text_as_markup_and_the_same_page_gives_the_same_bytes():
    first = write_pdf(page())
    assert first.startswith(b"%PDF-1.")
    assert b"pdfaid" in first
    assert write_pdf(page()) == first
    assert write_pdf(page(text="另一文本")) != first


def test_without_typst_the_station_says_what_to_do(monkeypatch):
    monkeypatch.setattr(text_pdf, "_SETTER", "no_such_module")
    with pytest.raises(UsageError, match="cannot make PDF"):
        write_pdf(page())


def test_every_sheet_says_what_it_is_for_a_page_may_be_taken_alone():
    long = "双方保持五百米。\n" * 90

    def middle(**about):
        sheets = text_pdf.compiler_of(page(text=long, **about)).compile(format="svg")
        assert len(sheets) == 3
        return sheets[1]

    plain = middle(is_signed=True)
    assert middle(is_signed=True) == plain
    assert middle(is_signed=False) != plain
    assert middle(is_signed=True, mark="EXERCISE") != plain
