"""Short forms of procedures: `notify`, `report`, `meeting`, `readout`, `position`, `commitment`.

A table says which move each one makes and which option gives which field; all else comes from the
declarations, as with `parley case`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from parley.cli.cases import case_list, case_of
from parley.cli.channels import due_text, time_text
from parley.cli.command import Run, declare, new_app, read_text
from parley.cli.compared import compared_lines
from parley.cli.exits import IN_PART
from parley.cli.output import Result
from parley.cli.paging import Cursor, Every, Limit, gather
from parley.cli.reach import Door, reach, segment
from parley.cli.send import language_of
from parley.cli.submitting import hand_in
from parley.cli.writing import MESSAGE, SHORT, draft_of, form_fields, how_of, option
from parley.errors import ConflictError, NotFoundError, UsageError

app = new_app("Short forms of procedures.")
_GROUPS: Final = {
    "meeting": new_app("Meetings: proposed, agreed, recorded by each side for itself."),
    "readout": new_app("Readouts: each side's own account of a meeting or call."),
    "commitment": new_app("Commitments: made, claimed as kept, listed."),
}
for _name, _group in _GROUPS.items():
    app.add_typer(_group, name=_name)

_EXITS: Final = (3, 4, 5, 6, 8, 9, 10, 13)
_NOTICES: Final[Mapping[str, tuple[str, str]]] = {
    "exercise": ("windows", "area"),
    "warning": ("windows", "area"),
    "launch": ("window", "impact_areas"),
}
"""Procedures of notices, with the fields that hold their times and their areas."""
_TOLD: Final = (*_NOTICES, "airspace", "humanitarian")

Channel = Annotated[str, typer.Argument(help="The channel's code.")]
Number = Annotated[str, typer.Argument(help="The case's number.")]
Text = Annotated[str | None, typer.Argument(help="Words to it; - reads standard input.")]
OnChannel = Annotated[str, typer.Option("--channel", help="Only on this channel.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a short form.

    Attributes:
        name: the option without its dashes, with `_` for `-`.
        field: the field it gives; the same as its name where empty.
        kind: `text`, `list`, `words` (in the language of the text), `time`, or `due`.
        flag: what is typed where it is not the name.
    """

    name: str
    says: str
    field: str = ""
    kind: str = "text"
    flag: str = ""

    @property
    def typed(self) -> str:
        """Return the option as it is typed."""
        return self.flag or "--" + self.name.replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Short:
    """One short form.

    Attributes:
        path: the words typed after `parley`.
        opens: it opens a case on a channel; else it makes a move in one.
        words: the field, a text per language, that the argument is, besides the entry's text.
        fixed: fields that it gives by itself where no option and no form does.
        kept: fields that are taken over from the case where no option gives them.
    """

    path: tuple[str, ...]
    procedure: str
    move: str
    says: str
    examples: tuple[str, ...]
    options: tuple[Option, ...] = ()
    opens: bool = False
    words: str = ""
    fixed: tuple[tuple[str, Any], ...] = ()
    kept: tuple[str, ...] = ()


