"""Where things are: what the console's map shows, for a party's own map."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import JSONResponse

from parley.api.doors import CaseReader, GatewayHere, see_channel, sees
from parley.api.geojson import MEDIA_TYPE, GeoMap, geo_map
from parley.api.routes import new_router
from parley.core.instants import parse_instant
from parley.errors import NotFoundError, UsageError
from parley.station.views import to_json

router = new_router("map")


class GeoAnswer(JSONResponse):
    """An answer in GeoJSON."""

    media_type = MEDIA_TYPE


@router.get("/map", response_model=GeoMap, response_class=GeoAnswer)
async def places(
    *,
    gateway: GatewayHere,
    actor: CaseReader,
    procedure: str | None = None,
    channel: str | None = None,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    case: str | None = None,
    as_of: Annotated[str | None, Query(max_length=40)] = None,
) -> GeoAnswer:
    """Return areas, tracks and accounts as stated, in GeoJSON (RFC 7946); `party` says by whom.

    Of the newest 100 cases with a place, narrowed by `procedure`, `channel` and `open`; or of one
    `case` (`~` stands for `/` in its number). Now, or as they stood at a time.
    """
    moment = None if as_of is None else parse_instant(as_of)
    if case is None:
        code = None if channel is None else see_channel(gateway, actor, channel)
        view = gateway.map(
            procedure=procedure,
            channel=code,
            is_open=is_open,
            as_of=moment,
            sees=lambda label: sees(actor, label),
        )
        return GeoAnswer(to_json(geo_map(view)))
    if (procedure, channel, is_open) != (None, None, None):
        raise UsageError("a case is on one channel, of one procedure: name nothing beside it")
    if not sees(actor, gateway.case(case.replace("~", "/")).channel):
        raise NotFoundError(f"there is no case {case}")
    return GeoAnswer(to_json(geo_map(gateway.map_of_case(case, as_of=moment))))
