"""Templates: named, reviewed beginnings of drafts, and who may write without one.

A template says which act, to whom, in which words; whoever uses it gets a draft that is filled so
far. It is a paper of this station and never leaves it: what leaves is the draft, by the same steps
as any other. An officer of the watch who is nothing else writes from templates, what is FLASH or
IMMEDIATE, and emergencies (design, console 2).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from parley.core.instants import Instant
from parley.core.texts import misleading
from parley.desk.catalogue import PROCEDURES, fields_of
from parley.desk.fields import LANGUAGE
from parley.desk.procedure import Move
from parley.errors import (
    ConflictError,
    NotAllowedError,
    OwnDraftError,
    StaleVersionError,
    UsageError,
)
from parley.station.actors import Actor
from parley.station.cabinet import Act, Cabinet, require
from parley.station.desk_views import DraftRequest, DraftText
from parley.station.drafting import FIELDS_BYTES_MAX, PRECEDENCES, Drafting
from parley.station.forms import text_view
from parley.station.papers import Fields, change
from parley.station.template_views import TemplateRequest, TemplateView

TEMPLATES_MAX: Final = 500
NAME_MAX: Final = 120
LANGUAGES_MAX: Final = 8
URGENT: Final = ("Z", "O")
_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_OF_ONE_CASE: Final = frozenset({"attach", "refs", "of", "salt"})
"""Fields that belong to one case or one entry, and so to no template."""


def require_writing(actor: Actor, request: DraftRequest) -> None:
    """Let an actor pass who may write this.

    Raises:
        NotAllowedError: the actor may not write at all, not on this channel, or only from
            templates, what is urgent, and emergencies.
    """
    actor.require("draft")
    actor.require_channel(request.channel)
    is_theirs = request.template or request.precedence in URGENT or request.procedure == "emergency"
    if not is_theirs and not actor.may("draft-freely"):
        raise NotAllowedError(
            f"officer {actor.officer} writes from templates, what is FLASH or IMMEDIATE, and "
            "emergencies",
            next_step="Begin from a template (parley template list), or ask a desk officer.",
        )


class Templates:
    """Reads and keeps templates."""

    def __init__(
        self,
        cabinet: Cabinet,
        drafting: Drafting,
        *,
        two_persons: bool,
        now: Callable[[], Instant],
    ) -> None:
        """Let nobody review what they wrote where `two_persons` is set."""
        self._cabinet = cabinet
        self._drafting = drafting
        self._two_persons = two_persons
        self._now = now

    def all(self) -> list[TemplateView]:
        """Return every template, by code."""
        return [_view(code, fields) for code, fields in self._cabinet.all("templates")]

    def get(self, code: str) -> TemplateView:
        """Return one template; NotFoundError if there is none."""
        return _view(code, self._fields(code))

    def _fields(self, code: str) -> Fields:
        return require(
            self._cabinet.get("templates", code),
            f"template {code[:64]}",
            "parley template list shows those that there are.",
        )

    async def put(
        self, actor: Actor, code: str, wanted: TemplateRequest, *, version: int | None
    ) -> TemplateView:
        """Keep a template; it waits for a reviewer, also where it was reviewed before.

        Args:
            actor: a desk officer or a releaser.
            code: its short name.
            wanted: what it holds.
            version: the one that was seen; None where there was none.

        Raises:
            NotAllowedError: the actor may not. UsageError: it is not well made.
            StaleVersionError: it was changed meanwhile.
        """
        actor.require("draft-freely")
        if wanted.channel:
            actor.require_channel(wanted.channel)
        present = self._cabinet.get("templates", code)
        if (None if present is None else present["version"]) != version:
            raise StaleVersionError(
                f"template {code[:64]} was changed meanwhile",
                version=0 if present is None else int(present["version"]),
            )
        if present is None and len(self._cabinet.raw("templates")) >= TEMPLATES_MAX:
            raise ConflictError(f"a station has at most {TEMPLATES_MAX} templates")
        move = self._drafting.move(_request(code, wanted, channel=wanted.channel))
        kept = {name: v for name, v in dict(wanted.fields).items() if name not in _OF_ONE_CASE}
        wanted = replace(wanted, move=move.name, fields=kept)
        if problem := _wrong(code, wanted, move):
            raise UsageError(f"template {code[:64]!r}: {problem}")
        fields: Fields = {
            "names": dict(wanted.names),
            "request": _request(code, wanted, channel=wanted.channel).as_paper(),
            "version": 1 if present is None else present["version"] + 1,
            "written_by": actor.officer,
            "changed_at": self._now(),
            "reviewed_by": None,
            "reviewed_at": None,
        }
        act = Act(actor=actor, act="write template", subject=code)
        await self._cabinet.store([change("templates", code, fields)], act)
        return _view(code, fields)

    async def review(self, actor: Actor, code: str, *, version: int) -> TemplateView:
        """Say that a template may be used as it stands; from now on officers of the watch may.

        Raises:
            NotAllowedError: no releaser. OwnDraftError: the actor wrote it.
            StaleVersionError: it was changed since it was looked at.
        """
        if not actor.is_person:
            raise NotAllowedError("a token does not review a template: a person must")
        actor.require("release")
        fields = self._fields(code)
        if self._two_persons and actor.officer == fields["written_by"]:
            raise OwnDraftError(
                f"{actor.officer} wrote template {code} and cannot review it",
                next_step="Ask another releaser.",
            )
        if version != fields["version"]:
            raise StaleVersionError(
                f"template {code} was changed meanwhile; look at it again",
                version=int(fields["version"]),
            )
        fields |= {"reviewed_by": actor.officer, "reviewed_at": self._now()}
        act = Act(actor=actor, act="review template", subject=code, detail=f"version {version}")
        await self._cabinet.store([change("templates", code, fields)], act)
        return _view(code, fields)

    async def drop(self, actor: Actor, code: str) -> TemplateView:
        """Take a template away; drafts that began from it stay as they are."""
        actor.require("draft-freely")
        view = self.get(code)
        act = Act(actor=actor, act="drop template", subject=code)
        await self._cabinet.store([change("templates", code, None)], act)
        return view

    def request(self, code: str, *, channel: str, case: str | None) -> DraftRequest:
        """Return what a draft that begins from a template asks for.

        Raises:
            ConflictError: nobody has reviewed it as it stands.
            UsageError: it is for another channel, or for a move in a case and none is named.
        """
        view = self.get(code)
        if view.reviewed_by is None:
            raise ConflictError(
                f"template {code} waits for a reviewer",
                next_step=f"A releaser reviews it: parley template review {code}.",
            )
        wanted = _read(self._fields(code))
        if wanted.channel and wanted.channel != channel:
            raise UsageError(f"template {code} is for channel {wanted.channel} only")
        move = PROCEDURES[wanted.procedure].move(wanted.move)
        if move is not None and move.opens == "no" and case is None:
            raise UsageError(f"template {code} is for a move in a case", next_step="Name the case.")
        return _request(code, wanted, channel=channel, case=case)


def _request(
    code: str, wanted: TemplateRequest, *, channel: str, case: str | None = None
) -> DraftRequest:
    return DraftRequest(
        channel=channel,
        procedure=wanted.procedure,
        move=wanted.move,
        case=case,
        precedence=wanted.precedence,
        action=tuple(wanted.action),
        info=tuple(wanted.info),
        fields=dict(wanted.fields),
        texts=tuple(wanted.texts),
        template=code,
    )


def _read(fields: Fields) -> TemplateRequest:
    kept = fields["request"]
    return TemplateRequest(
        names=fields["names"],
        procedure=kept["procedure"],
        move=kept["move"],
        channel=kept["channel"],
        precedence=kept["precedence"],
        action=kept["action"],
        info=kept["info"],
        fields=kept["fields"],
        texts=[DraftText(**text) for text in kept["texts"]],
    )


def _view(code: str, fields: Fields) -> TemplateView:
    wanted = _read(fields)
    return TemplateView(
        code=code,
        names=wanted.names,
        procedure=wanted.procedure,
        move=wanted.move,
        channel=wanted.channel or None,
        precedence=wanted.precedence,
        action=list(wanted.action),
        info=list(wanted.info),
        fields=wanted.fields,
        texts=[text_view(text.lang, text.status, text.text) for text in wanted.texts],
        version=fields["version"],
        written_by=fields["written_by"],
        changed_at=fields["changed_at"],
        reviewed_by=fields["reviewed_by"],
        reviewed_at=fields["reviewed_at"],
    )


def _wrong(code: str, wanted: TemplateRequest, move: Move) -> str:
    """Return what is wrong with a template; empty when nothing is."""
    if not _CODE.fullmatch(code):
        return "a code is a-z, 0-9, . _ and -, at most 64"
    if not 1 <= len(wanted.names) <= LANGUAGES_MAX:
        return f"it has names in 1 to {LANGUAGES_MAX} languages"
    for lang, name in wanted.names.items():
        if not LANGUAGE.fullmatch(lang):
            return f"{lang[:20]!r} is no language"
        if not name.strip() or len(name) > NAME_MAX or misleading(name):
            return f"the name {name[:40]!r} is empty, too long, or holds characters that mislead"
    if wanted.precedence not in PRECEDENCES or len(wanted.precedence) != 1:
        return f"{wanted.precedence[:8]!r} is no precedence: Z, O, P or R"
    if unknown := sorted(set(wanted.fields) - set(fields_of(move))):
        return f"{move.full_name} has no field {unknown[0][:40]!r}"
    if len(repr((wanted.fields, wanted.texts))) > FIELDS_BYTES_MAX:
        return "it is too large"
    return ""
