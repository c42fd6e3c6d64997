"""Joins the modules of the verifier page into one HTML file that asks the network for nothing.

    python3 tools/verifier_page.py src/parley_verify/page.html

The modules in `src/parley_verify/page/` are written one behind the other in the order in which they
need each other, each in a function of its own: its `import` lines take names from the modules before,
and what it exports is what the function returns. Nothing is changed otherwise. The word lists and the
dictionary of `spec/` are put in where a module says `embedded("NAME")`.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "parley_verify" / "page"
FIRST = "main"
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([a-z0-9_]+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.MULTILINE)
EMBEDDED = re.compile(r'embedded\("([a-z0-9_.]+)"\)')


class PageError(Exception):
    """A module that cannot be joined with the others."""


def in_order(first: str, folder: Path = SOURCE) -> list[tuple[str, str]]:
    """Return name and text of the module `first` and all it needs, each behind what it needs itself.

    Raises PageError where modules need each other or import what is not there.
    """
    done: dict[str, str] = {}
    open_now: list[str] = []

    def take(name: str) -> None:
        if name in done:
            return
        if name in open_now:
            raise PageError(f"{' needs '.join([*open_now, name])}: a circle")
        open_now.append(name)
        text = (folder / f"{name}.js").read_text(encoding="utf-8")
        for wanted, other in IMPORT.findall(text):
            take(other)
            missing = set(words(wanted)) - set(EXPORT.findall(done[other]))
            if missing:
                raise PageError(f"{name} imports {', '.join(sorted(missing))}, not in {other}")
        open_now.pop()
        done[name] = text

    take(first)
    return list(done.items())


def words(names: str) -> list[str]:
    """Return the names between the braces of an import."""
    return [each.strip() for each in names.split(",") if each.strip()]


def plain(name: str, text: str) -> str:
    """Return a module as one piece of the script."""
    exported = EXPORT.findall(text)
    body = IMPORT.sub(
        lambda found: f"const {{ {', '.join(words(found[1]))} }} = module_{found[2]};\n", text
    )
    body = EXPORT.sub("", body)
    if re.search(r"^(import|export) ", body, re.MULTILINE):
        raise PageError(f"{name}: an import or export in a form that cannot be joined")
    body = EMBEDDED.sub(
        lambda found: json.dumps((ROOT / "spec" / found[1]).read_text(encoding="utf-8")), body
    )
    returned = ", ".join(exported)
    return f"const module_{name} = (() => {{\n{body.strip()}\nreturn {{ {returned} }};\n}})();\n"


def script(first: str = FIRST) -> str:
    """Return the one script."""
    return '"use strict";\n\n' + "\n".join(plain(*each) for each in in_order(first))


def digest(text: str) -> str:
    """Return how a content security policy names an inline script or style."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def page() -> str:
    """Return the whole page."""
    style = "\n" + (SOURCE / "page.css").read_text(encoding="utf-8")
    code = "\n" + script()
    if "</script" in code or "<!--" in code:
        raise PageError("a script must not hold what ends a script")
    policy = (
        f"default-src 'none'; script-src {digest(code)}; style-src {digest(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    whole = (SOURCE / "page.html").read_text(encoding="utf-8")
    for mark, text in (("POLICY", policy), ("STYLE", style), ("SCRIPT", code)):
        whole = whole.replace(f"@{mark}@", text)
    return whole


def main() -> None:
    """Write the page to the file that is named."""
    parser = argparse.ArgumentParser(description="write the verifier page as one HTML file")
    parser.add_argument("file", type=Path, help="where to write it")
    arguments = parser.parse_args()
    arguments.file.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
