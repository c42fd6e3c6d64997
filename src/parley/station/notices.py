"""Published notices become drafts of warnings; nothing of them leaves by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from parley.core.instants import parse_instant
from parley.desk.published.drafted import drafted
from parley.desk.published.files import read_file
from parley.desk.published.model import Notice
from parley.desk.published.years import Anchor, zone_minutes
from parley.errors import NotFoundError, UsageError
from parley.station.actors import Actor
from parley.station.desk_views import DraftRequest, DraftText
from parley.station.drafts import Drafts
from parley.station.tool_views import NoticeDraft

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
    dry_run: bool = False,
) -> list[NoticeDraft]:
    """Read notices and keep a draft of a warning for each.

    Args:
        drafts: where drafts are kept.
        actor: who writes them.
        request: channel, precedence and addressees of every draft.
        content: a file in any format that `parley notice read` knows.
        only: numbers of the notices wanted; empty takes all.
        issued: when they were issued, where they do not say it.
        zone: of times that name none.
        dry_run: keep nothing.

    Raises:
        UsageError: the content is too long or none, or holds too many notices.
        NotFoundError: it holds no notice, or not the one that is named.
    """
    if len(content) > CONTENT_BYTES_MAX:
        raise UsageError(f"more than {CONTENT_BYTES_MAX} bytes; nothing was kept")
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
    return [await _one(drafts, actor, request, notice, dry_run=dry_run) for notice in notices]


def _zone(text: str) -> int | None:
    try:
        return zone_minutes(text) if text else None
    except ValueError:
        raise UsageError(
            f"{text!r} is no zone", next_step="Write +08:00, UTC+5:30 or a letter."
        ) from None


async def _one(
    drafts: Drafts, actor: Actor, request: DraftRequest, notice: Notice, *, dry_run: bool
) -> NoticeDraft:
    made = drafted(notice)
    kept = None
    if not dry_run:
        full = DraftRequest(
            channel=request.channel,
            procedure="warning",
            move="issue",
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
        fields=made.fields,
        left=made.left,
    )
