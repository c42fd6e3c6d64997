"""The exercise screen: started with a script, seen on every page, stopped, and its report."""

from __future__ import annotations

from unit.console.test_pages import desk, run

PLACE = "/station/exercise"


def started(view="en.day.100.keys", **facts):
    async def work():
        async with desk(**facts) as at:
            await at.sign_in("ALFA-R1", view=view)
            script = "10m: A tug calls.\n5m: Fog."
            await at.post(PLACE, name="Autumn", channel="OPS", script=script, speed="5")
            pages = {
                path: (await at.client.get(path)).text
                for path in (
                    PLACE,
                    "/search",
                    "/drafts/new?channel=OPS&procedure=message&move=send",
                    "/drafts/new?channel=LAW&procedure=message&move=send",
                )
            }
            await at.post(f"{PLACE}/EX-0002/inject", text="A call.", after="2m")
            rows = at.gateway.exercise_running().reactions
            over = await at.post(f"{PLACE}/EX-0002/stop")
            return pages, rows, over, (await at.client.get("/search")).text

    return run(work)


def test_an_exercise_is_seen_on_every_page_until_it_is_stopped():
    pages, rows, over, after = started()
    for page in pages.values():
        assert 'id="exercise-runs"' in page
    assert "everything else is LIVE" in pages["/search"]
    assert [(row.number, row.text, row.at - rows[1].at) for row in rows] == [
        (1, "A tug calls.", 300),
        (2, "Fog.", 0),
        (3, "A call.", -180),
    ]
    assert over.headers["location"] == f"{PLACE}/EX-0002"
    assert 'id="exercise-runs"' not in after


def test_a_writer_on_its_channel_chooses_the_marking_and_elsewhere_there_is_none():
    pages, *_ = started(view="zh.dark.100.keys")
    _, _, inside, outside = pages.values()
    assert 'name="mark" value="EXERCISE" checked' in inside
    assert 'name="mark" value="LIVE" >' in inside
    assert 'type="radio" name="mark"' not in outside


def test_at_a_station_whose_every_entry_is_an_exercise_nothing_is_chosen():
    pages, *_ = started(mark="EXERCISE")
    assert 'type="radio" name="mark"' not in "".join(pages.values())


def test_what_was_typed_comes_back_where_an_exercise_cannot_begin():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-R1")
            lacks = await at.post(PLACE, name="Autumn", script="10m: A tug calls.", speed="5")
            wrong = await at.post(PLACE, name="Autumn", channel="OPS", script="A tug calls.")
            await at.sign_in("ALFA-I1")
            return lacks, wrong, await at.client.get(PLACE), await at.post(PLACE, name="X")

    lacks, wrong, page, refused = run(work)
    assert (lacks.status_code, wrong.status_code) == (422, 422)
    assert "10m: A tug calls." in lacks.text
    assert 'value="Autumn"' in lacks.text
    assert "Line 1 of the script" in wrong.text
    assert 'id="start"' not in page.text
    assert refused.status_code == 422


def test_a_report_is_read_and_taken_as_a_table_without_formulas():
    async def work():
        async with desk() as at:
            await at.sign_in()
            page = await at.client.get(f"{PLACE}/EX-0001")
            return page.text, await at.client.get(f"{PLACE}/EX-0001/table")

    page, table = run(work)
    assert "ALFA-W1, after 0:00:41" in page
    assert 'href="/entries/OPS/BRAVO/33"' in page
    assert "did not happen" in page
    assert table.headers["content-disposition"].endswith('"EXERCISE-ALFA-EX-0001.csv"')
    assert "'=The telephone fails." in table.text


def test_who_stops_an_exercise_is_told_of_drafts_that_then_cannot_leave():
    async def work():
        async with desk() as at:
            await at.sign_in("ALFA-R1")
            await at.post(PLACE, name="Autumn", channel="OPS", script="", speed="1")
            before = (await at.client.get(PLACE)).text
            [first, *_] = [d for d in at.gateway.drafts() if d.channel == "OPS" and d.case is None]
            first.mark = "EXERCISE"
            during = (await at.client.get(PLACE)).text
            await at.post(f"{PLACE}/EX-0002/stop")
            first.exercise_over = True
            await at.sign_in(first.writer)
            return before, during, (await at.client.get(f"/drafts/{first.id}")).text, first.id

    before, during, over, draft = run(work)
    assert 'id="begun"' not in before
    assert f'href="/drafts/{draft}"' in during.partition('id="begun"')[2].partition("</span>")[0]
    assert 'id="exercise-over"' in over