_AT: Final = (
    Option(name="begin", flag="--from", says="When it begins: a time, or 3d.", kind="time"),
    Option(name="until", says="When it ends.", kind="time"),
)
SHORTS: Final = (
    Short(
        path=("report",),
        procedure="incident",
        move="report",
        opens=True,
        says="Report an incident as we saw it; the peer is asked for its own account.",
        examples=("parley report OPS --when 2026-11-24T05:12:00Z --form incident.toml",),
        options=(
            Option(name="when", says="When it happened.", kind="time"),
            Option(name="assessment", says="Such as safe or unsafe; kept apart, never compared."),
        ),
    ),
    Short(
        path=("meeting", "propose"),
        procedure="meeting",
        move="fix",
        opens=True,
        says="Propose a meeting: its title, venue and time; the peer fixes the same.",
        examples=("parley meeting propose OPS --title Talks --venue Geneva --from 3d --until 4d",),
        options=(
            Option(name="title", says="What meeting it is.", kind="words"),
            Option(name="venue", says="Where."),
            *_AT,
            Option(name="level", says="Between whom, such as ministers."),
        ),
    ),
    Short(
        path=("meeting", "agree"),
        procedure="meeting",
        move="fix",
        says="Agree to a meeting that the peer proposed, with its time and venue as they stand.",
        examples=("parley meeting agree MTG-BRAVO-3",),
        kept=("title", "venue", "windows"),
    ),
    Short(
        path=("meeting", "record"),
        procedure="meeting",
        move="hold",
        says="Record for our side that a meeting was held, and from when to when.",
        examples=(
            'parley meeting record MTG-BRAVO-3 --began "010900Z DEC 26" --ended "011100Z DEC 26"',
        ),
        options=(
            Option(name="began", says="When it began.", kind="time"),
            Option(name="ended", says="When it ended.", kind="time"),
        ),
    ),
    Short(
        path=("readout", "publish"),
        procedure="readout",
        move="give",
        opens=True,
        says="Give our account of a meeting or call; claims of it come by --field or --form.",
        examples=('parley readout publish OPS "Frank talks." --of MTG-BRAVO-3',),
        options=(Option(name="of", says="The meeting or call: its case or entry."),),
        fixed=(("claims", []),),
    ),
    Short(
        path=("readout", "mark"),
        procedure="readout",
        move="mark",
        says="Mark two matters of readouts as one, so that their items are compared.",
        examples=("parley readout mark RDT-BRAVO-7 --one nets --other fishing-gear",),
        options=(
            Option(name="one", says="The code that one account has for it."),
            Option(name="other", says="The code that the other account has."),
            Option(name="verdict", says="same, or apart to take it back; same if left out."),
        ),
        fixed=(("verdict", "same"),),
    ),
    Short(
        path=("position",),
        procedure="position",
        move="state",
        opens=True,
        says="State a position; what waits for something is a precondition: `parley case`.",
        examples=('parley position OPS "No nets near the pier." --topic nets',),
        options=(
            Option(name="topic", field="topics", says="On what; repeat it.", kind="list"),
            Option(name="firmness", says="principle, preference or exploratory."),
            Option(name="supersedes", says="The position of ours that it replaces."),
        ),
        words="statement",
        fixed=(("firmness", "preference"),),
    ),
    Short(
        path=("commitment", "add"),
        procedure="commitment",
        move="make",
        opens=True,
        says="Make a commitment: one act, of ours, of the peer or of both.",
        examples=(
            'parley commitment add OPS "Move the nets." --owner ALFA --due 2026-12-24',
            'parley commitment add OPS "Meet." --owner both --due event --once "minister named"',
        ),
        options=(
            Option(name="owner", says="By whom: a party's code, or both."),
            Option(name="due", kind="due", says="A date, P30D after --once, event, or none."),
            Option(name="once", field="due_event", says="The event or entry it waits for."),
            Option(name="source", says="Where it was agreed: an entry, or words."),
        ),
        words="what",
        fixed=(("due", "none"),),
    ),
    Short(
        path=("commitment", "claim"),
        procedure="commitment",
        move="done",
        says="Claim that a commitment is kept; the other side accepts or disputes it.",
        examples=("parley commitment claim COM-ALFA-4 --evidence MTG-BRAVO-3 --in-form call",),
        options=(
            Option(name="evidence", says="What shows it: an entry, or words."),
            Option(name="in_form", field="form", says="In which form, such as call."),
        ),
    ),
)


def _options(short: Short) -> dict[str, tuple[Any, Any, Any]]:
    """Return the options of a short form as Typer takes them, those of every entry after them."""
    own: dict[str, tuple[Any, Any, Any]] = {}
    for each in short.options:
        kind = list[str] | None if each.kind == "list" else str
        default = None if each.kind == "list" else ""
        own[each.name] = (kind, option(each.typed, text=each.says), default)
    return own | (MESSAGE if short.opens else SHORT)


