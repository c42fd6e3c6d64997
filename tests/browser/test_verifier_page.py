"""The verifier page, written from `spec/` alone, judges as `parley-verify` does, in a real browser."""

from __future__ import annotations

import base64
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from independent import chance
from independent.stories import STORIES
from independent.test_against_verifier import change
from independent.values import decode, encode
from support import tampered
from support import verifier_page as third
from support.bundle_forge import Story
from unit.verify.test_accepted import two_extracts
from unit.verify.test_histories import two_roots
from unit.verify.test_sealed import KINDS, sealed_and_opened

# Where the page and the verifier once chose another later note, or saw a fork that the other did not.
TWO_PARTIES = ("nobody met yet", "two parties")
APART = (1426, 21274, 10457, 10466, 10785, 11815)
VECTORS = Path(__file__).parents[2] / "spec" / "vectors"


def vectors(name: str) -> dict:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def page(chromium):
    with third.opened(chromium) as page:
        yield page
        assert page.faults == []


def agree(page, jobs) -> None:
    """The page and the verifier say the same of every file, word by word."""
    apart = [
        (place, found)
        for place, (mine, job) in enumerate(zip(third.judge(page, jobs), jobs, strict=True))
        if (found := third.differences(mine, third.second_opinion(*job)))
    ]
    assert apart == []


def agree_on_verdicts(page, jobs) -> None:
    """The page and the verifier come to the same codes and verdicts."""
    apart = []
    for place, (mine, job) in enumerate(zip(third.judge(page, jobs), jobs, strict=True)):
        other = third.second_opinion(*job)
        if mine["wrong"] is not None and other["wrong"] is not None:
            continue
        if third.verdicts(mine) != third.verdicts(other):
            apart.append((place, third.verdicts(mine), third.verdicts(other)))
    assert apart == []


def test_it_tells_files_as_the_verifier_does(page) -> None:
    cases = vectors("attachment")["cases"]
    agree(page, [(base64.b64decode(case["bundle"]), case["trust"]) for case in cases])


def test_it_earns_the_words_of_the_published_vectors(page) -> None:
    cases = vectors("bundle")["cases"]
    jobs = [(base64.b64decode(case["bundle"]), case["trust"]) for case in cases]

    found = third.judge(page, jobs)

    for case, item in zip(cases, found, strict=True):
        assert item["exit"] == case["exit"], case["name"]
        if case["verdict"] is None:
            assert item["wrong"] is not None, case["name"]
        else:
            assert item["claims"][0]["verdict"].startswith(case["verdict"]), case["name"]
            assert item["claims"][0]["exit"] == case["exit"], case["name"]


def test_it_says_of_the_published_vectors_what_the_verifier_says(page) -> None:
    agree(page, [(base64.b64decode(c["bundle"]), c["trust"]) for c in vectors("bundle")["cases"]])


def test_it_says_of_bundles_tampered_with_what_the_verifier_says(page) -> None:
    published = tampered.published()
    rules = [each for each in published if each[2] is not None]
    agree(page, [(raw, trust) for *_, trust, raw in [*rules, *published[::3]]])


def test_it_says_of_a_strangers_bundles_what_the_verifier_says(page) -> None:
    told = [STORIES[name][0]() for name in STORIES]

    agree_on_verdicts(page, [(raw, talk.trust) for talk, raw in told])


def test_it_tells_what_was_opened_and_not_sealed_as_the_verifier_does(page) -> None:
    others = ({}, {"opened": {34: [], 33: []}}, {"salt": "a5" * 32}, {"by": 1}, {"opened": {}})
    jobs = [sealed_and_opened(name, **more) for name in KINDS for more in others]
    jobs.append(sealed_and_opened("list", opened={37: True}))

    agree(page, jobs)


def test_two_extracts_of_one_entry_are_told_as_one_as_the_verifier_does(page) -> None:
    raw, story = two_extracts()

    agree(page, [(raw, story.trust)])


def test_it_names_a_witness_of_two_roots_as_the_verifier_does(page) -> None:
    jobs = [two_roots(), two_roots(cosigned=("w.example", "v.example")), two_roots(time=0)]

    agree(page, jobs)


