"""Exercises of this station: begun and ended by a person, with a script and a report."""

from __future__ import annotations

from fastapi import Response

from parley.api.bodies import ExerciseBody, InjectBody
from parley.api.doors import Administrator, EntryReader, GatewayHere, see_all
from parley.api.routes import answer, answer_list, created, new_router
from parley.station.exercise_views import ExerciseView
from parley.station.views import Page

router = new_router("exercises")


@router.get("/exercises", response_model=Page[ExerciseView])
async def exercises(gateway: GatewayHere, actor: EntryReader) -> Response:
    """Return every exercise with who reacted when, the newest first."""
    see_all(actor)
    return answer_list(gateway.exercises())


@router.post("/exercises", response_model=ExerciseView, status_code=201)
async def start(gateway: GatewayHere, actor: Administrator, body: ExerciseBody) -> Response:
    """Begin an exercise; what is written on its channels is marked EXERCISE. 409 if one runs."""
    view = await gateway.start_exercise(actor, body.request())
    return created(view, f"/exercises/{view.number}")


@router.get("/exercises/{number}", response_model=ExerciseView)
async def exercise_one(gateway: GatewayHere, actor: EntryReader, number: str) -> Response:
    """Return one exercise: its injects, the urgent entries that came, who reacted when."""
    see_all(actor)
    return answer(gateway.exercise(number))


@router.post("/exercises/{number}/injects", response_model=ExerciseView)
async def inject(
    gateway: GatewayHere, actor: Administrator, number: str, body: InjectBody
) -> Response:
    """Let something happen in an exercise that runs, `after_s` seconds from now."""
    return answer(await gateway.inject(actor, number, body.request()))


@router.post("/exercises/{number}/stop", response_model=ExerciseView)
async def stop(gateway: GatewayHere, actor: Administrator, number: str) -> Response:
    """End an exercise; what of its script has not happened never will."""
    return answer(await gateway.stop_exercise(actor, number))
