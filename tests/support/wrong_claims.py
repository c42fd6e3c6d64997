"""Claims of a scenario file made wrong, one value at a time."""

from __future__ import annotations


def wrong(value):
    """Return values of the same kind that are not the one given."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, {"at_least": value + 1}, {"at_most": value - 1}]
    if value == "none":
        return ["2026-06-01", 0, "event"]
    if isinstance(value, list):
        fewer = [value[:-1]] if value else []
        return [*fewer, [*value, "NOBODY"], {"includes": ["NOBODY"]}]
    if isinstance(value, dict):
        return _wrong_map(value)
    if value == "event":
        return ["2026-06-10", "none-known", {"between": ["2026-06-01", "2026-06-30"]}]
    return [f"{value}x", "none", {"any_of": ["no", "never"]}]


def _wrong_map(value):
    name, one = next(iter(value.items()))
    far = ["P300D", "2099-01-01T00:00:00Z"]
    never = {
        "includes": [{"includes": ["NOBODY"]}],
        "any_of": [{"any_of": ["no", "never"]}],
        "at_least": [{"at_least": each} for each in far],
        "at_most": [{"at_most": "PT0S"}, {"at_least": "2099-01-01T00:00:00Z"}],
        "about": [{"about": each, "within": "PT5M"} for each in far],
        "between": [{"between": [each, each]} for each in far],
    }
    return never[name] if name in never else [{**value, name: each} for each in wrong(one)[:1]]


def mutants(claims):
    """Return claims that differ from those given in one value."""
    for claim in claims:
        for column, value in claim.get("shows", {}).items():
            for other in wrong(value):
                yield {**claim, "shows": {**claim["shows"], column: other}}
        if "equals" in claim:
            yield {**claim, "equals": claim["equals"] + 1}
            more = {name: part for name, part in claim.items() if name != "equals"}
            yield {**more, "at_least": claim["equals"] + 1}
        if "no_cycle" in claim:
            yield {"cycle": ["L0"]}
        if "absent" in claim and claim["absent"].get("to") == "ECHO":
            yield {"absent": {**claim["absent"], "to": "DELTA"}}


def wrong_differences(claims):
    """Return claims about two accounts with another status, amount or side."""
    for claim in claims:
        told = claim.get("difference", {})
        if told:
            other = "agree" if told.get("status") == "disputed" else "disputed"
            yield {"difference": {**told, "status": other}}
        if "by" in told:
            ((unit, amount),) = told["by"].items()
            yield {"difference": {**told, "by": {unit: amount + 1}}}
        if "side" in told:
            yield {"difference": {**told, "side": "NOBODY"}}
