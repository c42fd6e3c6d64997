"""The table of settings: what may stand in `parley.toml`, with bounds, defaults and reasons."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from parley.carriers.address import parse_address
from parley.errors import UsageError

SettingValue: TypeAlias = str | int | tuple[str, ...]

_CODE = re.compile(r"[A-Z0-9-]{1,16}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
_ORIGIN = re.compile(r"https?://[a-z0-9._-]+(:[0-9]{1,5})?")
_URL = re.compile(r"(sqlite|postgresql(\+[a-z0-9]+)?)://.*")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?|[0-9a-f:]{2,39}")
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\]):[0-9]{1,5}(/[A-Za-z0-9._~/-]*)?")
LIST_MAX: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting.

    Attributes:
        kind: `text`, `integer` or `list` (of texts).
        default: None where the file must set it.
        unit: of an integer.
        help: what it does, one sentence.
        reason: why the default is what it is.
        safety: True where neither flag nor environment may set it.
        live: True where an administrator may change it while the station runs.
        check: returns what is wrong with one text, empty when nothing is.
    """

    section: str
    name: str
    kind: Literal["text", "integer", "list"]
    default: SettingValue | None
    help: str
    reason: str
    unit: str = ""
    safety: bool = False
    live: bool = False
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    check: Callable[[str], str] = lambda _: ""

    @property
    def key(self) -> str:
        """Return section and name."""
        return f"{self.section}.{self.name}"

    def parse(self, text: str) -> str | int | list[str]:
        """Return a value given as text in the environment or on the command line."""
        if self.kind == "integer":
            return int(text) if re.fullmatch(r"-?[0-9]{1,15}", text) else text
        if self.kind == "list":
            return [part.strip() for part in text.split(",") if part.strip()]
        return text


