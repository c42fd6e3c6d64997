"""Saying something in one call: texts, batches, acknowledgements, line checks, dry runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from starlette.responses import JSONResponse

from parley.api.bodies import AcknowledgementBody, Batch, DraftBody, LineCheckBody
from parley.api.doors import (
    Acknowledger,
    Drafter,
    GatewayHere,
    see_all,
    see_channel,
)
from parley.api.problems import problem_of
from parley.api.resources.drafts import replayed_header
from parley.api.routes import KeyHere, answer, new_router
from parley.errors import ParleyError
from parley.station.desk_views import Checked, Submitted
from parley.station.views import to_json

router = new_router("submissions")


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswer:
    """What became of one text of a batch: exactly one of the two is not null."""

    key: str
    submitted: Submitted | None
    problem: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswers:
    """What became of each text of a batch, in its order."""

    items: list[BatchAnswer]
    next_cursor: None


def told(submitted: Submitted) -> Response:
    """Return 201 with the entry's place, or 202 with the draft's where it waits for a releaser."""
    is_released = submitted.entry is not None
    place = f"/entries/{submitted.entry}" if is_released else f"/drafts/{submitted.draft}"
    headers = {"location": f"/api/v1{place}", **replayed_header(is_replayed=submitted.replayed)}
    return answer(submitted, 201 if is_released else 202, headers=headers)


@router.post("/submissions", response_model=Submitted, status_code=201)
async def submit(gateway: GatewayHere, actor: Drafter, key: KeyHere, body: DraftBody) -> Response:
    """Write a text, and release it at once where policy lets the caller; else it is held (202)."""
    return told(await gateway.submit(actor, body.request(), idempotency_key=key))


@router.post("/submissions/batch", response_model=BatchAnswers)
async def batch(request: Request, gateway: GatewayHere, actor: Drafter, body: Batch) -> Response:
    """Submit up to 500 texts; those of one channel are stored in one transaction.

    A refusal stands in its text's place and keeps no other one back.
    """
    given = [(member.draft.request(), member.key) for member in body]
    answers = await gateway.submit_many(actor, given)
    reference, accepted = request.state.reference, request.headers.get("accept-language", "")
    items = [
        {
            "key": member.key,
            "submitted": None if isinstance(one, ParleyError) else to_json(one),
            "problem": problem_of(one, reference=reference, accepted=accepted)
            if isinstance(one, ParleyError)
            else None,
        }
        for member, one in zip(body, answers, strict=True)
    ]
    return JSONResponse({"items": items, "next_cursor": None})


@router.post("/checks", response_model=Checked)
async def check(gateway: GatewayHere, actor: Drafter, body: DraftBody) -> Response:
    """Say what would be refused and what would leave; keeps nothing."""
    actor.require("draft")
    see_channel(gateway, actor, body.channel)
    return answer(gateway.check(body.request()))


@router.post("/acknowledgements", response_model=Submitted, status_code=201)
async def acknowledge(
    gateway: GatewayHere, actor: Acknowledger, key: KeyHere, body: AcknowledgementBody
) -> Response:
    """Acknowledge a peer's entry as a person; closes the alarm about it."""
    see_channel(gateway, actor, body.entry.partition("/")[0])
    return told(
        await gateway.acknowledge(
            actor,
            body.entry,
            level=body.level,
            unit=body.unit,
            values=body.values,
            note=body.note,
            points=body.points,
            idempotency_key=key,
        )
    )


@router.post("/line-checks", response_model=Submitted, status_code=201)
async def line_check(
    gateway: GatewayHere, actor: Acknowledger, key: KeyHere, body: LineCheckBody
) -> Response:
    """Ask the officer on duty at a peer whether they hear us; or answer such a question."""
    if body.answers is not None:
        see_channel(gateway, actor, body.answers.partition("/")[0])
    elif body.channel is not None:
        see_channel(gateway, actor, body.channel)
    else:
        see_all(actor)
    return told(
        await gateway.line_check(
            actor,
            body.peer,
            text=body.text,
            channel=body.channel,
            answers=body.answers,
            idempotency_key=key,
        )
    )
