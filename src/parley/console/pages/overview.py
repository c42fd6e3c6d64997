"""Screen 2, overview: is the line alive, what needs us now, who owes whom an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from parley.console.door import Gateway
from parley.console.frame import Frame
from parley.console.moments import DAY_S
from parley.console.seat import Seat
from parley.console.words import word

NEEDS_SHOWN_MAX: Final = 12
STRIP_WIDTH: Final = 960
STRIP_NAMES_MAX: Final = 4
LETTERS: Final[Mapping[str, str]] = {"flash": "Z", "immediate": "O"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What the button of a need does: shows `href`, or posts to `post` and then shows it."""

    href: str
    post: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owing:
    """One row of balances: `who` owes `to`; an empty name is us."""

    who: str
    to: str
    owed: int
    asked: int
    lapsed: int
    proved: int
    dark: int
    oldest_at: int | None


class OverviewPage:
    """The three questions on one screen."""

    def __init__(self, gateway: Gateway, frame: Frame) -> None:
        self._gateway = gateway
        self._frame = frame

    def routes(self) -> list[Route]:
        """Return the addresses of this page."""
        return [Route("/", self._frame.read(self.show))]

    async def show(self, request: Request, seat: Seat) -> Response:
        """Show the overview."""
        overview = self._gateway.overview()
        now = int(self._frame.now())
        language = seat.view.language

        def declared_word(declared: Any) -> str:
            ours, theirs = declared.ours, declared.theirs
            if ours == theirs or not theirs:
                return word(language, "channel", ours or "none")
            mine = word(language, "channel", ours or "none")
            other = word(language, "channel", theirs)
            return language.say("{ours} / they: {theirs}", ours=mine, theirs=other)

        def queue_words(queued: Mapping[str, int]) -> str:
            waiting = [f"{letter} {count}" for letter, count in queued.items() if count]
            return " ".join(waiting)

        return self._frame.page(
            request,
            seat,
            "overview.html",
            overview=overview,
            needs=in_sight(overview.needs),
            oldest=now if overview.needs_oldest is None else overview.needs_oldest,
            actions={
                need.id: action_of(need, may_claim=seat.actor.may("claim"))
                for need in overview.needs
            },
            balances=owings(overview.balances),
            marks=strip_marks(overview.last_24h, now),
            urgent=strip_names(overview.last_24h),
            some_queued=any(queue_words(line.queued) for line in overview.lines),
            fresh=not overview.lines,
            declared_word=declared_word,
            queue_words=queue_words,
        )


def action_of(need: Any, *, may_claim: bool = True) -> Action:
    """Return what the button of a need does."""
    href = _target(need)
    if need.kind == "alarm" and not need.claimed_by and may_claim:
        alarm = str(need.resource).rpartition("/")[2] or str(need.id)
        return Action(href=href, post=f"/alarms/{alarm}/claim")
    return Action(href=href)


def _target(need: Any) -> str:
    if need.kind in ("key", "compare"):
        return f"/peers/{need.peer}"
    if need.kind == "draft" and not need.draft and need.channel:
        return f"/release/channels/{need.channel}"
    if need.kind == "draft":
        return f"/release/{need.draft}" if need.draft else "/release"
    if need.kind == "returned" and need.draft:
        return f"/drafts/{need.draft}"
    if need.kind in ("channel", "renew") and need.channel:
        return f"/channels/{need.channel}"
    if need.kind == "date":
        return "/calendar"
    if need.kind == "answer" and need.case:
        return f"/cases/{need.case}"
    if need.entry:
        return f"/entries/{need.entry}"
    if need.case:
        return f"/cases/{need.case}"
    return "/alarms"


def owings(balances: Sequence[Any]) -> list[Owing]:
    """Return two rows for each peer, ours first; rows that say nothing at all are left out."""
    rows: list[Owing] = []
    for balance in balances:
        for who, to, side in (
            ("", balance.peer, balance.we_owe),
            (balance.peer, "", balance.they_owe),
        ):
            if any((side.owed, side.asked, side.lapsed, side.proved, side.dark)):
                rows.append(
                    Owing(
                        who=who,
                        to=to,
                        owed=side.owed,
                        asked=side.asked,
                        lapsed=side.lapsed,
                        proved=side.proved,
                        dark=side.dark,
                        oldest_at=side.oldest_at,
                    )
                )
    return rows


def strip_marks(events: Sequence[Any], now: int) -> list[dict[str, Any]]:
    """Return where each event of the last day stands on the strip, in its units."""
    start = now - DAY_S
    return [
        {"x": round((event.at - start) * STRIP_WIDTH / DAY_S), "kind": event.kind}
        for event in events
        if event.at is not None and start <= event.at <= now
    ]


def strip_names(events: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the newest marks of the strip in words: a shape alone tells nobody what it was."""
    return [
        {"letter": LETTERS[event.kind], "peer": event.peer, "at": event.at, "entry": event.entry}
        for event in events[:STRIP_NAMES_MAX]
        if event.kind in LETTERS
    ]


def in_sight(needs: Sequence[Any]) -> list[Any]:
    """Return what the overview shows: the most pressing, and no alarm unclaimed is left out."""
    rest = needs[NEEDS_SHOWN_MAX:]
    unclaimed = [need for need in rest if need.kind == "alarm" and not need.claimed_by]
    return [*needs[:NEEDS_SHOWN_MAX], *unclaimed]