def _pattern(pattern: re.Pattern[str], expected: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        return "" if pattern.fullmatch(text) else f"{text!r} is not {expected}"

    return check


def _place(text: str) -> str:
    if not text:
        return ""
    match = _PLACE.fullmatch(text)
    if match is None or int(match[2]) > 65_535:
        return f"{text!r} is not host:port"
    return ""


def _address(text: str) -> str:
    try:
        parse_address(text)
    except UsageError as problem:
        return str(problem)
    return ""


def _optional_origin(text: str) -> str:
    return "" if not text or _ORIGIN.fullmatch(text) else f"{text!r} is not http(s)://host[:port]"


def _name(text: str) -> str:
    if not 1 <= len(text) <= 120 or not text.isprintable():
        return "is 1 to 120 printable characters"
    return ""


def _inside(text: str) -> str:
    if not text or text.startswith("/") or ".." in text.split("/"):
        return "is a path inside the station directory"
    return ""


def _argument(text: str) -> str:
    if not text or len(text) > 500 or "\0" in text:
        return "is 1 to 500 characters, one argument each"
    return ""


def _host(text: str) -> str:
    if _HOST.fullmatch(text):
        return ""
    return f"{text!r} is no host name in small letters and no address"


def _loopback(text: str) -> str:
    if not text or _LOOPBACK.fullmatch(text):
        return ""
    return f"{text!r} is not http://127.0.0.1:PORT/... or http://[::1]:PORT/..."


def _span(key: str, default: int, most: int, help_: str, reason: str) -> Setting:
    """Return a setting of so many seconds that may be changed while the station runs."""
    section, _, name = key.partition(".")
    return Setting(
        section=section,
        name=name,
        kind="integer",
        default=default,
        unit="s",
        least=60,
        most=most,
        help=help_,
        reason=reason,
        live=True,
    )


SETTINGS: Final = (
    Setting(
        section="station",
        name="code",
        kind="text",
        default=None,
        safety=True,
        help="Short code of the party: A-Z, 0-9 and -, at most 16.",
        reason="It stands on the card, which is signed; changing it takes a new card.",
        check=_pattern(_CODE, "A-Z, 0-9 and -, 1 to 16 characters"),
    ),
    Setting(
        section="station",
        name="name",
        kind="text",
        default=None,
        safety=True,
        help="Name of the party as it gives it.",
        reason="It stands on the card.",
        check=_name,
    ),
    Setting(
        section="station",
        name="mark",
        kind="text",
        default="LIVE",
        safety=True,
        choices=("LIVE", "EXERCISE", "TEST", "SIMULATION"),
        help="Marking of everything this station writes.",
        reason="A station that says nothing else is in earnest.",
    ),
    Setting(
        section="station",
        name="languages",
        kind="list",
        default=("en",),
        help="Languages this station writes in, the first one first (BCP 47).",
        reason="Forms offer these.",
        check=_pattern(_LANGUAGE, "a language such as en or zh-Hans"),
    ),
    Setting(
        section="station",
        name="clock_offset_s",
        kind="integer",
        default=0,
        unit="s",
        safety=True,
        least=-40 * 366 * 86_400,
        most=40 * 366 * 86_400,
        help="Seconds added to the machine's clock: an exercise at another time; 0 when LIVE.",
        reason="A station in earnest has no time but the machine's.",
    ),
    Setting(
        section="link",
        name="listen",
        kind="list",
        default=(),
        help="Addresses at which peers reach this station, such as 127.0.0.1:7001.",
        reason="Empty: it only dials out.",
        check=_address,
    ),
    Setting(
        section="link",
        name="heartbeat_s",
        kind="integer",
        default=60,
        unit="s",
        least=5,
        most=86_400,
        help="At most this long between two signed statements on a channel proposed here.",
        reason="A minute is little on a fast path and enough to prove silence to the minute.",
    ),
    Setting(
        section="witness",
        name="listen",
        kind="text",
        default="",
        safety=True,
        help="host:port at which this station is a witness, and nothing else; empty: it is not.",
        reason="Who cosigns for others must not be a party of what it cosigns.",
        check=_place,
    ),
    Setting(
        section="store",
        name="url",
        kind="text",
        default="sqlite:///station.sqlite",
        help="Database of the record; a relative file lies in the station directory. "
        "PostgreSQL needs the extra `postgres`.",
        reason="SQLite needs no server.",
        check=_pattern(_URL, "sqlite:///FILE or postgresql://…"),
    ),
    Setting(
        section="log",
        name="level",
        kind="text",
        default="info",
        choices=("debug", "info", "warning", "error"),
        help="Least level that is logged.",
        reason="Info tells what an operator asks for.",
    ),
    Setting(
        section="log",
        name="format",
        kind="text",
        default="json",
        choices=("json", "console"),
        help="json: one object a line; console: for a person's eyes.",
        reason="Log collectors read JSON.",
    ),
    Setting(
        section="api",
        name="listen",
        kind="text",
        default="",
        help="host:port of the API for programs with a token; empty: the local socket only.",
        reason="What is not open cannot be attacked.",
        check=_place,
    ),
    Setting(
        section="api",
        name="calls_a_minute",
        kind="integer",
        default=3_000,
        unit="calls",
        least=60,
        most=1_000_000,
        live=True,
        help="Calls that one token may make in a minute, and at once; more are answered 429.",
        reason="Fifty a second is more than a display or a feed needs, and leaves officers theirs.",
    ),
    Setting(
        section="console",
        name="listen",
        kind="text",
        default="",
        help="host:port of the officers' console; empty: none.",
        reason="What is not open cannot be attacked.",
        check=_place,
    ),
    Setting(
        section="console",
        name="origin",
        kind="text",
        default="",
        help="Address of the console as browsers write it, such as http://alfa.localhost:8101.",
        reason="Passkeys are bound to it; empty: http:// and the listen address.",
        check=_optional_origin,
    ),
    Setting(
        section="release",
        name="policy",
        kind="text",
        default="two-person",
        safety=True,
        choices=("two-person", "one-person"),
        help="Who may release: another person than the writer, or the writer too.",
        reason="Nobody should be able to speak for a state alone by mistake.",
    ),
    Setting(
        section="keys",
        name="station",
        kind="text",
        default="keys/station.key",
        safety=True,
        help="Sealed file of the station's keys, inside the station directory.",
        reason="It travels with the directory.",
        check=_inside,
    ),
    Setting(
        section="alarm",
        name="sounders",
        kind="list",
        default=(),
        safety=True,
        help="Program with its arguments that sounds an alarm nobody has claimed; JSON in.",
        reason="A bell that needs no browser: what rings here is for its administrator.",
        check=_argument,
    ),
    *(
        _span(
            f"alarm.claim_{name}_s",
            default,
            most,
            f"How long a claim of {what} is good without an acknowledgement.",
            "Then it sounds again: whoever claimed it may have been called away.",
        )
        for name, default, most, what in (
            ("flash", 300, 1_800, "a FLASH"),
            ("immediate", 900, 7_200, "an IMMEDIATE"),
            ("other", 3_600, 28_800, "any other alarm"),
        )
    ),
    *(
        _span(
            f"aims.{name}_s",
            default,
            7 * 86_400,
            f"In what time what is {word} should be handled; shown, and nothing lapses by it.",
            "As in old allied practice (ACP 121): officers see at a glance what is late.",
        )
        for name, word, default in (
            ("flash", "FLASH", 600),
            ("immediate", "IMMEDIATE", 1_800),
            ("priority", "PRIORITY", 10_800),
            ("routine", "ROUTINE", 21_600),
        )
    ),
    Setting(
        section="webhooks",
        name="hosts",
        kind="list",
        default=(),
        safety=True,
        help="Hosts to which webhooks may go, as names or addresses; none without it.",
        reason="What leaves the station goes where its administrator said; a name that leads"
        " inside needs the address listed too.",
        check=_host,
    ),
    Setting(
        section="translation",
        name="command",
        kind="list",
        default=(),
        safety=True,
        help="Program with its arguments that translates by machine; JSON in, JSON out.",
        reason="None is shipped: what leaves the station's own rooms is for its administrator.",
        check=_argument,
    ),
    Setting(
        section="translation",
        name="url",
        kind="text",
        default="",
        safety=True,
        help="Address on this machine's loopback that does the same over HTTP.",
        reason="Texts must not leave this machine unseen.",
        check=_loopback,
    ),
    Setting(
        section="translation",
        name="engine",
        kind="text",
        default="",
        safety=True,
        help="Name of the engine, told with every translation by machine.",
        reason="A reader must know what made it.",
        check=lambda text: "" if not text else _name(text),
    ),
    Setting(
        section="translation",
        name="timeout_s",
        kind="integer",
        default=30,
        unit="s",
        least=1,
        most=300,
        help="How long a translation by machine may take.",
        reason="A person waits for it.",
    ),
)
BY_KEY: Final = {setting.key: setting for setting in SETTINGS}


def problem_of(setting: Setting, value: object) -> str:
    """Return what is wrong with a value, empty when nothing is."""
    if setting.kind == "integer":
        if type(value) is not int:
            return f"is a whole number of {setting.unit or 'units'}, not {value!r}"
        if not setting.least <= value <= setting.most:
            return f"is {setting.least} to {setting.most} {setting.unit}, not {value}".replace(
                "  ", " "
            )
        return ""
    if setting.kind == "list":
        if not isinstance(value, list) or not all(isinstance(member, str) for member in value):
            return "is a list of texts"
        if len(value) > LIST_MAX:
            return f"has at most {LIST_MAX} members"
        return next((wrong for member in value if (wrong := setting.check(member))), "")
    if not isinstance(value, str):
        return f"is a text, not {value!r}"
    if setting.choices and value not in setting.choices:
        return f"is one of {', '.join(setting.choices)}, not {value!r}"
    return setting.check(value)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of `parley.toml`'s content."""
    sections: dict[str, Any] = {}
    for setting in SETTINGS:
        section = sections.setdefault(
            setting.section, {"type": "object", "additionalProperties": False, "properties": {}}
        )
        section["properties"][setting.name] = _schema_of(setting)
        if setting.default is None:
            section.setdefault("required", []).append(setting.name)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "parley.toml",
        "type": "object",
        "additionalProperties": False,
        "required": ["station"],
        "properties": sections,
    }


def _schema_of(setting: Setting) -> dict[str, Any]:
    schema: dict[str, Any] = {"description": f"{setting.help} {setting.reason}"}
    if setting.kind == "integer":
        schema |= {"type": "integer", "minimum": setting.least, "maximum": setting.most}
    elif setting.kind == "list":
        schema |= {"type": "array", "items": {"type": "string"}, "maxItems": LIST_MAX}
    else:
        schema["type"] = "string"
        if setting.choices:
            schema["enum"] = list(setting.choices)
    if setting.default is not None:
        value = setting.default
        schema["default"] = list(value) if isinstance(value, tuple) else value
    if setting.unit:
        schema["x-unit"] = setting.unit
    return schema
