"""A register that a ministry kept before the line was there becomes claims of ours."""

from __future__ import annotations

import asyncio
from typing import Final

from parley.desk.history import History, look_at, read_history
from parley.errors import ConflictError, InvalidFieldsError, ParleyError
from parley.station.actors import Actor
from parley.station.desk_book import DeskBook
from parley.station.desk_views import DraftRequest, Submitted
from parley.station.draft_book import OPEN_STATES
from parley.station.drafting import Drafting
from parley.station.drafts import Drafts
from parley.station.interface import Station
from parley.station.tool_views import HistoryImport, HistoryLook

LOOK_ROWS_MAX: Final = 200
_WHAT: Final = {
    "en": "Register kept before this line: {name}",
    "zh": "本线路开通之前所存登记簿：{name}",
}
_WHAT_IN_PART: Final = {
    "en": "Register kept before this line, {rows} of its {all} rows: {name}",
    "zh": "本线路开通之前所存登记簿（共 {all} 行，此为其中 {rows} 行）：{name}",
}


def look_at_history(content: bytes) -> HistoryLook:
    """Return what is understood of each row of a file, and what is not.

    Raises:
        UsageError: the file is no table at all.
    """
    rows, problems = look_at(content)
    try:
        good = len(read_history(content, good_rows=True).rows)
    except InvalidFieldsError:
        good = 0
    return HistoryLook(good=good, rows=rows[:LOOK_ROWS_MAX], problems=problems)


class HistoryDesk:
    """Reads a file and submits what it says."""

    def __init__(
        self, station: Station, desk: DeskBook, drafting: Drafting, drafts: Drafts
    ) -> None:
        self._station = station
        self._desk = desk
        self._drafting = drafting
        self._drafts = drafts

    async def take(
        self,
        actor: Actor,
        channel: str,
        content: bytes,
        *,
        name: str,
        dry_run: bool,
        good_rows: bool = False,
    ) -> HistoryImport:
        """Claim what a file says; a file with one problem changes nothing.

        Args:
            actor: who submits it.
            channel: code or id of the channel.
            content: the file, CSV or YAML.
            name: under which name we keep the register.
            dry_run: only say what would be made of it.
            good_rows: leave out rows with a problem; the claim says how many it leaves out.

        Raises:
            UsageError, InvalidFieldsError: the file is not well made; lines are named.
            ConflictError: it was imported already.
        """
        history = await asyncio.to_thread(read_history, content, good_rows=good_rows)
        requests = self._requests(channel, name, history)
        code = self._drafting.channel(requests[0]).charter.code
        known = self._known(code, history.digest)
        if len(known) >= len(requests):
            raise ConflictError(
                f"this file was imported already: {', '.join(sorted(known)[:5])}",
                next_step=f"Look at it: parley case list claim --channel {code}",
            )
        size = 0
        for request in requests:
            checked = self._drafting.check(request)
            if not checked.ok:
                said = tuple((row["field"], row["en"]) for row in checked.problems)
                told = tuple({"en": row["en"], "zh": row["zh"]} for row in checked.problems)
                raise InvalidFieldsError(said, told=told)
            size += checked.size
        submitted: list[Submitted] = []
        if not dry_run:
            given = [
                (request, f"history-{code}-{history.digest}-{part}")
                for part, request in enumerate(requests, start=1)
            ]
            for one in await self._drafts.submit_many(actor, given):
                if isinstance(one, ParleyError):
                    raise one
                submitted.append(one)
        return HistoryImport(
            channel=code,
            dry_run=dry_run,
            digest=history.digest,
            rows=len(history.rows),
            entries=len(requests),
            size=size,
            submitted=submitted,
            left=history.left,
            problems=history.problems,
        )

    def _requests(self, channel: str, name: str, history: History) -> list[DraftRequest]:
        parts, words = history.parts(), _WHAT_IN_PART if history.left else _WHAT
        said = {"name": name, "rows": len(history.rows), "all": len(history.rows) + history.left}
        return [
            DraftRequest(
                channel=channel,
                procedure="claim",
                move="history",
                fields={
                    "what": {lang: text.format(**said) for lang, text in words.items()},
                    "source": name,
                    "digest": history.digest,
                    "part": part,
                    "parts": len(parts),
                    "rows": rows,
                },
            )
            for part, rows in enumerate(parts, start=1)
        ]

    def _known(self, code: str, digest: str) -> set[str]:
        """Return the claims and drafts of ours that were made of this file before."""
        own = self._station.own_card.code
        known: set[str] = set()
        for channel in self._desk.registers().channels:
            if channel.view.label != code:
                continue
            for marking in channel.markings():
                for case in channel.cases_of("claim", marking):
                    is_held = case.opener == own and case.state == "held"
                    if is_held and case.opening.json("digest") == digest:
                        known.add(case.number)
        for draft in self._drafts.all(OPEN_STATES):
            if draft.procedure == "claim" and draft.fields.get("digest") == digest:
                known.add(draft.id)
        return known
