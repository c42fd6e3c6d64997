"""The command `parley-verify`: check bundles with nothing but the file and known fingerprints."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path as FilePath

from parley_verify.bounds import FILE_BYTES_MAX
from parley_verify.refusal import BadArgumentError
from parley_verify.report import Report, as_json, check_file, text_lines, visible
from parley_verify.signatures import Signatures
from parley_verify.trust import read_trust
from parley_verify.verdict import FALSE, HOLDS, WEAKER
from parley_verify.waiting import told_while_checking

_EPILOG = """exit codes:
  0   every claim is proved, and everything was checked
  2   usage: an argument is missing or cannot be used
  5   a file was not found
  7   does not hold: the file was changed, or evidence speaks against it
  14  a claim is proved in part only, or a part was not checked: see the lines
"""


def command_parser() -> argparse.ArgumentParser:
    """Return what reads the arguments; the reference page is written from it."""
    parser = argparse.ArgumentParser(
        prog="parley-verify",
        description="Check a Parley bundle without a station: what is proved, and what is not.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("bundle", nargs="*", help="bundle or card file")
    parser.add_argument(
        "--trust",
        action="append",
        default=[],
        metavar="CARD|64HEX|KEY",
        help="a party by its card file or fingerprint, or a witness by its key; repeat as needed",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.add_argument("--explain", action="store_true", help="tell each step in its order")
    parser.add_argument(
        "--strict", action="store_true", help="anything less than proved is exit 7 instead of 14"
    )
    parser.add_argument(
        "--plain", action="store_true", help="use no library: plain-Python Ed25519, no ML-DSA"
    )
    parser.add_argument(
        "--no-progress", action="store_true", help="no line of progress on a terminal"
    )
    parser.add_argument(
        "--page",
        metavar="FILE",
        help="write the verifier as one HTML page for a browser without network, and end",
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    try:
        options = command_parser().parse_args(argv)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 2
    if options.page is not None:
        return _write_page(options.page, as_one_object=options.json)
    signatures = Signatures(plain=options.plain)
    try:
        trust = read_trust(options.trust, signatures)
        raws = [(name, _read(name)) for name in _named(options.bundle)]
    except BadArgumentError as problem:
        return _complain(str(problem), problem.code, as_one_object=options.json)
    with told_while_checking(len(raws), hidden=options.json or options.no_progress):
        reports = [check_file(raw, name, trust, signatures) for name, raw in raws]
    codes = {report.code for report in reports}
    code = FALSE if FALSE in codes or (options.strict and WEAKER in codes) else max(codes)
    if options.json:
        _say(_json(reports, code, explain=options.explain))
    else:
        for report in reports:
            for line in text_lines(report, explain=options.explain):
                _say(line)
        if options.strict and code == FALSE and FALSE not in codes:
            _say("DOES NOT HOLD: --strict takes nothing less than proof (exit 7)")
    return code


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _json(reports: Sequence[Report], code: int, *, explain: bool) -> str:
    whole = {
        "schema": "parley.verify/1",
        "ok": code == HOLDS,
        "data": {
            "exit": code,
            "items": [as_json(report, explain=explain) for report in reports],
            "next_cursor": None,
        },
        "warnings": [],
    }
    return json.dumps(whole, ensure_ascii=True)


def _write_page(name: str, *, as_one_object: bool) -> int:
    """Write the verifier page, which stands beside this module where it is installed."""
    try:
        page = FilePath(__file__).with_name("verifier_page.html").read_bytes()
    except OSError:
        told = "the page comes with the package parley, not with the one file"
        return _complain(told, 5, as_one_object=as_one_object)
    try:
        FilePath(name).write_bytes(page)
    except (OSError, ValueError) as problem:
        return _complain(f"--page {name}: {problem}", 2, as_one_object=as_one_object)
    if as_one_object:
        written = {"file": name, "bytes": len(page), "sha256": sha256(page).hexdigest()}
        data = {"exit": HOLDS, "items": [], "next_cursor": None, "page": written}
        _say(json.dumps({"schema": "parley.verify/1", "ok": True, "data": data, "warnings": []}))
    else:
        _say(f"wrote {visible(name)}: open it in a browser and drop a bundle and its cards on it")
        _say(f"sha-256 {sha256(page).hexdigest()}")
    return HOLDS


def _named(bundles: Sequence[str]) -> Sequence[str]:
    """Return the files named, of which there is at least one."""
    if not bundles:
        raise BadArgumentError("no bundle is named; give the name of a file")
    return bundles


def _read(name: str) -> bytes:
    """Return a file's bytes, a few more than are ever checked at most."""
    try:
        with FilePath(name).open("rb") as file:
            return file.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        raise BadArgumentError(f"{name}: no such file", code=5) from None
    except OSError as problem:
        raise BadArgumentError(f"{name}: {problem.strerror}; give the name of a file") from None
    except ValueError:
        raise BadArgumentError(f"{name!r} is no name of a file") from None


def _complain(text: str, code: int, *, as_one_object: bool) -> int:
    if as_one_object:
        error = {
            "code": "not_found" if code == 5 else "usage",
            "exit": code,
            "title": text,
            "detail": text,
            "next": "parley-verify --help",
        }
        _say(json.dumps({"schema": "parley.error/1", "ok": False, "error": error}))
    told = f"parley-verify: {visible(text)}"
    sys.stderr.write(f"{told}\nNext: parley-verify --help        (exit {code})\n")
    return code


def run() -> None:
    """Run as a console script."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(main())


if __name__ == "__main__":
    run()
