"""Screen 5, entry: its words, its three times, its proof; acknowledgements by a press only."""

from __future__ import annotations

import re
import secrets
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.seat import Seat
from parley.desk.catalogue import PROCEDURES
from parley.errors import NotFoundError, ParleyError, UsageError
from parley.station.ack_levels import level_of
from parley.station.draft_languages import language_checks

LEVELS: Final = ("read", "understood", "not-understood")
DESK_LEVELS: Final = ("passed-on", "will-comply", "cannot-comply", "complied")
NOTE_MAX: Final = 500
DIFFERS_S: Final = 120
DIGEST: Final = re.compile(r"\b[0-9a-f]{64}\b")


class EntryPages:
    """One entry, its exact bytes, and the acknowledgement of it."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        at = "/entries/{channel}/{party}/{index}"
        return [
            Route(at, self._frame.read(self.show)),
            Route(f"{at}/raw", self._frame.read(self.raw)),
            Route(f"{at}/files/{{digest}}", self._frame.read(self.file)),
            Route(f"{at}/acknowledge", self._frame.act(self.acknowledge), methods=["POST"]),
            Route(f"{at}/translate", self._frame.act(self.translate), methods=["POST"]),
        ]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show the entry; that is not an acknowledgement."""
        name = _name(request)
        entry = self._gateway.entry(name)
        try:
            proof = self._gateway.proof(name)
        except ParleyError:
            proof = None
        asks = entry.procedure in PROCEDURES and entry.procedure != "ack"
        may_acknowledge = asks and seat.actor.may("acknowledge") and not entry.own
        levels = list(LEVELS)
        if seat.actor.may("acknowledge-for-desk"):
            levels += DESK_LEVELS
        return self._frame.page(
            request,
            seat,
            "entry.html",
            entry=entry,
            asks=asks,
            level=_level(entry),
            nav_path="/outbox" if entry.own else "/inbox",
            proof=proof,
            whole_files=sum(file.state in ("here", "type") for file in entry.attachments),
            levels=levels if may_acknowledge else [],
            press=secrets.token_hex(8),
            answers_check=self._answers_check(entry, seat),
            is_digests=lambda shown: isinstance(shown, str) and DIGEST.search(shown) is not None,
            differs_s=DIFFERS_S,
            looks=[line for line in language_checks(entry.texts) if line.level == "look"],
            siblings=self._siblings(
                entry.channel, entry.party, int(entry.index), int(entry.ordinal)
            ),
            alarm=next((a for a in self._gateway.alarms(open_only=True) if a.entry == name), None),
            said_at=request.query_params.get("done", ""),
            engine=self._gateway.translation_engine,
            into=self._into(entry, seat),
        )

    def _answers_check(self, entry: Any, seat: Seat) -> bool:
        """Say whether this is the peer's open line check, which one press of the watch answers."""
        is_check = not entry.own and (entry.procedure, entry.move) == ("line_check", "check")
        if not (is_check and entry.is_read and entry.case and seat.actor.may("line-check")):
            return False
        case = self._gateway.case(f"{entry.channel}/{entry.case}")
        # Late is better than never: a check that lapsed may still be answered.
        return case.answered_at is None and any(
            move.permitted and move.move == "answer" for move in case.moves
        )

    def _into(self, entry: Any, seat: Seat) -> list[str]:
        """Return the languages of ours into which a machine could translate an entry here."""
        if not (self._gateway.translation_engine and entry.texts and seat.actor.may("draft")):
            return []
        held = {text.lang.partition("-")[0] for text in entry.texts}
        ours = self._gateway.station().languages or ["en", "zh"]
        return [lang for lang in ours if lang.partition("-")[0] not in held]

    async def translate(self, request: Request, seat: Seat) -> Response:
        """Have a machine make a draft of a translation; nothing is sent by it."""
        form = await form_of(request)
        draft = await self._gateway.draft_translation(
            seat.actor, _name(request), lang=text_of(form, "lang")
        )
        return go(f"/drafts/{draft.id}")

    def _siblings(self, channel: str, party: str, index: int, ordinal: int) -> dict[str, str]:
        found = {"previous": "", "next": ""}
        for step, place in (("previous", index - 1), ("next", index + 1)):
            shown = f"{ordinal}.{place}" if ordinal > 1 else str(place)
            name = f"{channel}/{party}/{shown}"
            try:
                self._gateway.entry(name)
            except NotFoundError:
                continue
            found[step] = name
        return found

    async def raw(self, request: Request, _: Seat) -> Response:
        """Hand out the exact bytes that were signed."""
        name = _name(request)
        file = name.replace("/", "-") + ".cbor"
        return Response(
            self._gateway.raw_entry(name),
            media_type="application/octet-stream",
            headers={"content-disposition": f'attachment; filename="{file}"'},
        )

    async def file(self, request: Request, _: Seat) -> Response:
        """Hand out a file of an entry to be saved; nothing here draws or opens it."""
        found = self._gateway.file(request.path_params["digest"], entry=_name(request))
        return Response(found.content, media_type=found.served_as, headers=found.headers)

    async def acknowledge(self, request: Request, seat: Seat) -> Response:
        """Acknowledge to the peer at one level; this leaves the station.

        Raises:
            UsageError: the level is none of ours.
        """
        name = _name(request)
        form = await form_of(request)
        level = text_of(form, "level")
        if level not in LEVELS + DESK_LEVELS:
            raise UsageError(f"{level!r} is no level of acknowledgement")
        result = await self._gateway.acknowledge(
            seat.actor,
            name,
            level=level,
            unit=text_of(form, "unit").strip()[:NOTE_MAX] or None,
            note=text_of(form, "note").strip()[:NOTE_MAX] or None,
            idempotency_key=text_of(form, "press")[:64] + f"-{level}",
        )
        return go(f"/entries/{name}?done={result.state}#acknowledgements")


def _level(entry: Any) -> str:
    """Return the level of an acknowledgement; empty for any other entry."""
    if entry.procedure != "ack":
        return ""
    return level_of({field.name: field.value for field in entry.fields})


def _name(request: Request) -> str:
    place = request.path_params
    return f"{place['channel']}/{place['party']}/{place['index']}"