def _fields(
    short: Short,
    given: Mapping[str, Any],
    language: str,
    text: str | None,
    case: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the fields that the options, the argument and the case give."""
    found: dict[str, Any] = {}
    for each in short.options:
        value = given.get(each.name)
        if value in (None, "", []):
            continue
        if each.kind == "words":
            value = {language: value}
        elif each.kind in ("time", "due"):
            value = (time_text if each.kind == "time" else due_text)(str(value))
        found[each.field or each.name] = value
    if "begin" in found or "until" in found:
        found["windows"] = _window(found.pop("begin", ""), found.pop("until", ""))
    if short.words and text not in (None, "-"):
        found[short.words] = {language: text}
    for name in short.kept if case is not None else ():
        found.setdefault(name, (case or {})["values"].get(name))
    return found


def _window(begin: str, until: str) -> list[list[str]]:
    """Return one window; raises UsageError where an end of it is missing."""
    if not begin or not until:
        raise UsageError("a time needs both ends", next_step="give --from and --until.")
    return [[begin, until]]


def _say(run: Run, short: Short, place: str, text: str | None, given: Mapping[str, Any]) -> None:
    names = {each.field or each.name: each.typed for each in short.options}
    with reach(run) as door:
        case = None if short.opens else _case(door, place, short.procedure)
        language = language_of(door, dict(given))
        draft = draft_of(
            _with_fixed(short, given),
            channel=place if case is None else case["channel"],
            language=language,
            procedure=short.procedure,
            move=short.move,
            case=None if case is None else case["number"],
            text=text,
            fields=_fields(short, given, language, text, case),
            options=names,
        )
        hand_in(run, door, draft, how_of(given))


def _with_fixed(short: Short, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options with the fields that a short form gives where nobody else does."""
    named = {line.partition("=")[0].rstrip(":") for line in given.get("field") or ()}
    named |= set(form_fields(given.get("form")))
    lines = [f"{name}:={json.dumps(value)}" for name, value in short.fixed if name not in named]
    return {**given, "field": [*(given.get("field") or ()), *lines]}


def _case(door: Door, number: str, procedure: str) -> dict[str, Any]:
    case = case_of(door, number)
    if case["procedure"] != procedure:
        raise NotFoundError(
            f"{number} is no {procedure} but {case['procedure']}",
            next_step=f"parley case list {procedure}",
        )
    return case


def _add(short: Short) -> None:
    if short.opens:

        def call(run: Run, channel: Channel, text: Text = None, **given: Any) -> None:
            _say(run, short, channel, text, given)
    else:

        def call(run: Run, channel: Number, text: Text = None, **given: Any) -> None:
            _say(run, short, channel, text, given)

    call.__doc__ = short.says
    declare(
        _GROUPS[short.path[0]] if len(short.path) > 1 else app,
        short.path[-1],
        schema="send",
        examples=short.examples,
        exits=_EXITS,
        options=_options(short),
    )(call)


for _short in SHORTS:
    _add(_short)


@declare(
    app,
    "notify",
    schema="send",
    examples=[
        "parley notify OPS --area area.geojson --from 3d --until 5d --form exercise.toml",
        "parley notify OPS --kind warning --form warning.toml --dry-run",
    ],
    exits=_EXITS,
    options=MESSAGE,
)
def notify(
    run: Run,
    channel: Channel,
    text: Text = None,
    *,
    kind: Annotated[str, typer.Option("--kind", help=f"{', '.join(_NOTICES)}.")] = "exercise",
    area: Annotated[Path | None, typer.Option("--area", help="GeoJSON file with areas.")] = None,
    begin: Annotated[str, typer.Option("--from", help="When it begins.")] = "",
    until: Annotated[str, typer.Option("--until", help="When it ends.")] = "",
    **given: Any,
) -> None:
    """Give notice of an exercise, a launch or a danger at sea or in the air."""
    if kind not in _NOTICES:
        raise UsageError(f"--kind {kind!r} is no notice", next_step=f"give {', '.join(_NOTICES)}.")
    times, places = _NOTICES[kind]
    fields: dict[str, Any] = {}
    if begin or until:
        fields[times] = _window(time_text(begin), time_text(until))
    if area is not None:
        fields[places] = _areas(area)
    with reach(run) as door:
        draft = draft_of(
            given,
            channel=channel,
            language=language_of(door, given),
            procedure=kind,
            text=text,
            fields=fields,
            options={times: "--from", places: "--area"},
        )
        hand_in(run, door, draft, how_of(given))


def _areas(path: Path) -> list[Any]:
    """Return the areas of a GeoJSON file as a notice carries them."""
    from parley.desk.published.drafted import drafted  # noqa: PLC0415 - brings geometry
    from parley.desk.published.geojson import read_geojson, read_json  # noqa: PLC0415

    found: list[Any] = []
    for notice in read_geojson(read_json(read_text(None, path))):
        made = drafted(notice)
        if made.left and "area" not in made.fields:
            raise UsageError(f"{path}: {made.left[0]['en']}")
        area = made.fields.get("area")
        found += area if isinstance(area, list) else []
    if not found:
        raise UsageError(f"{path} has no area", next_step="give polygons, lines or points.")
    return found


# --- lists and comparisons ---


def _rows(run: Run, procedures: Sequence[str], channel: str, paged: tuple[int, str, bool]) -> None:
    """List the cases of some procedures, the newest of each first."""
    limit, cursor, every = paged
    rows: list[dict[str, Any]] = []
    begin, _, at = cursor.rpartition(":")
    if cursor and begin not in procedures:
        raise UsageError(
            f"{cursor!r} is no cursor of this list",
            next_step="take `next_cursor` of the page before, or leave it out.",
        )
    after: str | None = None
    with reach(run, offline=True) as door:
        for name in procedures[procedures.index(begin) if cursor else 0 :]:
            found, further = gather(
                door,
                f"/registers/{segment(name)}",
                limit=limit - len(rows),
                cursor=at,
                every=every,
                channel=channel or None,
            )
            at, rows = "", [*rows, *found]
            if further is not None:
                after = f"{name}:{further}"
                break
    run.finish(case_list(run, rows, after))


def _compare(run: Run, number: str, procedure: str) -> None:
    """Show what both sides say of one matter; exit 14 where they differ."""
    with reach(run, offline=True) as door:
        case = _case(door, number, procedure)
    if not case["comparison"]:
        raise ConflictError(f"{number} has one account only", next_step=_still_to_come(case))
    differs = [row for row in case["comparison"] if row["status"] != "agree"]
    run.finish(
        Result(
            data=dict(case),
            lines=compared_lines(procedure, case["comparison"], run.language),
            quiet=[str(row["field"]) for row in differs],
            exit_code=IN_PART if differs else 0,
        )
    )


def _still_to_come(case: Mapping[str, Any]) -> str:
    """Return whose account is missing: ours, with the command that gives it, or the peer's."""
    number = case["number"]
    if case["procedure"] == "readout":
        return f"parley case show {number} has it; parley readout publish gives ours."
    if any(one["move"] == "counter" and one["permitted"] for one in case["moves"]):
        return f"parley case move {number} counter --form FILE gives ours."
    return f"parley case show {number} has it; the other side has given none."


def _add_list(group: typer.Typer, name: str, procedures: Sequence[str], says: str) -> None:
    words = name if group is app else f"{procedures[0]} {name}"

    def call(
        run: Run,
        *,
        channel: OnChannel = "",
        limit: Limit = 100,
        cursor: Cursor = "",
        every: Every = False,
    ) -> None:
        _rows(run, procedures, channel, (limit, cursor, every))

    call.__doc__ = says
    examples = [f"parley {words}", f"parley {words} --channel OPS"]
    declare(group, name, schema="cases", examples=examples, exits=[5, 10, 11])(call)


def _add_comparison(group: typer.Typer, procedure: str, example: str, says: str) -> None:
    def call(run: Run, number: Number) -> None:
        _compare(run, number, procedure)

    call.__doc__ = says
    declare(group, "compare", schema="case", examples=[example], exits=[5, 6, 10, 11, 14])(call)


_INCIDENTS: Final = new_app("Incidents: reported by each side, compared field by field.")
app.add_typer(_INCIDENTS, name="incident")
_add_list(app, "notifications", _TOLD, "List notices given and received, of every kind.")
_add_list(_INCIDENTS, "list", ("incident",), "List incidents, the newest first.")
for _name, _group in _GROUPS.items():
    _add_list(_group, "list", (_name,), f"List {_name}s, the newest first.")
_add_comparison(
    _INCIDENTS,
    "incident",
    "parley incident compare INC-ALFA-7",
    "Compare both accounts of an incident, field by field; exit 14 where they differ.",
)
_add_comparison(
    _GROUPS["readout"],
    "readout",
    "parley readout compare RDO-ALFA-2",
    "Compare both readouts of a meeting or call; exit 14 where they differ.",
)
