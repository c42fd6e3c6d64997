"""The verifier page in a real browser: opened from its file, with no request let through."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from parley_verify.report import as_json, check_file
from parley_verify.signatures import Signatures
from parley_verify.trust import read_trust

PAGE = Path(__file__).parents[2] / "src" / "parley_verify" / "verifier_page.html"
BATCH = 400

# The modules of the page are names of its one script, so that a test may ask them as the page does.
JUDGE = """async (jobs) => {
  const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const out = [];
  for (const { bundle, trust } of jobs) {
    const known = module_trust.noTrust();
    for (const each of trust) {
      if (module_trust.trustText(known, each)) continue;
      const card = module_trust.cardBytes(bytesOf(each));
      module_trust.trustCard(known, await module_trust.readTrustedCard(card));
    }
    const report = await module_verify.verifyFile(bytesOf(bundle), known, { name: "case.parley" });
    out.push(module_report.jsonItem(report));
  }
  return out;
}"""


@contextmanager
def opened(chromium: Any, **context: Any) -> Iterator[Any]:
    """The page as a person opens it; its `requests` are all that it asked for.

    A request that the policy of the page stops is among `requests` and not in `let_through`.
    """
    place = chromium.new_context(**context)
    page = place.new_page()
    page.requests = []
    page.faults = []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda message: page.faults.append(message.text))

    def let_through(route: Any) -> None:
        page.let_through.append(route.request.url)
        if route.request.url == PAGE.as_uri():
            route.continue_()
        else:
            route.abort()

    page.let_through = []
    place.route("**/*", let_through)
    page.goto(PAGE.as_uri())
    yield page
    place.close()


def judge(page: Any, jobs: Sequence[tuple[bytes, Sequence[str]]]) -> list[dict[str, Any]]:
    """Let the page judge many files; what is trusted is text, or the name of a card's file."""
    rows = [
        {"bundle": base64.b64encode(raw).decode(), "trust": [_trusted(each) for each in trust]}
        for raw, trust in jobs
    ]
    out: list[dict[str, Any]] = []
    for at in range(0, len(rows), BATCH):
        out += page.evaluate(JUDGE, rows[at : at + BATCH])
    return out


def _trusted(each: str) -> str:
    path = Path(each)
    if len(each) < 200 and path.suffix == ".card" and path.is_file():
        return base64.b64encode(path.read_bytes()).decode()
    return each


def second_opinion(raw: bytes, trust: Sequence[str]) -> dict[str, Any]:
    """What `parley-verify --json --explain` says."""
    signatures = Signatures()
    report = check_file(raw, "case.parley", read_trust(trust, signatures), signatures)
    return as_json(report, explain=True)


def verdicts(item: dict[str, Any]) -> tuple[Any, ...]:
    """The exit code, and each claim's word with its code."""
    return item["exit"], [(each["verdict"], each["exit"]) for each in item["claims"]]


def differences(mine: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Where two reports on one file say something else; wording of a refusal is not normative."""
    names = set(mine) | set(other)
    if other["wrong"] is not None and mine["wrong"] is not None:
        names &= {"exit", "result", "bytes", "sha256"}
    return {
        name: (mine.get(name), other.get(name))
        for name in sorted(names)
        if in_any_order(mine.get(name)) != in_any_order(other.get(name))
    }


def in_any_order(value: Any) -> Any:
    """Lists of sentences say the same in any order."""
    if isinstance(value, dict):
        return {name: in_any_order(each) for name, each in value.items() if name != "steps"}
    if isinstance(value, list):
        return sorted((in_any_order(each) for each in value), key=repr)
    return value
