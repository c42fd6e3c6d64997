"""Write `docs/reference` from the code; `make docs`.

python tools/reference_pages.py            write the pages, remove those of things that are gone
python tools/reference_pages.py --check    only say which would change; ends with 1 if any would
"""

from __future__ import annotations

import sys
from pathlib import Path

from reference import api, commands, procedures, tables
from reference.markdown import page, table

PLACE = Path(__file__).resolve().parent.parent / "docs" / "reference"
CONTENTS = (
    ("procedures/README.md", "Procedures", "states, moves, who may, fields, clocks, registers"),
    ("profiles.md", "Profiles", "what agreements say of clocks and figures"),
    ("commands/README.md", "Commands", "options, examples, exit codes"),
    ("api.md", "The API", "calls, scopes of tokens, events, refusals"),
    ("topics.md", "Topics", "what holds for every command"),
    ("settings.md", "Settings", "types, defaults, units, reasons"),
    ("errors.md", "Errors", "codes, and what to do next"),
    ("exit-codes.md", "Exit codes", "what the numbers mean"),
    ("schemas.md", "JSON Schemas", "of what is printed and what is filled in"),
    ("terms.md", "Terms", "the words of the screens, in English and Chinese"),
    ("limits.md", "Limits", "of the protocol, with reasons"),
)


def all_pages() -> dict[str, str]:
    """Return the text of every page of the reference, by its path in it."""
    found = {**procedures.pages(), **commands.pages(), **tables.pages(), **api.pages()}
    rows = [[f"[{title}]({path})", text] for path, title, text in CONTENTS]
    found["README.md"] = page(
        "Reference",
        "Written from the code, so that it says what the code does; a test holds the two together.",
        table(["page", "what stands there"], rows),
    )
    return found


def differences(pages: dict[str, str]) -> list[str]:
    """Return what is not in the folder as it should be, by path."""
    kept = {str(path.relative_to(PLACE)) for path in PLACE.rglob("*") if path.is_file()}
    changed = [
        path
        for path, text in pages.items()
        if path not in kept or (PLACE / path).read_text(encoding="utf-8") != text
    ]
    return sorted({*changed, *(kept - pages.keys())})


def write(pages: dict[str, str]) -> None:
    for path in differences(pages):
        if path not in pages:
            (PLACE / path).unlink()
            continue
        (PLACE / path).parent.mkdir(parents=True, exist_ok=True)
        (PLACE / path).write_text(pages[path], encoding="utf-8")


def main(arguments: list[str]) -> int:
    pages = all_pages()
    changed = differences(pages)
    if arguments == ["--check"]:
        for path in changed:
            print(f"docs/reference/{path} is not what the code says: make docs")
        return 1 if changed else 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    write(pages)
    print(f"{len(pages)} pages in docs/reference, {len(changed)} of them changed")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
