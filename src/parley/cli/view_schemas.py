"""JSON Schemas of what station commands print: those of the views, read off their types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter

from parley.api.resources.people import SignInLink
from parley.station import desk_views as desk
from parley.station import tool_views as tools
from parley.station import views
from parley.station.countersigning import CountersignView
from parley.station.exercise_views import ExerciseView
from parley.station.template_views import TemplateView
from parley.station.witness_pages import WitnessState

_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_YES_NO: Final = {"type": "boolean"}

ONE: Final[Mapping[str, type]] = {
    "status": views.Overview,
    "entry": views.EntryView,
    "alarm": desk.AlarmView,
    "peer": desk.PeerView,
    "peer-verify": desk.VerifyResult,
    "channel": views.ChannelView,
    "channel-held": desk.HeldChannelAct,
    "draft": desk.DraftView,
    "draft-dropped": desk.DraftView,
    "exercise": ExerciseView,
    "countersign": CountersignView,
    "template": TemplateView,
    "template-draft": desk.DraftView,
    "translate": desk.DraftView,
    "release": desk.Released,
    "case": views.CaseView,
    "officer": desk.OfficerView,
    "sign-in-link": SignInLink,
    "config-set": desk.SettingView,
    "break-glass": tools.GlassState,
    "token-ended": desk.TokenView,
    "webhook-ended": tools.WebhookView,
    "webhook-test": tools.WebhookTest,
    "witness": WitnessState,
    "calendar-subscribe": tools.FeedMade,
    "calendar-feed": tools.FeedView,
    "term": tools.TermView,
    "history-import": tools.HistoryImport,
    "carry-in": tools.CourierLook,
    "timeline": tools.TimelineView,
    "watch-row": tools.WatchRow,
}
"""`data` is one view."""

LIST: Final[Mapping[str, type]] = {
    "inbox": views.InboxRow,
    "peers": desk.PeerView,
    "path-test": desk.PathTest,
    "channels": views.ChannelView,
    "drafts": desk.DraftView,
    "exercises": ExerciseView,
    "templates": TemplateView,
    "requests": views.CaseRow,
    "cases": views.CaseRow,
    "moves": views.MoveView,
    "log": views.EntryRow,
    "search": views.EntryRow,
    "log-check": views.LogCheck,
    "restore": views.RestoreView,
    "officers": desk.OfficerView,
    "tokens": desk.TokenView,
    "config-running": desk.SettingView,
    "webhooks": tools.WebhookView,
    "doctor": desk.HealthCheck,
    "calendar": tools.DueRow,
    "calendar-feeds": tools.FeedView,
    "glossary": tools.TermView,
    "carry-list": tools.CourierRow,
    "watch-log": tools.WatchRow,
    "notice-draft": tools.NoticeDraft,
    "glossary-check": tools.TermHit,
}
"""`data.items` are views."""

PLAIN: Final[Mapping[str, Mapping[str, Any]]] = {
    "peer-removed": {"code": _TEXT, "removed": _YES_NO},
    "text-export": {"file": _TEXT, "bytes": _COUNT},
    "calendar-export": {"file": _TEXT, "events": _COUNT},
    "attachment-save": {
        "entry": _TEXT,
        "name": _TEXT,
        "type": _TEXT,
        "bytes": _COUNT,
        "file": _TEXT,
    },
    "log-export": {"file": _TEXT, "bytes": _COUNT},
    "carry-out": {"file": _TEXT, "form": _TEXT, "peer": _TEXT, "count": _COUNT, "left": _COUNT},
    "log-reindex": {"rows": _COUNT, "differed": _COUNT},
    "bench": {
        "type": {"const": "result"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["suite", "measure", "value", "unit", "entries", "earlier", "ratio"],
            },
        },
    },
    "serve": {"type": {"const": "result"}, "station": _TEXT, "stopped": _YES_NO},
}
"""`data` has these members."""

_STREAMS: Final = ("watch", "log-follow")
"""Their lines are events until somebody stops them; no result comes."""


def names() -> list[str]:
    """Return the name of every schema here."""
    return sorted([*ONE, *LIST, *PLAIN, *_SPECIAL, *_STREAMS])


def data_schema(name: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return the schema of `data` and the definitions it refers to; None if there is none."""
    if name in ONE:
        return _of(ONE[name])
    if name in LIST:
        item, shared = _of(LIST[name])
        return _list(item), shared
    if name in PLAIN:
        return _members(PLAIN[name]), {}
    if name in _SPECIAL:
        return _SPECIAL[name]()
    if name in _STREAMS:
        return _members({"type": {"const": "event"}, "event": _TEXT}), {}
    return None


