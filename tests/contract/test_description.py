"""The API keeps to its description.

Whatever fits the API's description is answered as it says, and nothing makes the station fail.

Schemathesis makes calls out of the description (`PARLEY_EXAMPLES=60` makes more of each, other ones each time); a real station with a peer, an open channel, an
entry, a case and a draft answers them over its control socket.
"""

from __future__ import annotations

import os

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from parley.api import routes
from parley.api.app import build_app
from parley.station.actors import MACHINE_SCOPES
from support.live_stations import introduce, live, open_channel

EXAMPLES = int(os.environ.get("PARLEY_EXAMPLES", "3"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DESCRIBED = build_app(None).openapi()
NEVER_ENDS = {("get", "/api/v1/events")}
# What removes something comes last: the calls before find it there.
OPERATIONS = sorted(
    (
        (method, path)
        for path, methods in DESCRIBED["paths"].items()
        for method in methods
        if (method, path) not in NEVER_ENDS
    ),
    key=lambda operation: operation[0] == "delete",
)
SCHEMA = schemathesis.openapi.from_dict(DESCRIBED)


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    """Where a station is called, and names of what it holds, by path parameter."""
    root = tmp_path_factory.mktemp("described")
    with (
        pytest.MonkeyPatch.context() as patch,
        live(root / "alfa", "ALFA", api_listen="127.0.0.1:0") as alfa,
        live(root / "bravo", "BRAVO") as bravo,
        alfa.client() as a,
        bravo.client() as b,
    ):
        # A place that is made up lies beyond the record as a rule: each would be waited for.
        patch.setattr(routes, "AT_LEAST_WAIT_S", 0.0)
        introduce(b, alfa.serving.link_addresses[0], a)
        introduce(a, bravo.serving.link_addresses[0], b)
        open_channel(a, b)
        said = {"channel": "OPS", "texts": [{"lang": "en", "text": "Words."}]}
        sent = a.post("/submissions", said | {"fields": {"subject": "S"}}, key="one")
        a.post(
            "/submissions",
            said
            | {
                "procedure": "request",
                "move": "open",
                "fields": {
                    "level": "theatre",
                    "form": "call",
                    "reply_by": "PT3H",
                    "subject": "Call",
                    "topics": [{"en": "Pier"}],
                },
            },
            key="two",
        )
        draft = a.post("/drafts", said, key="three")["id"]
        names = {
            "channel": "OPS",
            "party": "ALFA",
            "index": sent["entry"].rpartition("/")[2],
            "peer": "BRAVO",
            "code": "BRAVO",
            "draft": draft,
            "number": a.get("/registers/request")["items"][0]["number"].replace("/", "~"),
            "procedure": "request",
            "move": "open",
        }
        every = sorted(MACHINE_SCOPES)

        def token(scopes):
            return a.post("/tokens", {"label": "t", "scopes": scopes})["secret"]

        tokens = {each: token([s for s in every if s != each]) for each in every}
        tokens["person"] = token(every)
        transport = httpx.HTTPTransport(uds=str(alfa.directory / "control.sock"))
        with httpx.Client(transport=transport, base_url="http://station", timeout=20) as http:
            yield http, names, tokens, f"http://{alfa.serving.api_address}"


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: part)
def test_calls_are_answered_as_described(station, method, path):
    http, names, _, _ = station

    @settings(
        max_examples=EXAMPLES,
        derandomize="PARLEY_EXAMPLES" not in os.environ,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=SCHEMA[path][method].as_strategy(), known=st.booleans())
    def call(case, known):
        if known:
            case.path_parameters.update(
                {n: v for n, v in names.items() if n in case.path_parameters}
            )
        if isinstance(place := (case.query or {}).get("at_least"), int):
            # Made up it lies beyond the record as a rule: 503, as it should be.
            case.query["at_least"] = min(place, 1)
        request = _request(http, case)
        case.validate_response(http.send(request), checks=CHECKS)

    call()


def _request(http, case):
    sent = case.as_transport_kwargs(base_url="http://station")
    headers = {k: v for k, v in sent["headers"].items() if k.lower() != "authorization"}
    body = {"json": sent["json"]} if sent.get("json") is not None else {"content": sent.get("data")}
    return http.build_request(
        sent["method"],
        sent["url"],
        params=sent.get("params"),
        headers=headers,
        **body,
    )


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: part)
def test_a_token_without_the_scope_that_is_described_is_refused(station, method, path):
    _, names, tokens, address = station
    operation = DESCRIBED["paths"][path][method]
    lacking = ["person"] if "x-parley-who" in operation else _scopes(operation)
    if not lacking:
        pytest.skip("every token may")
    with httpx.Client(timeout=20) as http:

        @settings(
            max_examples=1,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=SCHEMA[path][method].as_strategy())
        def call(case):
            case.path_parameters.update(
                {name: value for name, value in names.items() if name in case.path_parameters}
            )
            request = _request(http, case)
            request.url = httpx.URL(address).join(request.url.raw_path.decode())
            request.headers["host"] = request.url.netloc.decode()
            request.headers["if-match"] = '"1.open"'
            request.headers["authorization"] = f"Bearer {tokens[lacking[0]]}"
            answer = http.send(request)
            said = answer.json()
            if path.endswith("/batch"):
                said = said["items"][0]["problem"]
            assert said["status"] in (403, 404), said
            if said["status"] == 403 and lacking != ["person"]:
                assert lacking[0] in said["detail"]

        call()


def test_a_read_reflects_what_was_answered_before_or_is_refused(station):
    http, *_ = station
    seen = int(http.get("/api/v1/overview").headers["parley-sequence"])
    assert http.get("/api/v1/overview", params={"at_least": seen}).status_code == 200
    behind = http.get("/api/v1/overview", params={"at_least": 2**62})
    assert (behind.status_code, behind.json()["code"]) == (503, "behind")
    assert behind.headers["retry-after"] == "5"


def _scopes(operation):
    return [scope for each in operation["security"] for scope in each["token"]]