def test_it_judges_dialogues_by_chance_alike(page) -> None:
    told = [chance.tell(seed) for seed in [*range(7000, 7080), *chance.FOUND, *APART]]

    agree_on_verdicts(page, [(raw, talk.trust) for talk, raw in told])


def test_a_member_changed_anywhere_is_judged_alike(page) -> None:
    jobs = []
    for name in STORIES:
        talk, raw = STORIES[name][0]()
        dice = random.Random(f"{name} in the page")
        for _ in range(12):
            jobs.append((encode(change(decode(raw, 16), dice)[0]), talk.trust))

    agree_on_verdicts(page, jobs)


def test_a_bit_changed_anywhere_is_judged_alike(page) -> None:
    story = Story()
    raw = story.delivered()
    jobs = []
    for at in range(0, len(raw), 17):
        changed = bytearray(raw)
        changed[at] ^= 1 << at % 8
        jobs.append((bytes(changed), story.trust))

    agree_on_verdicts(page, jobs)


def test_a_bit_changed_behind_the_cards_is_found(page) -> None:
    story = Story()
    raw = story.delivered()
    begin = raw.index(b"\x6fparley1 charter") - 4
    jobs = []
    for at in range(begin, len(raw), 5):
        changed = bytearray(raw)
        changed[at] ^= 1 << at % 8
        jobs.append((bytes(changed), story.trust))

    found = third.judge(page, jobs)

    assert [at for at, item in enumerate(found) if item["exit"] != 7] == []


