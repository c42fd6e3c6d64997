"""An administrator enrols an officer at the console; who releases or administers not here."""

from __future__ import annotations

import pytest

from unit.console.test_pages import desk, run

PLACE = "/station/officers"


def asked(officer="ALFA-W2", **form):
    async def work():
        async with desk() as at:
            await at.sign_in(officer)
            page = (await at.client.get("/station")).text
            answer = await at.post(PLACE, **form)
            return page, answer, set(at.gateway._officers)

    return run(work)


def test_an_officer_is_enrolled_with_a_link_that_is_shown_once():
    page, answer, officers = asked(code="alfa-w9", role=["watch", "desk"])
    assert f'action="{PLACE}"' in page
    assert "/sign-in/link/" in answer.text
    assert "ALFA-W9" in officers


@pytest.mark.parametrize(
    "form",
    [
        {"code": "ALFA-W9", "role": "releaser"},
        {"code": "ALFA-W9", "role": ["watch", "administrator"]},
        {"code": "ALFA-W9"},
        {"code": "ALFA-R1", "role": "watch"},
    ],
)
def test_one_person_gives_nobody_the_right_to_release_and_no_code_twice(form):
    _, answer, officers = asked(**form)
    assert answer.status_code >= 400
    assert "ALFA-W9" not in officers


def test_who_is_no_administrator_is_offered_no_enrolment_and_refused():
    page, answer, officers = asked("ALFA-R1", code="ALFA-W9", role="watch")
    assert f'action="{PLACE}"' not in page
    assert answer.status_code == 403
    assert "ALFA-W9" not in officers
