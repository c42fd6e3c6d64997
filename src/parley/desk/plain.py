"""Values of rows and fields as a person reads them, in one language."""

from __future__ import annotations

from collections.abc import Mapping

from parley.desk.fields import LANGUAGE, UNDETERMINED, Json

_WORDS = {"en": ("yes", "no", "none"), "zh": ("是", "否", "无")}


def plain(value: Json, language: str = "en") -> str:
    """Return a value in words: yes and no, lists with commas, words in the language if given.

    Args:
        value: a value of a row or field in JSON form.
        language: `en` or `zh`; another one is read as `en`.
    """
    yes, no, nothing = _WORDS.get(language, _WORDS["en"])
    if value is None:
        return nothing
    if isinstance(value, bool):
        return yes if value else no
    if isinstance(value, Mapping):
        if _is_words(value):
            return str(value[language] if language in value else next(iter(value.values())))
        return (
            "; ".join(f"{name}: {plain(one, language)}" for name, one in value.items()) or nothing
        )
    if isinstance(value, list | tuple):
        return ", ".join(plain(one, language) for one in value) or nothing
    return str(value)


def _is_words(value: Mapping[str, Json]) -> bool:
    """Say whether this is one text in one or more languages."""
    return bool(value) and all(
        isinstance(text, str) and (LANGUAGE.fullmatch(name) is not None and len(name) in (2, 3, 7))
        for name, text in value.items()
    )


def plain_topic(topics: Json) -> Json:
    """Return the first of several topics: its words, or the bare text where it has no language."""
    first: Json = topics[0] if isinstance(topics, list | tuple) and topics else None
    if isinstance(first, Mapping) and set(first) == {UNDETERMINED}:
        first = first[UNDETERMINED]
    return first
