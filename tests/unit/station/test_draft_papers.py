from __future__ import annotations

import json
from dataclasses import asdict, fields, replace

from parley.station.desk_views import DraftRequest, DraftText


def test_a_request_is_kept_in_the_words_of_before() -> None:
    """Idempotency keys rest on these bytes: a key of last week must find its draft."""
    request = DraftRequest(
        channel="OPS",
        procedure="request",
        move="open",
        case="ALFA/7",
        precedence="Z",
        mark="EXERCISE",
        action=("BRAVO", "BRAVO/OPS"),
        info=["CHARLIE"],
        fields={"reply_by": "2 h", "questions": [{"no": 1, "text": "why"}]},
        texts=[
            DraftText(lang="en", text="words"),
            DraftText(lang="zh", text="字", status="machine"),
        ],
        refs=("OPS/ALFA/3",),
        non_attributable=True,
    )

    kept = request.as_paper()

    before = {name: value for name, value in asdict(request).items() if name != "template"}
    assert list(kept) == [field.name for field in fields(DraftRequest)][:-1]
    assert json.dumps(kept, sort_keys=True) == json.dumps(before, sort_keys=True)
    # A template is a word of today: only what began from one says it.
    begun = replace(request, template="night").as_paper()
    assert begun == {**kept, "template": "night"}