def _of(kind: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    schema = TypeAdapter(kind).json_schema(mode="serialization")
    shared: dict[str, Any] = schema.pop("$defs", {})
    return schema, shared


def _members(members: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(members), "properties": dict(members)}


def _list(item: Mapping[str, Any]) -> dict[str, Any]:
    cursor = {"anyOf": [_TEXT, {"type": "null"}]}
    return _members({"items": {"type": "array", "items": dict(item)}, "next_cursor": cursor})


def _send() -> tuple[dict[str, Any], dict[str, Any]]:
    """What became of a text; a dry run, or the end of a batch, in its place."""
    done, shared = _of(desk.Submitted)
    delivery, more = _of(views.Delivery | None)
    done["properties"]["delivery"] = delivery
    checked, others = _of(desk.Checked)
    checked["properties"]["dry_run"] = {"const": True}
    counts = ("stored", "held", "failed", "reached", "waiting")
    batch = _members({"type": {"const": "result"}, **dict.fromkeys(counts, _COUNT)})
    return {"anyOf": [done, checked, batch]}, shared | more | others


def _wait() -> tuple[dict[str, Any], dict[str, Any]]:
    delivery, shared = _of(views.Delivery)
    return _members({"entry": _TEXT, "for": _TEXT, "delivery": delivery}), shared


def _line_check() -> tuple[dict[str, Any], dict[str, Any]]:
    """A line check sent, or what `--log` shows."""
    sent, shared = _send()
    person, more = _of(views.PersonLamp)
    row, others = _of(views.EntryRow)
    log = _list(row)
    log["properties"] |= {"peer": _TEXT, "person": person}
    return {"anyOf": [*sent["anyOf"], log]}, shared | more | others


def _paths() -> tuple[dict[str, Any], dict[str, Any]]:
    path, shared = _of(views.PathView)
    path["properties"] = {
        name: {"anyOf": [said, {"type": "null"}]} for name, said in path["properties"].items()
    } | {"peer": _TEXT}
    return _list(path), shared


def _glass_made() -> tuple[dict[str, Any], dict[str, Any]]:
    """A code with its secret, which is null where it was written into a file."""
    schema, shared = _of(tools.GlassMade)
    schema["properties"]["secret"] = {"anyOf": [_TEXT, {"type": "null"}]}
    return schema, shared


def _token() -> tuple[dict[str, Any], dict[str, Any]]:
    token, shared = _of(desk.TokenView)
    absent = {"anyOf": [_TEXT, {"type": "null"}]}
    token["properties"] |= {"secret": absent, "file": absent}
    return token, shared


def _webhook() -> tuple[dict[str, Any], dict[str, Any]]:
    hook, shared = _of(tools.WebhookView)
    absent = {"anyOf": [_TEXT, {"type": "null"}]}
    hook["properties"] |= {"secret": absent, "file": absent}
    return hook, shared


def _channel_act() -> tuple[dict[str, Any], dict[str, Any]]:
    """A channel; what is held for a second person, or a dry run, in its place."""
    done, shared = _of(views.ChannelView)
    held, more = _of(desk.HeldChannelAct)
    dry = _members({"dry_run": {"const": True}, "code": _TEXT})
    return {"anyOf": [done, held, dry]}, shared | more


_SPECIAL: Final = {
    "channel-act": _channel_act,
    "send": _send,
    "wait": _wait,
    "line-check": _line_check,
    "paths": _paths,
    "token": _token,
    "break-glass-made": _glass_made,
    "webhook": _webhook,
}
