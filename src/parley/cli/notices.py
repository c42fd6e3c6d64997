"""`parley notice`: warnings and notices as others publish them; read, and made into drafts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from parley.cli.command import Run, declare, new_app
from parley.cli.exits import IN_PART
from parley.cli.output import Column, Result, chosen_text
from parley.core.texts import visible
from parley.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from parley.desk.published.files import Found
    from parley.desk.published.model import Notice
    from parley.desk.published.years import Anchor

app = new_app("Published notices.")
group = new_app("Notices that others publish: read, compared, written in other formats.")
app.add_typer(group, name="notice")

_FORMS = ("geojson", "cap", "ical", "csv")


def _first(windows: Any) -> str:
    return str(windows[0]["from"] or "-") if windows else "-"


def _why(unread: Any) -> str:
    return "; ".join(f"{each['written'][:40]}: {each['words']}" for each in unread[:3]) or "-"


_COLUMNS = (
    Column(key="number", title="NOTICE"),
    Column(key="share", title="READ"),
    Column(key="places", title="PLACES", shown=lambda found: str(len(found))),
    Column(key="windows", title="WINDOWS", shown=lambda found: str(len(found))),
    Column(key="windows", title="FROM", shown=_first),
    Column(key="unread", title="NOT UNDERSTOOD", shown=_why),
)


@declare(
    group,
    "read",
    schema="notice-read",
    examples=[
        "parley notice read warnings.txt",
        "parley notice read notams.jsonl --json --fields number,share,unread",
        "parley notice read warning-zh.txt --zone +08:00 --pair warning-en.txt",
        "parley notice read warnings.xml --as geojson > warnings.geojson",
        'parley notice read warnings.xml --only "HYDROLANT 3282/22" --as cap',
    ],
    exits=[5, 14],
    at_station=False,
)
def read_notices(
    run: Run,
    file: Annotated[str, typer.Argument(help="A file, or `-` for standard input.")],
    *,
    form: Annotated[
        str, typer.Option("--as", help="Write as `geojson`, `cap`, `ical` or `csv`, nothing else.")
    ] = "",
    pair: Annotated[
        str, typer.Option(help="Compare with the notices of this file, by place and time.")
    ] = "",
    only: Annotated[str, typer.Option(help="Only the notice of this number.")] = "",
    issued: Annotated[
        str, typer.Option(help="When they were issued, where they do not say it.")
    ] = "",
    zone: Annotated[
        str, typer.Option(help="Zone of times that name none, such as `+08:00`; else unread.")
    ] = "",
    sender: Annotated[str, typer.Option(help="Who issued it, for `--as cap`.")] = "not-stated",
) -> None:
    """Read NOTAM and warnings to ships, in English and Chinese; say what was not understood.

    The format is known by how the file begins: text, JSON lines, the XML of the broadcast-warning
    service, GeoJSON, CAP 1.2, iCalendar or our CSV. Nothing is guessed: what a text does not say
    stays unknown, and each value says where it stands. Exit 14 if something was not understood,
    or two notices that are compared differ.
    """
    if form and (form not in _FORMS or pair):
        said = "--as and --pair at once" if form in _FORMS else f"--as is {form!r}"
        raise UsageError(said, next_step=f"--as is one of: {', '.join(_FORMS)}; without --pair.")
    anchor = _anchor(issued, zone)
    found = _read(file, anchor, only)
    if form:
        _write(run, found, form, anchor, sender)
    elif pair:
        _compare(run, found, _read(pair, anchor, ""))
    else:
        _tell(run, found)


@declare(
    group,
    "draft",
    schema="notice-draft",
    examples=[
        "parley notice draft warnings.txt --channel OPS --dry-run",
        'parley notice draft warnings.txt --channel OPS --only "HYDROLANT 3282/22"',
    ],
    exits=[4, 5, 9, 10, 14],
)
def draft_notices(
    run: Run,
    file: Annotated[str, typer.Argument(help="A file, or `-` for standard input.")],
    *,
    channel: Annotated[str, typer.Option("--channel", help="The channel's code.")] = "",
    only: Annotated[
        list[str] | None, typer.Option(help="Only the notice of this number; repeat it.")
    ] = None,
    precedence: Annotated[str, typer.Option(help="Z, O, P or R.")] = "R",
    issued: Annotated[
        str, typer.Option(help="When they were issued, where they do not say it.")
    ] = "",
    zone: Annotated[str, typer.Option(help="Zone of times that name none.")] = "",
    procedure: Annotated[
        str, typer.Option(help="Always a `warning`, `exercise` or `launch`; else as they say.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Keep nothing.")] = False,
) -> None:
    """Keep a draft for each notice, with its text as it was published.

    A notice that says that it is an exercise, a launch or only the cancellation of a warning of
    ours becomes that, and the words that decide are shown; every other is a warning. A draft is
    edited and released like any other; nothing leaves by this. Exit 14 where something is left for
    a person to look at.
    """
    from parley.cli.reach import reach  # noqa: PLC0415 - `read` needs no station

    code = channel or run.ask("On which channel", flag="--channel")
    body = {
        "channel": code,
        "content": _text(file),
        "precedence": precedence,
        "only": only or [],
        "issued": issued,
        "zone": zone,
        "procedure": procedure,
        "dry_run": dry_run,
    }
    with reach(run) as door:
        page = door.post("/notices/drafts", body)
    lines: list[str] = []
    for one in page["items"]:
        lines.append(
            f"{one['draft'] or '-'}  {visible(str(one['number'] or '-'))}  read {one['share']}"
            f"  {one['procedure']} {one['move']}" + (f"  {one['case']}" if one["case"] else "")
        )
        lines.append(f"  why   {visible(chosen_text(one['why'], run.language))}")
        lines += [f"  look  {visible(chosen_text(said, run.language))}" for said in one["left"]]
    run.finish(
        Result(
            data=page,
            lines=lines,
            quiet=[one["draft"] or "-" for one in page["items"]],
            exit_code=IN_PART if any(one["left"] for one in page["items"]) else 0,
        )
    )


def _text(name: str) -> str:
    raw = _bytes(name)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UsageError(
            f"{name} is not UTF-8: byte {problem.start} cannot stand there",
            next_step="convert it, as with iconv -t UTF-8.",
        ) from None


def _anchor(issued: str, zone: str) -> Anchor:
    from parley.core.instants import parse_instant  # noqa: PLC0415
    from parley.desk.published.years import Anchor, zone_minutes  # noqa: PLC0415

    try:
        minutes = zone_minutes(zone) if zone else None
    except ValueError:
        raise UsageError(
            f"--zone {zone!r} is no zone", next_step="Write +08:00, UTC+5:30 or a letter."
        ) from None
    return Anchor(issued=int(parse_instant(issued)) if issued else None, zone=minutes)


def _read(name: str, anchor: Anchor, only: str) -> Found:
    from dataclasses import replace  # noqa: PLC0415

    from parley.desk.published.files import read_file  # noqa: PLC0415

    found = read_file(_bytes(name), anchor)
    if only:
        kept = tuple(each for each in found.notices if each.number == only)
        if not kept:
            raise NotFoundError(f"{name} has no notice {only}")
        found = replace(found, notices=kept)
    return found


def _bytes(name: str) -> bytes:
    from parley.desk.published.exchange import FILE_MAX  # noqa: PLC0415

    if name == "-":
        return sys.stdin.buffer.read(FILE_MAX + 1)
    if not Path(name).is_file():
        raise NotFoundError(f"there is no file {name}", next_step="Give a file, or - .")
    try:
        with Path(name).open("rb") as opened:
            return opened.read(FILE_MAX + 1)
    except OSError as problem:
        raise UsageError(f"{name} cannot be read: {problem.strerror}") from None


def _tell(run: Run, found: Found) -> None:
    from parley.desk.published.told import NOTES, sentence  # noqa: PLC0415
    from parley.desk.published.view import shares, view_of  # noqa: PLC0415

    counts = shares(found.notices)
    items = [view_of(each, run.language) for each in found.notices]
    chinese = run.language == "zh"
    said = (
        f"{len(items)} 份通告：全部读懂 {counts['whole']}，部分 {counts['part']}，"
        f"未读懂 {counts['none']}。"
        if chinese
        else f"{len(items)} notices: {counts['whole']} read whole, {counts['part']} in part, "
        f"{counts['none']} not at all."
    )
    notes = sorted({note for each in found.notices for note in each.notes})
    run.finish(
        Result(
            data={**_data(found), "items": items, "next_cursor": None},
            columns=_COLUMNS,
            lines=[said],
            quiet=[each.number or "-" for each in found.notices],
            warnings=[sentence(NOTES, note, run.language) for note in notes],
            exit_code=0 if counts["whole"] == len(items) and not found.broken else IN_PART,
        )
    )


def _data(found: Found) -> dict[str, Any]:
    from parley.desk.published.view import shares  # noqa: PLC0415

    return {
        **shares(found.notices),
        "format": found.format,
        "broken": found.broken,
        "document": None,
        "pairs": [],
    }


def _compare(run: Run, first: Found, second: Found) -> None:
    from parley.desk.published.pairing import pair_lists  # noqa: PLC0415
    from parley.desk.published.view import pair_view  # noqa: PLC0415

    pairs = [pair_view(each) for each in pair_lists(first.notices, second.notices)]
    lines: list[str] = []
    for each in pairs:
        lines.append(f"{each['first'] or '-'} | {each['second'] or '-'}: {each['status']}")
        lines += [f"  {_said(one)}" for one in each["differences"]]  # type: ignore[union-attr]
    agree = all(each["status"] == "agree" for each in pairs)
    whole = all(each.share == "whole" for each in (*first.notices, *second.notices))
    told = [] if whole else ["not all was understood; what was not is not compared"]
    run.finish(
        Result(
            data={**_data(first), "items": [], "next_cursor": None, "pairs": pairs},
            lines=lines,
            warnings=told,
            exit_code=0 if agree and whole else IN_PART,
        )
    )


def _said(found: Any) -> str:
    amount = "" if found["amount"] is None else f" {found['amount']} {found['unit']}"
    note = " (decimals of a minute taken for seconds?)" if found["note"] else ""
    values = found["first"], found["second"]
    first, second = ("nothing" if each is None else each for each in values)
    return f"{found['where']}, {found['what']}: {first} | {second}{amount}{note}"


def _write(run: Run, found: Found, form: str, anchor: Anchor, sender: str) -> None:
    from parley.desk.published.geojson import write_geojson  # noqa: PLC0415
    from parley.desk.published.ical import write_ical  # noqa: PLC0415
    from parley.desk.published.sheet import write_csv  # noqa: PLC0415

    notices = found.notices
    if form == "cap":
        document = _alert(notices, anchor, sender)
    elif form == "ical":
        document = write_ical(notices, stamp=_stamp(notices, anchor))
    else:
        document = write_geojson(notices) if form == "geojson" else write_csv(notices)
    counts = [each.share for each in notices]
    part = len(counts) - counts.count("whole") + found.broken
    told = [f"{part} of them not read whole: what was not understood is not in it"] if part else []
    run.finish(
        Result(
            data={**_data(found), "items": [], "next_cursor": None, "document": document},
            lines=[document.rstrip("\n")],
            warnings=told,
            exit_code=IN_PART if part else 0,
        )
    )


def _alert(notices: tuple[Notice, ...], anchor: Anchor, sender: str) -> str:
    from parley.desk.published.cap import write_cap  # noqa: PLC0415

    if len(notices) != 1:
        raise UsageError(
            f"a CAP alert holds one notice, and there are {len(notices)}",
            next_step="choose one with --only NUMBER.",
        )
    sent = notices[0].issued if notices[0].issued is not None else anchor.issued
    if sent is None:
        raise UsageError(
            "a CAP alert says when it was sent, and the notice does not",
            next_step="give --issued.",
        )
    return write_cap(notices[0], sent=sent, sender=sender)


def _stamp(notices: tuple[Notice, ...], anchor: Anchor) -> int:
    """Return the time a calendar is stamped with: of issue, else of the first beginning."""
    times = [each.issued for each in notices if each.issued is not None]
    starts = [w.start for each in notices for w in each.windows if w.start is not None]
    return anchor.issued or min(times or starts, default=0)
