"""A joint text as PDF, set by Typst with a font that has Chinese; both are an extra, `pdf`.

The text goes in as data and is never read as markup. Nothing is loaded from outside.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import import_module, util
from pathlib import Path
from typing import Any, Final

from parley.errors import UsageError
from parley.station.text_page import TextPage

_SETTER: Final = "typst"
_FONT: Final = "noto_cjk_sans_otc"
_TEMPLATE: Final = """
#let page_data = json(bytes(sys.inputs.page))
#set document(title: page_data.number, date: auto)
#let mark = if page_data.mark != "LIVE" { (page_data.mark,) } else { () }
#let drafts = if page_data.is_signed { () } else { page_data.languages.map(one => one.words.draft) }
#let headline = (..mark, page_data.number, ..drafts.dedup()).join("   ")
#let counted = context counter(page).display("1 / 1", both: true)
#set page(
  paper: "a4", margin: 2.5cm,
  header: align(center, text(size: 8pt, headline)),
  footer: align(center, text(size: 8pt, (..mark, counted).join("   "))),
)
#set text(font: "Noto Sans CJK SC", size: 10.5pt)
#set par(leading: 0.8em)
#for (at, language) in page_data.languages.enumerate() {
  if at > 0 { pagebreak() }
  set text(lang: language.code.slice(0, 2))
  for mark in (if page_data.mark != "LIVE" { page_data.mark } else { none },
               if not page_data.is_signed { language.words.draft } else { none }) {
    if mark != none { align(center, box(stroke: 1pt, inset: 6pt, text(weight: "bold", mark))) }
  }
  align(center, text(size: 14pt, weight: "bold", language.title))
  for article in language.articles {
    block(above: 1.4em, below: 0.6em, text(weight: "bold", article.number))
    let said = if article.text == "" { "[" + language.words.struck + "]" } else { article.text }
    for line in said.split("\\n") { par(text(line)) }
    for line in article.brackets { par(text(size: 9pt, line)) }
  }
  line(length: 100%, stroke: 0.5pt)
  for line in language.foot { par(text(size: 8pt, line)) }
}
"""


def write_pdf(page: TextPage) -> bytes:
    """Return the page as PDF/A-2b; the same page gives the same bytes.

    Raises:
        UsageError: the extra `pdf` is not installed at this station.
    """
    if not (util.find_spec(_SETTER) and util.find_spec(_FONT)):
        raise UsageError(
            "this station cannot make PDF: Typst and its font are not installed",
            next_step="Install what requirements/pdf.txt names, or take html.",
        )
    made: bytes = compiler_of(page).compile(format="pdf", pdf_standards="a-2b", timestamp=page.at)
    return made


def compiler_of(page: TextPage) -> Any:
    """Return what sets a page; every sheet carries its mark, its number and that it is a draft."""
    setter = import_module(_SETTER)
    fonts = Path(str(import_module(_FONT).__file__)).parent
    return setter.Compiler(
        _TEMPLATE.encode(),
        font_paths=[str(fonts)],
        ignore_system_fonts=True,
        sys_inputs={"page": json.dumps(asdict(page))},
    )
