"""Screen 29, exercise: start and stop, what happens in it, and who reacted when."""

from __future__ import annotations

from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import ExerciseRequest, Gateway, InjectRequest
from parley.console.frame import Frame, form_of, go, text_of
from parley.console.seat import Seat
from parley.core.instants import parse_duration, rfc3339
from parley.errors import ParleyError, UsageError
from parley.station.exercise_views import read_script
from parley.station.exercises import MARK
from parley.station.table_cells import table

PLACE: Final = "/station/exercise"
SPEEDS: Final = (1, 2, 5, 10, 60)
_COLUMNS: Final = (
    "at", "what", "number", "entry", "text", "state", "claimed_by", "claimed_after_s",
    "handled_by", "handled_after_s", "how",
)  # fmt: skip


class ExercisePages:
    """The exercise that runs, those that ran, and the report of each."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of these pages."""
        act, read = self._frame.act, self._frame.read
        return [
            Route(PLACE, read(self.show)),
            Route(PLACE, act(self.start), methods=["POST"]),
            Route(PLACE + "/{number}", read(self.report)),
            Route(PLACE + "/{number}/table", read(self.table)),
            Route(PLACE + "/{number}/inject", act(self.inject), methods=["POST"]),
            Route(PLACE + "/{number}/stop", act(self.stop), methods=["POST"]),
        ]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show what runs, or the form that starts one; those that ran stand below."""
        return self._page(request, seat, {}, None)

    def _page(
        self,
        request: Request,
        seat: Seat,
        typed: dict[str, Any],
        problem: ParleyError | None,
    ) -> Response:
        empty: dict[str, Any] = {"name": "", "script": "", "channels": [], "speed": 1}
        return self._frame.page(
            request,
            seat,
            "exercise.html",
            status=422 if problem else 200,
            exercises=self._gateway.exercises(),
            channels=[channel.code for channel in self._gateway.channels() if channel.opened],
            may=seat.actor.may("exercise"),
            typed={**empty, **typed},
            speeds=SPEEDS,
            problem=problem,
            begun=self._begun(),
        )

    def _begun(self) -> list[str]:
        """Return the drafts of new cases that began in the exercise that runs."""
        runs = self._gateway.exercise_running()
        if runs is None:
            return []
        return [
            draft.id
            for draft in self._gateway.drafts()
            if draft.mark == MARK and draft.case is None and draft.channel in runs.channels
        ]

    async def start(self, request: Request, seat: Seat) -> Response:
        """Begin an exercise; what was typed comes back where it cannot begin."""
        form = await form_of(request)
        typed: dict[str, Any] = {
            "name": text_of(form, "name"),
            "script": text_of(form, "script"),
            "channels": [str(code) for code in form.getlist("channel")],
            "speed": _number(form, "speed"),
        }
        try:
            wanted = ExerciseRequest(
                name=typed["name"],
                channels=typed["channels"],
                injects=read_script(typed["script"]),
                speed=typed["speed"],
            )
            await self._gateway.start_exercise(seat.actor, wanted)
        except UsageError as problem:
            return self._page(request, seat, typed, problem)
        return go(PLACE)

    async def inject(self, request: Request, seat: Seat) -> Response:
        """Let something happen now, or after a while."""
        form = await form_of(request)
        after = text_of(form, "after").strip()
        wanted = InjectRequest(
            after_s=parse_duration(after) if after else 0, text=text_of(form, "text")
        )
        await self._gateway.inject(seat.actor, request.path_params["number"], wanted)
        return go(PLACE)

    async def stop(self, request: Request, seat: Seat) -> Response:
        """End the exercise and show its report."""
        number = request.path_params["number"]
        await self._gateway.stop_exercise(seat.actor, number)
        return go(f"{PLACE}/{number}")

    async def report(self, request: Request, seat: Seat) -> Response:
        """Show one exercise: what happened, who took it up, and after how long."""
        exercise = self._gateway.exercise(request.path_params["number"])
        return self._frame.page(request, seat, "exercise_report.html", shown=exercise)

    async def table(self, request: Request, _: Seat) -> Response:
        """Give the report as a file for a spreadsheet."""
        exercise = self._gateway.exercise(request.path_params["number"])
        rows = (
            {name: getattr(row, name) for name in _COLUMNS} | {"at": rfc3339(row.at)}
            for row in exercise.reactions
        )
        cells = (["" if cell is None else str(cell) for cell in row.values()] for row in rows)
        station = self._gateway.station()
        name = f"EXERCISE-{station.code}-{exercise.number}.csv"
        return Response(
            table(_COLUMNS, cells),
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )


def _number(form: FormData, name: str) -> int:
    text = text_of(form, name, "1")
    return int(text) if text.isdecimal() and len(text) < 4 else 1