@pytest.fixture(scope="module")
def pier(tmp_path_factory) -> Path:
    """Two stations and a witness, their day and the bundles they exported."""
    place = tmp_path_factory.mktemp("page") / "pier"
    command = [sys.executable, "-m", "parley.cli.main", "demo", "--once", "--keep", str(place)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return place


@pytest.mark.parametrize("name", ["silence", "day"])
@pytest.mark.parametrize("trusted", [3, 2, 0])
def test_bundles_of_real_stations_are_judged_alike(page, pier, name, trusted) -> None:
    cards = [str(pier / each / "own.card") for each in ("alfa", "bravo", "charlie")][:trusted]

    agree(page, [((pier / f"{name}.parley").read_bytes(), cards)])


def hostile() -> list[bytes]:
    """Files that want to keep a reader busy, or to make it fall."""
    raw = Story().delivered()
    dice = random.Random("hostile to the page")
    files = [raw[:length] for length in range(0, len(raw), 97)]
    files += [b"", b"\x00", b"\xff" * 64, b"-----BEGIN PARLEY CARD-----", b"\x84\x6cparley1 card"]
    files += [dice.randbytes(size) for size in (1, 33, 4096)]
    # Lengths of 2^64 - 1 and 2^31; levels without end; maps of maps.
    files += [bytes([head | 27]) + b"\xff" * 8 for head in (0x40, 0x60, 0x80, 0xA0)]
    files += [bytes([head | 26]) + b"\x80\x00\x00\x00" for head in (0x40, 0x60, 0x80, 0xA0)]
    files += [
        b"\x81" * 100_000,
        b"\xa1\x00" * 100_000,
        b"\x9f" * 1000,
        b"\x82\x6eparley1 bundle" * 99,
    ]
    files += [b"\x82\x6eparley1 bundle\xa1\x00" + b"\x9a\x00\x0f\x42\x40" + b"\x00" * 1_000_000]
    return files


def test_hostile_files_are_refused_and_nothing_falls(page) -> None:
    jobs = [(raw, ()) for raw in hostile()]

    found = third.judge(page, jobs)

    assert {item["exit"] for item in found} <= {7, 14}
    assert all(item["wrong"] or item["not_checked"] for item in found)
    # The last has more cards than anybody takes on, none of which is one: either word is true.
    agree_on_verdicts(page, jobs[:-1])


def test_more_than_it_takes_on_is_not_checked_and_never_called_wrong(page) -> None:
    short = """async (length) => {
      const report = await module_verify.verifyFile(new Uint8Array(length), module_trust.noTrust());
      return [report.exit, report.wrong, report.notChecked.length];
    }"""

    assert page.evaluate(short, 64 * 1024 * 1024 + 1) == [14, None, 1]


def test_a_lapse_over_a_full_log_and_many_notes_comes_to_an_end(page) -> None:
    """Every note of the other side may be the later one: the log is read once, not once for each."""
    story = Story()
    for index in range(800):
        story.b.add(1, {2: "a"}, time=1_790_100_000 + index, seen=3)
    notes = [story.note_a, story.s1]
    for index in range(100):
        notes.append(story.b.note(time=1_790_200_000 + index, holds=[(story.a, 3)]))
    raw = story.bundle([story.claim(2, notes)], notes=notes, parts=[story.a.part(), story.b.part()])

    agree_on_verdicts(page, [(raw, story.trust)])


def test_signatures_are_judged_by_the_rule_of_the_specification(page) -> None:
    ask = """async ({ cases, plain }) => {
      const bytesOf = module_bytes.fromHex;
      const out = [];
      for (const { key, signature, message } of cases) {
        const parts = [key, signature, message].map(bytesOf);
        out.push(await module_ed25519.verifyEd25519(...parts, plain));
      }
      return out;
    }"""
    published = vectors("ed25519")
    cases = published["cases"]

    for plain in (False, True):
        found = page.evaluate(ask, {"cases": cases, "plain": plain})
        assert found == [case["accept"] for case in cases]
    assert page.evaluate("module_ed25519.smallOrderPoints()") == published["small_order"]


def test_signatures_of_others_are_judged_by_the_rule_of_the_specification(page) -> None:
    others = Path(__file__).parents[1] / "vectors" / "others" / "ed25519-speccheck-cases.json"
    cases = json.loads(others.read_text(encoding="utf-8"))
    ask = """async ({ cases, plain }) => {
      const bytesOf = module_bytes.fromHex;
      const out = [];
      for (const { pub_key, signature, message } of cases) {
        out.push(await module_ed25519.verifyEd25519(...[pub_key, signature, message].map(bytesOf), plain));
      }
      return out;
    }"""

    found = [page.evaluate(ask, {"cases": cases, "plain": plain}) for plain in (False, True)]

    # Of the twelve only number 3 passes: of mixed order, and the equation without cofactor is met.
    assert found[0] == found[1] == [number == 3 for number in range(12)]


def test_signatures_are_judged_as_wycheproof_says(page) -> None:
    others = Path(__file__).parents[1] / "vectors/others/wycheproof/ed25519_test.json"
    groups = json.loads(others.read_text(encoding="utf-8"))["testGroups"]
    ask = """async ({ rows, plain }) => {
      const out = [];
      for (const row of rows) out.push(await module_ed25519.verifyEd25519(...row.map(module_bytes.fromHex), plain));
      return out;
    }"""
    cases = [(group["publicKey"]["pk"], case) for group in groups for case in group["tests"]]
    rows = [(key, case["sig"], case["msg"]) for key, case in cases]
    # Of what the file leaves open, keys of mixed order are taken and those of small order are not.
    wanted = [
        case["result"] == "valid"
        or (case["result"], case["flags"]) == ("acceptable", ["MixedOrderPublicKey"])
        for _, case in cases
    ]

    assert page.evaluate(ask, {"rows": rows, "plain": False}) == wanted
    assert page.evaluate(ask, {"rows": rows[::7], "plain": True}) == wanted[::7]


def test_post_quantum_signatures_are_judged_as_those_of_others_say(page) -> None:
    others = Path(__file__).parents[1] / "vectors/others/wycheproof/mldsa_65_verify_test.json"
    groups = json.loads(others.read_text(encoding="utf-8"))["testGroups"]
    ask = """(rows) => rows.map(({ key, sig, msg, ctx }) =>
      module_mldsa65.verifyWithContext(...[key, sig, msg, ctx].map(module_bytes.fromHex)))"""
    rows = [
        {
            "key": group["publicKey"],
            "sig": case["sig"],
            "msg": case["msg"],
            "ctx": case.get("ctx", ""),
        }
        for group in groups
        for case in group["tests"]
    ]
    wanted = [case["result"] == "valid" for group in groups for case in group["tests"]]

    assert page.evaluate(ask, rows) == wanted
    assert set(wanted) == {True, False}


def test_values_of_the_encoding_are_accepted_and_refused(page) -> None:
    ask = """(list) => list.map((text) => {
      const bytes = module_bytes.fromHex(text);
      try {
        module_cbor.checkEncoding(bytes, 8, 100000);
        module_cbor.decodeValue(bytes);
        return true;
      } catch (error) {
        if (error instanceof module_refusal.Refusal) return false;
        throw error;
      }
    })"""
    published = vectors("encoding")

    for verdict, name in ((True, "accept"), (False, "refuse")):
        found = page.evaluate(ask, [case["hex"] for case in published[name]])
        assert found == [verdict] * len(published[name])


def test_cards_and_charters_are_accepted_and_refused(page) -> None:
    ask = """async (list) => {
      const out = [];
      for (const { hex, kind } of list) {
        const bytes = module_bytes.fromHex(hex);
        try {
          if (kind === "card") {
            out.push((await module_trust.readTrustedCard(bytes)).fingerprint);
          } else {
            module_cbor.checkEncoding(bytes, 8, 100000);
            out.push(module_charter.readCharter(new module_cbor.Reader(bytes), "").channel);
          }
        } catch (error) {
          if (!(error instanceof module_refusal.Refusal)) throw error;
          out.push(null);
        }
      }
      return out;
    }"""
    identity, charter = vectors("identity"), vectors("charter")
    for published, kind, name in (
        (identity, "card", "fingerprint"),
        (charter, "charter", "channel"),
    ):
        rows = [published[kind], *(case["hex"] for case in published["refuse"])]
        found = page.evaluate(ask, [{"hex": row, "kind": kind} for row in rows])
        assert found[0] == published[name]
        assert [
            case["name"]
            for case, each in zip(published["refuse"], found[1:], strict=True)
            if each is not None
        ] == []


def test_words_of_a_fingerprint_are_those_of_the_lists(page) -> None:
    published = vectors("identity")

    words = page.evaluate("(text) => module_words_list.wordsOf(text)", published["fingerprint"])

    assert words == {"en": published["words_en"], "zh": published["words_zh"]}


def test_packed_texts_are_accepted_and_refused(page) -> None:
    ask = "(list) => list.map((text) => module_inflate.inflateText(module_bytes.fromHex(text)))"
    published = vectors("texts")

    for form in ("packed", "stored"):
        rows = [case for case in published["accept"] if form in case]
        found = page.evaluate(ask, [case[form] for case in rows])
        digests = page.evaluate(
            "(list) => list.map((text) => module_bytes.toHex(module_sha256.sha256(text)))", found
        )
        assert digests == [case["text_sha256"] for case in rows]
    refused = page.evaluate(ask, [case["packed"] for case in published["refuse"]])
    assert refused == [None] * len(published["refuse"])


JUDGE_NOTES = """async ({ notes, keys, pq = null }) => {
  const bytesOf = module_bytes.fromHex;
  const out = [];
  for (const [place, text] of notes.entries()) {
    const station = { number: 1, ed: bytesOf(keys[place]), pq: pq && bytesOf(pq), revoked: null };
    const note = module_note.readNote(module_bytes.utf8(text));
    if (typeof note === "string") {
      out.push(note);
      continue;
    }
    const cards = [{ pid: note.pid, code: "ALFA", number: 1, keys: [station] }];
    try {
      await module_note.checkLines(note, cards, []);
      out.push(true);
    } catch (error) {
      if (!(error instanceof module_refusal.Refusal)) throw error;
      out.push(error.said.key);
    }
  }
  return out;
}"""


def test_notes_are_accepted_and_refused(page) -> None:
    published = vectors("statement")
    good, bad = published["accept"], published["notes_refused"]
    notes = [case["note"] for case in (*good, *bad)]
    keys = [*(case["key"] for case in good), *(published["key"] for _ in bad)]

    found = page.evaluate(JUDGE_NOTES, {"notes": notes, "keys": keys})

    assert found[: len(good)] == [True] * len(good)
    passed = [c["name"] for c, each in zip(bad, found[len(good) :], strict=True) if each is True]
    assert passed == []


def test_texts_that_are_no_statement_are_refused(page) -> None:
    ask = """({ texts, parties }) => texts.map((text) => {
      const found = module_note.readStatement(text);
      return typeof found !== "string" && module_note.membersFit(found, { parties });
    })"""
    published = vectors("statement")
    parties = [vectors("identity")["pid"], "00223b5251d062f027b2869b0178f299"]
    refused = page.evaluate(
        ask, {"texts": [case["text"] for case in published["refuse"]], "parties": parties}
    )

    assert [
        case["name"] for case, each in zip(published["refuse"], refused, strict=True) if each
    ] == []
    accepted = [case["text"] for case in published["accept"] if case["name"] in TWO_PARTIES]
    assert page.evaluate(ask, {"texts": accepted, "parties": parties}) == [True] * len(TWO_PARTIES)


def test_a_seal_alone_is_a_statement_and_a_changed_one_is_none(page) -> None:
    published = vectors("seal")
    good = published["text"] + "\n" + published["line"].rstrip("\n") + "\n"
    notes = [good, good.replace("no ", "no 1", 1)]
    keys = [vectors("statement")["key"]] * 2

    found = page.evaluate(JUDGE_NOTES, {"notes": notes, "keys": keys, "pq": published["key"]})

    assert found == [True, "seal-wrong"]


def test_roots_are_those_of_the_published_trees(page) -> None:
    ask = """(sizes) => sizes.map((size) => {
      const part = new module_part.Part("", size, "", 0);
      const leaf = (index) => module_sha256.sha256(
        Uint8Array.of(0, index >> 24, index >> 16, index >> 8, index));
      const join = (from, width) => {
        const hash = width === 1 ? leaf(from) : module_part.nodeHash(
          join(from, width / 2), join(from + width / 2, width / 2));
        part.subtrees.set(`${Math.log2(width)}/${from / width}`, hash);
        return hash;
      };
      for (let from = 0, width = 256; width >= 1; width /= 2) {
        if (size - from >= width) { join(from, width); from += width; }
      }
      return module_bytes.toHex(part.rootAt(size));
    })"""
    roots = vectors("merkle")["roots"]

    assert page.evaluate(ask, list(range(len(roots)))) == roots


def test_hashes_are_those_of_the_browser(page) -> None:
    ask = """async (sizes) => {
      const out = [];
      for (const size of sizes) {
        const bytes = Uint8Array.from({ length: size }, (_, place) => place * 7);
        const other = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
        out.push(module_bytes.sameBytes(module_sha256.sha256(bytes), other));
      }
      return out;
    }"""

    assert all(page.evaluate(ask, [*range(200), 4095, 4096, 100_001]))


def silence() -> tuple[bytes, list[str]]:
    case = next(each for each in vectors("bundle")["cases"] if "T2, with T3" in each["name"])
    return base64.b64decode(case["bundle"]), case["trust"]


def drop(page, raw: bytes, name: str = "silence.parley") -> None:
    page.set_input_files("#files", [{"name": name, "mimeType": "", "buffer": raw}])
    page.wait_for_selector("#reports .verdict")


def test_a_person_reads_the_result_in_two_languages_and_nothing_is_asked_of_the_network(
    chromium,
) -> None:
    raw, trust = silence()
    with third.opened(chromium, locale="en-GB") as page:
        page.click("summary[data-say=by-hand]")
        page.fill("#typed", "\n".join(trust))
        drop(page, raw)

        shown = page.inner_text("#reports")
        assert "lapsed (proved), time class T2" in shown
        assert "VALID: every claim is proved" in shown
        assert "Signatures of BRAVO: 4 of 4" in shown
        assert page.evaluate("document.activeElement.dataset.exit") == "0"
        report = json.loads(page.text_content("#reports pre"))
        assert report["data"]["items"][0]["claims"][0]["exit"] == 0

        page.click("[data-language=zh]")
        assert "届满未答复（已证明）" in page.inner_text("#reports")
        assert "有效：各项主张均已证明" in page.inner_text("#reports")
        assert page.evaluate("document.documentElement.lang") == "zh"

        assert page.requests == [third.PAGE.as_uri()]
        assert page.faults == []


def test_the_policy_of_the_page_forbids_every_request(chromium) -> None:
    with third.opened(chromium) as page:
        tried = page.evaluate(
            """async () => {
              const broken = [];
              document.addEventListener("securitypolicyviolation", (event) => {
                broken.push(event.effectiveDirective);
              });
              await fetch("https://elsewhere.invalid/").catch(() => null);
              document.body.append(Object.assign(new Image(), { src: "https://elsewhere.invalid/a" }));
              const script = document.createElement("script");
              script.textContent = "globalThis.injected = true";
              document.body.append(script);
              await new Promise((done) => setTimeout(done, 50));
              return [broken.sort(), globalThis.injected === true];
            }"""
        )

        assert tried == [["connect-src", "img-src", "script-src-elem"], False]
        assert page.let_through == [third.PAGE.as_uri()]


def test_cards_dropped_beside_the_bundle_are_whom_the_reader_trusts(chromium, pier) -> None:
    with third.opened(chromium, locale="en-GB") as page:
        files = [pier / "silence.parley"]
        page.set_input_files("#files", files)
        page.wait_for_selector("#reports .verdict")
        assert "if the fingerprints are theirs" in page.inner_text("#reports")

        cards = [
            {
                "name": f"{name}.card",
                "mimeType": "",
                "buffer": (pier / name / "own.card").read_bytes(),
            }
            for name in ("alfa", "bravo", "charlie")
        ]
        page.set_input_files("#files", cards)
        page.wait_for_selector("#cards li:nth-child(3)")
        page.wait_for_selector("#reports .panel[data-exit='0']")
        assert "lapsed (proved)" in page.inner_text("#reports .word")
        assert len(page.inner_text("#cards li [lang=zh]").split()) == 12

        page.click("#cards li:first-child button")
        page.wait_for_selector("#reports .panel[data-exit='14']")
        assert page.locator("#cards li").count() == 2


def test_a_file_of_markup_and_control_characters_stays_text(chromium) -> None:
    with third.opened(chromium, locale="en-GB") as page:
        drop(
            page,
            b"<script>globalThis.injected = true</script>",
            "<img src=x onerror=alert(1)>\u202e",
        )

        assert "DOES NOT HOLD" in page.inner_text("#reports")
        assert "\\u{202e}" in page.inner_text("#reports h2")
        assert page.evaluate("globalThis.injected === undefined && !document.querySelector('img')")


def test_everything_is_reached_with_the_keyboard(chromium) -> None:
    with third.opened(chromium, locale="en-GB") as page:
        met = []
        for _ in range(6):
            page.keyboard.press("Tab")
            met.append(
                page.evaluate(
                    "document.activeElement.id || document.activeElement.dataset.language"
                    " || document.activeElement.dataset.say"
                )
            )
        assert met == ["skip", "en", "zh", "files", "by-hand", None] or met[:5] == [
            "skip",
            "en",
            "zh",
            "files",
            "by-hand",
        ]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_narrow_screen(chromium, language, scheme) -> None:
    raw, trust = silence()
    narrow = {"width": 320, "height": 640}
    with third.opened(chromium, viewport=narrow, color_scheme=scheme) as page:
        page.click(f"[data-language={language}]")
        page.click("summary[data-say=by-hand]")
        page.fill("#typed", "\n".join(trust))
        drop(page, raw)
        page.eval_on_selector_all(
            "details", "(list) => list.forEach((each) => { each.open = true; })"
        )

        assert page.evaluate("document.documentElement.scrollWidth") <= 320
