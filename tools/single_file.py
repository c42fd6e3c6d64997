"""Write the stand-alone verifier as one Python file.

Usage: python3 tools/single_file.py OUT

The file is made of the modules of `parley_verify` as they are, in the order in which they use
each other, without the imports among themselves; it needs nothing but Python 3.11 and can be read
from top to bottom. One run on one source gives the same bytes.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

PACKAGE = "parley_verify"
SOURCE = Path(__file__).parents[1] / "src" / PACKAGE


def imported(tree: ast.Module) -> list[str]:
    """Return the modules of the package that a module uses."""
    return [
        (node.module or "").partition(".")[2]
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{PACKAGE}.")
    ]


def in_order(trees: dict[str, ast.Module]) -> list[str]:
    """Return module names so that each comes after those it uses."""
    done: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise SystemExit(f"modules use each other in a circle: {' > '.join((*above, name))}")
        if name not in done:
            for needed in sorted(imported(trees[name])):
                visit(needed, (*above, name))
            done.append(name)

    for name in sorted(trees):
        if name not in {"__init__", "__main__"}:
            visit(name, ())
    visit("__main__", ())
    return done


def split(tree: ast.Module, text: str) -> tuple[set[str], str]:
    """Return a module's foreign imports, and its text without any import at the top level."""
    lines = text.splitlines()
    foreign: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            inner = isinstance(node, ast.ImportFrom) and (
                node.module == "__future__" or (node.module or "").startswith(f"{PACKAGE}.")
            )
            if not inner:
                foreign.add(ast.unparse(node))
            for row in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[row] = ""
    return foreign, "\n".join(lines).strip("\n")


def defined(tree: ast.Module) -> set[str]:
    """Return the names that a module defines at its top level."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                names |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def single_file() -> str:
    """Return the text of the one file."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in SOURCE.glob("*.py")}
    trees = {name: ast.parse(text) for name, text in texts.items()}
    foreign: set[str] = set()
    bodies: list[str] = []
    owner: dict[str, str] = {}
    for name in in_order(trees):
        for word in defined(trees[name]):
            if word in owner:
                raise SystemExit(f"{word} is defined in {owner[word]} and in {name}")
            owner[word] = name
        imports, body = split(trees[name], texts[name])
        foreign |= imports
        rule = "# " + "-" * 96
        bodies.append(f"{rule}\n# {name}\n{rule}\n\n{body}\n")
    head = (
        "#!/usr/bin/env python3\n"
        '"""The stand-alone Parley verifier in one file; made by tools/single_file.py.\n\n'
        "Usage: python3 THIS_FILE BUNDLE [--trust CARD|64HEX|KEY] [--json] [--explain] [--strict]\n"
        '"""\n\nfrom __future__ import annotations\n\n'
    )
    return head + "\n".join(sorted(foreign)) + "\n\n\n" + "\n\n".join(bodies)


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    text = single_file()
    compile(text, sys.argv[1], "exec")
    Path(sys.argv[1]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
