"""The gateway's doors for what is written: drafts, their release, and templates."""

from __future__ import annotations

from collections.abc import Sequence

from parley.errors import ParleyError
from parley.station.actors import Actor
from parley.station.countersigning import CountersignView
from parley.station.desk_views import Checked, DraftRequest, DraftView, Released, Submitted
from parley.station.exercise_views import ExerciseRequest, ExerciseView, InjectRequest
from parley.station.gateway_tools import GatewayTools
from parley.station.template_views import TemplateRequest, TemplateView


class GatewayDrafts(GatewayTools):
    """Reads and acts about drafts; an act returns only once it is durable."""

    # --- drafts and release ---

    async def create_draft(
        self, actor: Actor, req: DraftRequest, *, idempotency_key: str | None = None
    ) -> DraftView:
        """Keep a new draft, complete or not."""
        async with self._parts.cabinet.attempt(actor, "write draft", req.channel):
            view = await self._parts.drafts.create(actor, req, key=idempotency_key)
        await self._draft_changed(view, "written")
        return view

    async def use_template(
        self,
        actor: Actor,
        code: str,
        *,
        channel: str,
        case: str | None = None,
        idempotency_key: str | None = None,
    ) -> DraftView:
        """Begin a draft from a reviewed template; nothing leaves by it."""
        req = self._parts.templates.request(code, channel=channel, case=case)
        return await self.create_draft(actor, req, idempotency_key=idempotency_key)

    async def change_draft(
        self, actor: Actor, draft: str, req: DraftRequest, *, version: int
    ) -> DraftView:
        """Put a new version of a draft in the place of the old one."""
        async with self._parts.cabinet.attempt(actor, "change draft", draft):
            view = await self._parts.drafts.change(actor, draft, req, version=version)
        await self._draft_changed(view, "changed")
        return view

    async def take_draft_over(
        self, actor: Actor, draft: str, *, reason: str, seen: str
    ) -> DraftView:
        """Write a draft from now on that another officer (`seen`) writes."""
        async with self._parts.cabinet.attempt(actor, "take draft over", draft):
            view = await self._parts.drafts.take_over(actor, draft, reason=reason, seen=seen)
        await self._draft_changed(view, "taken-over")
        return view

    async def review_draft(self, actor: Actor, draft: str, *, version: int) -> DraftView:
        """Hand a complete draft to the releasers."""
        async with self._parts.cabinet.attempt(actor, "hand draft to review", draft):
            view = await self._parts.drafts.review(actor, draft, version=version)
        await self._draft_changed(view, "held")
        return view

    async def drop_draft(
        self, actor: Actor, draft: str, *, version: int | None = None
    ) -> DraftView:
        """Give a draft up."""
        async with self._parts.cabinet.attempt(actor, "drop draft", draft):
            view = await self._parts.drafts.drop(actor, draft, version=version)
        await self._draft_changed(view, "dropped")
        return view

    async def release(
        self, actor: Actor, draft: str, *, digest: str, idempotency_key: str | None = None
    ) -> Released:
        """Sign and send a held draft whose digest the person saw.

        A draft is its own idempotency: a second press finds the first entry, whatever the key.
        """
        del idempotency_key
        async with self._parts.cabinet.attempt(actor, "release", draft):
            released = await self._parts.drafts.release(actor, draft, digest=digest)
        if not released.replayed:
            await self._draft_changed(self.draft(draft), "released")
        return released

    async def refuse(self, actor: Actor, draft: str, *, reason: str) -> DraftView:
        """Send a held draft back to its writer."""
        async with self._parts.cabinet.attempt(actor, "refuse draft", draft):
            view = await self._parts.drafts.refuse(actor, draft, reason=reason)
        await self._draft_changed(view, "returned")
        return view

    async def submit(
        self, actor: Actor, req: DraftRequest, *, idempotency_key: str | None = None
    ) -> Submitted:
        """Write a draft, and release it at once where policy lets this actor; else it is held."""
        async with self._parts.cabinet.attempt(actor, "submit", req.channel):
            return await self._parts.drafts.submit(actor, req, key=idempotency_key)

    async def submit_many(
        self, actor: Actor, requests: Sequence[tuple[DraftRequest, str | None]]
    ) -> list[Submitted | ParleyError]:
        """Submit several texts; those of one channel share one transaction."""
        return await self._parts.drafts.submit_many(actor, requests)

    def check(self, req: DraftRequest) -> Checked:
        """Return what would be refused and what would leave; keeps nothing."""
        return self._parts.drafting.check(req)

    async def _draft_changed(self, view: DraftView, what: str) -> None:
        await self._parts.hub.publish(
            "draft",
            what=what,
            draft=view.id,
            channel=view.channel,
            precedence=view.precedence,
            state=view.state,
            resource=f"/api/v1/drafts/{view.id}",
        )

    def countersigns(self) -> list[CountersignView]:
        """Return the emergencies that one officer released alone, the newest first."""
        return self._parts.countersigning.all()

    async def countersign(self, actor: Actor, draft: str) -> CountersignView:
        """Stand, as a second officer, for an emergency that another released alone."""
        async with self._parts.cabinet.attempt(actor, "countersign", draft[:16]):
            view = await self._parts.countersigning.sign(actor, draft)
        await self._draft_changed(self.draft(draft), "countersigned")
        return view

    # --- templates ---

    def templates(self) -> list[TemplateView]:
        """Return every template, reviewed or not, by code."""
        return self._parts.templates.all()

    def template(self, code: str) -> TemplateView:
        """Return one template; NotFoundError if there is none."""
        return self._parts.templates.get(code)

    async def put_template(
        self, actor: Actor, code: str, wanted: TemplateRequest, *, version: int | None = None
    ) -> TemplateView:
        """Keep a template; `version` is the one that was seen. It waits for a reviewer then."""
        async with self._parts.cabinet.attempt(actor, "write template", code[:64]):
            return await self._parts.templates.put(actor, code, wanted, version=version)

    async def review_template(self, actor: Actor, code: str, *, version: int) -> TemplateView:
        """Say that a template may be used as it stands in this version."""
        async with self._parts.cabinet.attempt(actor, "review template", code[:64]):
            return await self._parts.templates.review(actor, code, version=version)

    async def drop_template(self, actor: Actor, code: str) -> TemplateView:
        """Take a template away."""
        async with self._parts.cabinet.attempt(actor, "drop template", code[:64]):
            return await self._parts.templates.drop(actor, code)

    # --- exercises ---

    def exercises(self) -> list[ExerciseView]:
        """Return every exercise of this station with who reacted when, the newest first."""
        return self._parts.exercises.all()

    def exercise(self, number: str) -> ExerciseView:
        """Return one exercise; NotFoundError if there is none."""
        return self._parts.exercises.get(number)

    def exercise_running(self) -> ExerciseView | None:
        """Return the exercise that runs; None where none does."""
        found = self._parts.exercises.running()
        return None if found is None else self._parts.exercises.get(found[0])

    async def start_exercise(self, actor: Actor, wanted: ExerciseRequest) -> ExerciseView:
        """Begin an exercise on channels; what is written there is marked EXERCISE from now on."""
        async with self._parts.cabinet.attempt(actor, "start exercise", wanted.name[:64]):
            return await self._parts.exercises.start(actor, wanted)

    async def inject(self, actor: Actor, number: str, wanted: InjectRequest) -> ExerciseView:
        """Let something happen in an exercise, so many seconds from now."""
        async with self._parts.cabinet.attempt(actor, "inject", number[:16]):
            return await self._parts.exercises.inject(actor, number, wanted)

    async def stop_exercise(self, actor: Actor, number: str) -> ExerciseView:
        """End an exercise."""
        async with self._parts.cabinet.attempt(actor, "stop exercise", number[:16]):
            return await self._parts.exercises.stop(actor, number)
