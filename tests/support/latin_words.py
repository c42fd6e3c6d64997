"""Latin words that stand on a Chinese page: what a reader would find left in English."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_OWN = ("code", "kbd", "pre", "script", "style", "textarea")
"""Elements that hold commands and what somebody typed."""
_SHOWN = ("title", "aria-label", "placeholder", "alt", "data-label", "data-confirm", "data-say")
"""Attributes that a reader sees or hears."""
_VOID = frozenset(
    [
        "br",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "path",
        "use",
        "circle",
        "line",
        "rect",
        "source",
        "wbr",
        "col",
    ]
)
_PARTS = re.compile(r"[^\s\u2018-\u201d\u3000-\u303f\u4e00-\u9fff\uff00-\uffef()\[\]<>,;:!?\"·…|]+")
_WORD = re.compile(r"[A-Za-z]*[a-z][A-Za-z]*(?:['’-][A-Za-z]+)*\.?")
_CODE = re.compile(r"[0-9a-f]{12,}|//.*")
"""A digest that has no figure by chance, and what follows the scheme of an address."""
_UNITS = frozenset(
    [
        "http",
        "tls",
        "sqlite",
        "m",
        "s",
        "ms",
        "kn",
        "km",
        "nmi",
        "ft",
        "kHz",
        "MHz",
        "bit",
        "x",
        "kB",
        "MiB",
        "GB",
    ]
)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._stack: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        is_own = (
            tag in _OWN
            or "said" in facts.get("class", "").split()
            or not facts.get("lang", "zh").startswith("zh")
            or "data-own" in facts
        )
        is_hidden = is_own or (bool(self._stack) and self._stack[-1][1])
        if not is_hidden:
            self.found += [facts[name] for name in _SHOWN if facts.get(name)]
            if tag == "input" and facts.get("type") in ("submit", "button"):
                self.found.append(facts.get("value", ""))
        if tag not in _VOID:
            self._stack.append((tag, is_hidden))

    def handle_endtag(self, tag: str) -> None:
        while self._stack:
            if self._stack.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self._stack and self._stack[-1][1]):
            self.found.append(data.strip())


def latin_words(page: str, allowed: frozenset[str]) -> list[str]:
    """Return every text of a page with a Latin word that is no code, no unit and not allowed."""
    reader = _Page()
    reader.feed(page)
    return [
        text
        for text in reader.found
        if any(_is_word(part, allowed) for part in _PARTS.findall(text))
    ]


def _is_word(part: str, allowed: frozenset[str]) -> bool:
    """Say whether a part of a text is a word: codes have figures, capitals, dots or slashes."""
    if _CODE.fullmatch(part):
        return False
    return bool(_WORD.fullmatch(part)) and part not in allowed and part not in _UNITS
