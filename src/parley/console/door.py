"""The station's gateway as the console sees it: one place that names its types."""

from __future__ import annotations

from typing import Any, TypeAlias

from parley.station.desk_views import ChannelRequest, DraftRequest, DraftText, PasskeyRow
from parley.station.exercise_views import ExerciseRequest, InjectRequest
from parley.station.glossary import TermRequest
from parley.station.template_views import TemplateRequest

Gateway: TypeAlias = Any

__all__ = [
    "ChannelRequest",
    "DraftRequest",
    "DraftText",
    "ExerciseRequest",
    "Gateway",
    "InjectRequest",
    "PasskeyRow",
    "TemplateRequest",
    "TermRequest",
]
