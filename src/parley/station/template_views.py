"""What the gateway shows of templates, and how one is handed to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parley.station.desk_views import DraftText
from parley.station.view_values import Moment, Words
from parley.station.views import TextView


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRequest:
    """A template as it is to be kept.

    Attributes:
        names: what it is called, per language.
        procedure, move: the act; the procedure's opening move where `move` is empty.
        channel: code of the one channel it is for; empty for every channel.
        action, info: who must act and who is told, `BRAVO` or `BRAVO/OPS`; may be empty.
        fields: values by field name, as people write them; complete or not.
        texts: the words, per language.
    """

    names: Mapping[str, str]
    procedure: str
    move: str = ""
    channel: str = ""
    precedence: str = "R"
    action: Sequence[str] = ()
    info: Sequence[str] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    texts: Sequence[DraftText] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateView:
    """A named beginning of a draft.

    Attributes:
        names: what it is called, per language.
        channel: the one channel it is for; None for every channel.
        version: whoever changes or reviews it names the one that was seen.
        reviewed_by: the releaser who said that it may be used; None while it waits for one.
    """

    code: str
    names: Words
    procedure: str
    move: str
    channel: str | None
    precedence: str
    action: Sequence[str]
    info: Sequence[str]
    fields: Mapping[str, Any]
    texts: Sequence[TextView]
    version: int
    written_by: str
    changed_at: Moment
    reviewed_by: str | None
    reviewed_at: Moment | None
