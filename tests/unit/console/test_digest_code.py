"""The code of a digest on paper is the digest that the search takes."""

from __future__ import annotations

import re

import pytest

from parley.station.qr_code import QUIET, qr_code
from unit.console.test_pages import desk, run

segno = pytest.importorskip("segno")


def modules(code):
    """Read the drawing back into rows of modules."""
    rows = [[0] * code.size for _ in range(code.size)]
    for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", code.path):
        assert width == back
        for at in range(int(x), int(x) + int(width)):
            rows[int(y)][at] = 1
    return rows


def test_the_drawing_is_the_code_with_its_white_edge():
    code = qr_code("0123abcd" * 8, edge=QUIET)
    made = segno.make("0123abcd" * 8, error="m", micro=False, boost_error=False).matrix
    rows = modules(code)
    assert [row[QUIET:-QUIET] for row in rows[QUIET:-QUIET]] == [list(row) for row in made]
    edge = rows[:QUIET] + rows[-QUIET:] + [row[:QUIET] + row[-QUIET:] for row in rows]
    assert not any(any(row) for row in edge)


def test_an_entry_carries_the_code_of_its_own_digest_for_paper():
    async def work():
        async with desk() as at:
            await at.sign_in()
            page = (await at.client.get("/entries/OPS/BRAVO/33")).text
            return page, at.gateway.entry("OPS/BRAVO/33").hash

    page, digest = run(work)
    drawn = page.partition('class="print-code"')[2].partition("</div>")[0]
    assert f'd="{qr_code(digest, edge=QUIET).path}"' in drawn
    assert f'<p class="mono">{digest}</p>' in drawn
