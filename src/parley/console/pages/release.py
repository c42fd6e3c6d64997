"""Screen 8, review and release: exact bytes, checks, the clocks it starts; one press, one entry."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.pages.map import map_facts
from parley.console.passkeys import Passkeys
from parley.console.seat import Seat
from parley.console.text_fields import PROCEDURE
from parley.console.text_form import Becomes, becomes
from parley.errors import NotAllowedError, UsageError
from parley.station.countersigning import may_alone

REASON_MAX: Final = 500


class ReleasePages:
    """Queue of drafts that wait for a releaser, and the sheet of one."""

    def __init__(self, gateway: Gateway, frame: Frame, passkeys: Passkeys) -> None:
        self._gateway = gateway
        self._frame = frame
        self._passkeys = passkeys

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        act = self._frame.act
        return [
            Route("/release", self._frame.read(self.queue)),
            Route("/release/{id}", self._frame.read(self.show)),
            Route("/release/{id}", act(self.release), methods=["POST"]),
            Route("/release/{id}/options", act(self.options), methods=["POST"]),
            Route("/release/channels/{code}", self._frame.read(self.show_channel)),
            Route("/release/channels/{code}", act(self.confirm_channel), methods=["POST"]),
            Route("/release/channels/{code}/options", act(self.options), methods=["POST"]),
            Route("/release/channels/{code}/drop", act(self.drop_channel), methods=["POST"]),
            Route("/release/{id}/countersign", act(self.countersign), methods=["POST"]),
            Route("/release/{id}/refuse", act(self.refuse), methods=["POST"]),
        ]

    async def queue(self, request: Request, seat: Seat) -> Response:
        """Show what waits, most urgent first."""
        held = [draft for draft in self._gateway.drafts() if draft.state in ("held", "releasing")]
        held.sort(key=lambda draft: ("ZOPR".index(draft.precedence), draft.changed_at))
        acts = list(self._gateway.held_channel_acts())
        return self._frame.page(request, seat, "release_queue.html", held=held, acts=acts)

    async def show_channel(self, request: Request, seat: Seat) -> Response:
        """Show what was prepared about a channel, for a second person to confirm."""
        held = self._gateway.held_channel_act(request.path_params["code"])
        return self._frame.page(
            request,
            seat,
            "release_channel.html",
            held=held,
            own=seat.actor.officer == held.by,
            may=seat.actor.may("release") or seat.actor.may("administer"),
            has_passkey=bool(self._gateway.passkeys(seat.actor.officer)),
        )

    async def confirm_channel(self, request: Request, seat: Seat) -> Response:
        """Propose or accept a channel as the second person."""
        form = await form_of(request)
        code, digest = request.path_params["code"], text_of(form, "digest")
        await self._confirm(seat, form, digest)
        done = await self._gateway.confirm_channel(seat.actor, code, digest=digest)
        return go(f"/channels/{done.code}")

    async def drop_channel(self, request: Request, seat: Seat) -> Response:
        """Give up what was prepared about a channel.

        Raises:
            UsageError: there is no reason.
        """
        reason = text_of(await form_of(request), "reason").strip()[:REASON_MAX]
        if not reason:
            raise UsageError("what was prepared is given up with a reason", next_step="Write why.")
        code = request.path_params["code"]
        await self._gateway.drop_channel_act(seat.actor, code, reason=reason)
        return go("/release")

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show exactly what the peer will get, and what to look at before releasing it."""
        draft = self._gateway.draft(request.path_params["id"])
        if draft.entry:
            return go(f"/entries/{draft.entry}")
        if draft.state != "held":
            return go(f"/drafts/{draft.id}")
        preview, places = self._gateway.preview(draft.id), self._gateway.map_of_draft(draft.id)
        station = self._gateway.station()
        own = seat.actor.officer in {draft.author, *draft.edited_by}
        alone = may_alone(seat.actor, draft)
        links = {link.peer: link for link in self._gateway.links()}
        return self._frame.page(
            request,
            seat,
            "release.html",
            draft=draft,
            preview=preview,
            map=map_facts(request, places, station.code) if places.shapes else None,
            paths=list({(path.peer, path.seconds): path for path in preview.paths}.values()),
            links=links,
            own_draft=own and station.release_policy == "two-person" and not alone,
            is_releaser=seat.actor.may("release") or alone,
            is_alone=alone and (own or not seat.actor.may("release")),
            becomes=self._becomes(draft),
            stopped=any(check.level == "stop" for check in preview.checks),
            has_passkey=bool(self._gateway.passkeys(seat.actor.officer)),
            to=_names(preview.recipients),
        )

    def _becomes(self, draft: Any) -> list[Becomes]:
        """Return what a draft makes of a joint text, as that stands now; empty for any other."""
        if draft.procedure != PROCEDURE:
            return []
        case = self._gateway.case(draft.case) if draft.case else None
        return becomes(draft.move, draft.fields, case, draft)

    async def options(self, request: Request, seat: Seat) -> Response:
        """Answer with a challenge over the digest on the sheet."""
        form = await form_of(request)
        known = [row.credential_id for row in self._gateway.passkeys(seat.actor.officer)]
        return JSONResponse(self._passkeys.ask("release", text_of(form, "digest"), known))

    async def release(self, request: Request, seat: Seat) -> Response:
        """Release the text with this digest, once however often the form comes."""
        form = await form_of(request)
        draft = request.path_params["id"]
        digest = text_of(form, "digest")
        key = f"release-{draft}-{digest[:16]}"
        if self._gateway.draft(draft).state == "held":
            await self._confirm(seat, form, digest)
        done = await self._gateway.release(seat.actor, draft, digest=digest, idempotency_key=key)
        return go(f"/entries/{done.entry}?done=released")

    async def _confirm(self, seat: Seat, form: Any, digest: str) -> None:
        known = self._gateway.passkeys(seat.actor.officer)
        if not known:
            return
        credential = text_of(form, "credential")
        if not credential:
            raise NotAllowedError(
                "a release is confirmed with your passkey",
                next_step="Press release again and let the passkey answer; it needs JavaScript.",
            )
        await self._frame.idle.confirm(
            seat.actor.officer,
            text_of(form, "challenge"),
            credential,
            use="release",
            subject=digest,
        )

    async def countersign(self, request: Request, seat: Seat) -> Response:
        """Stand, as a second officer, for an emergency that another released alone."""
        done = await self._gateway.countersign(seat.actor, request.path_params["id"])
        return go(f"/drafts/{done.draft}")

    async def refuse(self, request: Request, seat: Seat) -> Response:
        """Give the draft back to its writer with a reason.

        Raises:
            UsageError: there is no reason.
        """
        form = await form_of(request)
        reason = text_of(form, "reason").strip()[:REASON_MAX]
        if not reason:
            raise UsageError("a draft is refused with a reason", next_step="Write why.")
        await self._gateway.refuse(seat.actor, request.path_params["id"], reason=reason)
        return go("/release")


def _names(recipients: Any) -> str:
    codes = [str(code).partition("/")[0] for code in recipients]
    return ", ".join(dict.fromkeys(codes))
