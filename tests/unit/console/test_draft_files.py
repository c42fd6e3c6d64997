"""Files in the form of a draft and on the page of an entry; nothing of ours opens one."""

from __future__ import annotations

import html
import json
import re

from parley.console.guard import BODY_BYTES_MAX, FILE_FORM_BYTES_MAX
from parley.core.limits import ATTACHMENT_BYTES_MAX
from unit.console.test_pages import ORIGIN, desk, run

PDF = b"%PDF-1.7 chart"


async def written(at, *, file=None, path="/drafts", **more):
    """Post the form of a draft as a browser does, with a file where one is chosen."""
    page = await at.client.get("/drafts/new?channel=OPS&procedure=message&move=send")
    fields = {
        "form_token": await at.token(),
        "press": re.search(r'name="press" value="(\w+)"', page.text)[1],
        "channel": "OPS",
        "procedure": "message",
        "move": "send",
        "precedence": "P",
        "to": "BRAVO",
        "f.subject": "Chart",
        "lang.0": "en",
        "status.0": "authentic",
        "text.0": "The chart.",
        "do": "add-file",
    } | more
    files = {"file": file or ("", b"", "application/octet-stream")}
    return await at.client.post(path, data=fields, files=files, headers={"origin": ORIGIN})


def test_a_file_that_is_chosen_stands_in_the_draft_with_name_type_and_size():
    async def work():
        async with desk() as at:
            await at.sign_in()
            made = await written(at, file=("chart.pdf", PDF, "application/octet-stream"))
            page = await at.client.get(made.headers["location"])
            name = made.headers["location"].rpartition("/")[2]
            return at.gateway.kept, at.gateway.draft(name).fields, page.text

    kept, fields, page = run(work)
    assert kept == [("ALFA-W2", "chart.pdf", "application/pdf", PDF)]
    (file,) = fields["attach"]
    assert (file["name"], file["bytes"]) == ("chart.pdf", len(PDF))
    assert "chart.pdf" in page
    assert "application/pdf" in page
    assert "14 bytes" in page
    assert json.loads(html.unescape(re.search(r'name="attach" value="([^"]*)"', page)[1])) == [file]


def test_a_file_is_left_out_again_and_a_save_without_one_keeps_what_there_is():
    async def work():
        async with desk() as at:
            await at.sign_in()
            files = [
                {"name": f"{n}.pdf", "type": "application/pdf", "bytes": 9, "digest": n * 64}
                for n in "ab"
            ]
            made = await written(at, attach=json.dumps(files), do="save")
            name = made.headers["location"].rpartition("/")[2]
            both = list(at.gateway.draft(name).fields["attach"])
            more = {"draft": name, "version": "1", "attach": json.dumps(files)}
            await written(at, path=f"/drafts/{name}", do=f"leave-out {'a' * 64}", **more)
            return files, both, at.gateway.draft(name).fields["attach"]

    files, both, left = run(work)
    assert both == files
    assert left == files[1:]


def test_what_a_form_says_of_files_and_is_no_list_of_them_is_none():
    async def work(given):
        async with desk() as at:
            await at.sign_in()
            made = await written(at, attach=given, do="save")
            return at.gateway.draft(made.headers["location"].rpartition("/")[2]).fields

    for given in ("[", "7", '"x"', "{}", "[1, null]"):
        assert "attach" not in run(lambda given=given: work(given)), given


def test_only_the_form_of_a_draft_may_be_as_large_as_a_file():
    async def work():
        async with desk() as at:
            await at.sign_in()
            large = ("a.pdf", PDF + bytes(2 * BODY_BYTES_MAX), "application/pdf")
            taken = await written(at, file=large)
            over = await written(at, file=("b.pdf", bytes(FILE_FORM_BYTES_MAX + 1), ""))
            just_over = await written(at, file=("c.pdf", bytes(ATTACHMENT_BYTES_MAX + 1), ""))
            elsewhere = await written(at, file=large, path="/peers")
            return [one.status_code for one in (taken, over, just_over, elsewhere)], at.gateway.kept

    codes, kept = run(work)
    assert codes == [303, 413, 422, 413]
    assert [name for _, name, _, _ in kept] == ["a.pdf"]


def test_an_entry_tells_how_many_of_its_files_are_here_and_warns_before_one_is_saved():
    async def work():
        async with desk() as at:
            await at.sign_in()
            page = await at.client.get("/entries/OPS/BRAVO/33")
            await at.sign_in(view="zh.night.100.keys")
            return page.text, (await at.client.get("/entries/OPS/BRAVO/33")).text

    english, chinese = run(work)
    assert "2 of 3 files here" in english
    assert "2 of 3 parts are here" in english
    assert "whole, but NOT what its type says" in english
    assert "Attachment missing: rung 1x" in english
    assert "3个文件中2个已到" in chinese
    panel = english[english.index('id="files"') :]
    for link in re.finditer(r'<a [^>]*href="/entries/OPS/BRAVO/33/files/', panel):
        assert (
            "not that it is harmless"
            in panel[panel.rindex("<details", 0, link.start()) : link.start()]
        )
        assert " download " in link[0]
    assert "<img" not in panel
    assert panel.count("/files/") == 2  # what is missing cannot be saved


def test_a_file_is_handed_out_so_that_no_browser_draws_or_runs_it():
    async def work():
        async with desk() as at:
            await at.sign_in()
            page = await at.client.get("/entries/OPS/BRAVO/33")
            link = re.search(r'href="(/entries/OPS/BRAVO/33/files/\w+)"', page.text)[1]
            missing = await at.client.get("/entries/OPS/BRAVO/33/files/" + "0" * 64)
            found = await at.client.get(link)
            at.client.cookies.clear()
            return found, missing, await at.client.get(link)

    found, missing, nobody = run(work)
    assert found.headers["content-disposition"] == "attachment; filename*=UTF-8''chart.pdf"
    assert found.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert found.headers["x-content-type-options"] == "nosniff"
    assert missing.status_code == 404
    assert nobody.status_code == 303
