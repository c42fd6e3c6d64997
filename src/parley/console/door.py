"""The station's gateway as the console sees it: one place that names its types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Gateway: TypeAlias = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftText:
    lang: str
    status: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRequest:
    channel: str
    procedure: str = "message"
    move: str = ""
    case: str | None = None
    precedence: str = "R"
    mark: str | None = None
    action: Sequence[str] = ()
    info: Sequence[str] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    texts: Sequence[DraftText] = ()
    refs: Sequence[str] = ()
    non_attributable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRequest:
    code: str
    peers: Sequence[str]
    purpose: str
    basis: str = ""
    ends_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRow:
    credential_id: bytes
    officer: str
    public_key: bytes
    sign_count: int
    label: str = ""
    added_at: int | None = None
