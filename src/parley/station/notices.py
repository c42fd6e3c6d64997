"""Published notices become drafts of what they say they are; nothing of them leaves by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from parley.core.instants import parse_instant
from parley.desk.problems import Words
from parley.desk.published.drafted import Drafted, drafted
from parley.desk.published.files import read_file
from parley.desk.published.fitting import PROCEDURES
from parley.desk.published.model import Notice
from parley.desk.published.years import Anchor, zone_minutes
from parley.errors import NotFoundError, UsageError
from parley.station.actors import Actor
from parley.station.desk_views import DraftRequest, DraftText
from parley.station.drafts import Drafts
from parley.station.tool_views import NoticeDraft

WarningsOf: TypeAlias = Callable[[str], list[str]]
"""Numbers of our cases by the serial of a warning."""
DRAFTS_MAX: Final = 50
"""Drafts of one call: people edit each of them."""
CONTENT_BYTES_MAX: Final = 900_000


async def draft_notices(
    drafts: Drafts,
    actor: Actor,
    request: DraftRequest,
    content: bytes,
    *,
    only: Sequence[str] = (),
    issued: str = "",
    zone: str = "",
    procedure: str = "",
    dry_run: bool = False,
    warnings_of: WarningsOf,
) -> list[NoticeDraft]:
    """Read notices and keep a draft for each, of the procedure that its words say.

    Args:
        drafts: where drafts are kept.
        actor: who writes them.
        request: channel, precedence and addressees of every draft.
        content: a file in any format that `parley notice read` knows.
        only: numbers of the notices wanted; empty takes all.
        issued: when they were issued, where they do not say it.
        zone: of times that name none.
        procedure: `warning`, `exercise` or `launch` where a person chose for all of them.
        dry_run: keep nothing.
        warnings_of: our own warnings with a serial that can be cancelled, on the channel.

    Raises:
        UsageError: the content is too long or none, or holds too many notices.
        NotFoundError: it holds no notice, or not the one that is named.
    """
    if len(content) > CONTENT_BYTES_MAX:
        raise UsageError(f"more than {CONTENT_BYTES_MAX} bytes; nothing was kept")
    if procedure and procedure not in PROCEDURES:
        raise UsageError(
            f"{procedure!r} is no procedure for a notice",
            next_step=f"it is one of: {', '.join(PROCEDURES)}; or leave it out.",
        )
    anchor = Anchor(issued=int(parse_instant(issued)) if issued else None, zone=_zone(zone))
    found = await asyncio.to_thread(read_file, content, anchor)
    notices = [each for each in found.notices if not only or each.number in only]
    missing = [number for number in only if number not in {each.number for each in notices}]
    if missing or not notices:
        raise NotFoundError(f"there is no notice {missing[0]} in it" if missing else "no notice")
    if len(notices) > DRAFTS_MAX:
        raise UsageError(
            f"it holds {len(notices)} notices, and at most {DRAFTS_MAX} become drafts at once",
            next_step="Name those that are wanted: --only NUMBER.",
        )
    return [
        await _one(drafts, actor, request, notice, one, dry_run=dry_run)
        for notice in notices
        for one in _moves(drafted(notice, procedure), warnings_of)
    ]


def _moves(made: Drafted, warnings_of: WarningsOf) -> list[tuple[Drafted, str | None]]:
    """Return what to draft, each with the case it belongs to.

    A cancellation belongs to the one warning of ours with that number. Without such a warning it
    becomes no draft: what it would cancel is not on this channel.
    """
    if made.move != "warning.cancel":
        return [(made, None)]
    found: list[tuple[Drafted, str | None]] = []
    for number in made.cancels:
        cases = warnings_of(number)
        left = made.left
        if len(cases) != 1:
            there = ", ".join(cases[:5])
            told: Words = (
                {
                    "en": f"several warnings of ours have the number {number}: {there}; choose one",
                    "zh": f"本方有多份警告编号为 {number}：{there}；请选定",
                }
                if cases
                else {
                    "en": f"no warning of ours with the number {number} can be cancelled here",
                    "zh": f"此渠道上没有可取消的本方警告 {number}",
                }
            )
            left = (told, *left)
        found.append((replace(made, left=left), cases[0] if len(cases) == 1 else None))
    return found


def _zone(text: str) -> int | None:
    try:
        return zone_minutes(text) if text else None
    except ValueError:
        raise UsageError(
            f"{text!r} is no zone", next_step="Write +08:00, UTC+5:30 or a letter."
        ) from None


async def _one(
    drafts: Drafts,
    actor: Actor,
    request: DraftRequest,
    notice: Notice,
    wanted: tuple[Drafted, str | None],
    *,
    dry_run: bool,
) -> NoticeDraft:
    made, case = wanted
    kept = None
    procedure, _, move = made.move.partition(".")
    if not dry_run and (case is not None or made.move != "warning.cancel"):
        full = DraftRequest(
            channel=request.channel,
            procedure=procedure,
            move=move,
            case=case,
            precedence=request.precedence,
            action=request.action,
            fields=made.fields,
            texts=[DraftText(lang=made.language, text=made.text)],
        )
        kept = (await drafts.create(actor, full, key=None)).id
    return NoticeDraft(
        number=notice.number or None,
        share=notice.share,
        draft=kept,
        procedure=procedure,
        move=move,
        case=case,
        why=made.why,
        fields=made.fields,
        left=made.left,
    )
