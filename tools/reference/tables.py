"""Pages that are one table each: settings, limits, errors, schemas."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from parley import errors
from parley.cli.schemas import names_of_schemas, schema_of
from parley.console.terms import terms
from parley.core import limits
from parley.desk.catalogue import MOVES
from parley.station.settings import SETTINGS, Setting
from reference.commands import declared, tree
from reference.markdown import code, page, seconds, section, table

GENERAL = {"ParleyError", "UsageError", "NotFoundError", "RequestError"}
"""What to do next depends on what was asked for: the message says it, a table cannot."""

SOURCE = Path(errors.__file__).parent


def pages() -> dict[str, str]:
    """Return these pages, by their path in the reference."""
    return {
        "settings.md": _settings(),
        "limits.md": _limits(),
        "errors.md": _errors(),
        "schemas.md": _schemas(),
        "terms.md": _terms(),
    }


def _terms() -> str:
    rows = [
        [each.en, each.zh, each.means["en"], each.means["zh"], "、".join(each.avoided)]
        for each in terms()
    ]
    return page(
        "Terms",
        "One word for one thing on every screen, in English and in Chinese. They stand in"
        " `src/parley/console/texts/terms.toml`; a test holds the console's catalogue and the labels of the declarations"
        " to them, and the console shows them under Station, Glossary.",
        table(["term", "Chinese", "what it is", "释义", "not"], rows),
    )


def _settings() -> str:
    rows = [
        [
            code(each.key),
            each.kind,
            _default(each),
            _bounds(each),
            each.help + (" *File only.*" if each.safety else ""),
            each.reason,
            "" if each.safety else code(f"PARLEY_{each.section}__{each.name}".upper()),
        ]
        for each in SETTINGS
    ]
    return page(
        "Settings",
        "What may stand in a station's `parley.toml`; an unknown key is an error. What is marked *file only* keeps a"
        " station safe and can be set nowhere else. `parley config show --origin` prints each value and where it"
        " came from; `parley schema config-file` prints the JSON Schema.",
        table(
            ["setting", "type", "default", "unit, bounds", "what it does", "why", "environment"],
            rows,
        ),
    )


def _default(setting: Setting) -> str:
    value = setting.default
    if value is None:
        return "must be set"
    if isinstance(value, tuple):
        return code(", ".join(value)) or "none"
    return code(str(value)) or "empty"


def _bounds(setting: Setting) -> str:
    if setting.choices:
        return ", ".join(code(each) for each in setting.choices)
    if setting.kind == "integer":
        return f"{setting.unit}, {setting.least:,} to {setting.most:,}".strip(", ")
    return ""


def limit_rows() -> list[tuple[str, int, str]]:
    """Return name, value and reason of each limit of the protocol."""
    body = ast.parse(inspect.getsource(limits)).body
    rows = []
    for place, statement in enumerate(body):
        if not isinstance(statement, ast.Assign):
            continue
        (target,) = statement.targets
        assert isinstance(target, ast.Name)
        after = body[place + 1] if place + 1 < len(body) else None
        said = ""
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            said = str(after.value.value)
        rows.append((target.id, getattr(limits, target.id), said))
    return rows


def _limits() -> str:
    rows = []
    for name, value, reason in limit_rows():
        shown = f"{value:,}" + (f" ({seconds(value)})" if name.endswith("_SECONDS") else "")
        rows.append([code(name), shown, reason])
    return page(
        "Limits of the protocol",
        "From `src/parley/core/limits.py`. Which of them a peer or verifier must keep to is said in"
        " [the specification](../../spec/limits.md).",
        table(["limit", "value", "what it bounds, and why"], rows),
    )


def error_classes() -> list[type[errors.ParleyError]]:
    """Return every error raised on purpose: the tree of `parley.errors`, then those of one room."""
    found = [
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.ParleyError)
    ]
    known = {each.__name__ for each in found}
    for path in sorted(SOURCE.rglob("*.py")):
        name = "parley." + ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if (
                name != errors.__name__
                and isinstance(node, ast.ClassDef)
                and {getattr(base, "id", "") for base in node.bases} & known
            ):
                found.append(getattr(importlib.import_module(name), node.name))
                known.add(node.name)
    return found


def _errors() -> str:
    steps = {name: each for name, each in next_steps().items() if name not in GENERAL}
    rows = []
    for each in error_classes():
        parents = [
            base.__name__ for base in each.__mro__[1:] if issubclass(base, errors.ParleyError)
        ]
        lines = (inspect.getdoc(each) or "").split("\n")
        rows.append(
            [
                code(each.__name__),
                code(parents[0]) if parents else "",
                code(each.code),
                str(each.exit_code),
                lines[0],
                " ".join(steps.get(each.__name__, [])),
            ]
        )
    return page(
        "Errors",
        "Every error raised on purpose, with the code that `--json` and the API give, the exit code of the command line,"
        " and what is said to do next. `…` stands for a name or number. Where the cell is empty the message itself says it.",
        table(["error", "is a", "code", "exit", "what happened", "what is said to do next"], rows),
    )


def next_steps() -> dict[str, list[str]]:
    """Return the next steps written where each error is raised, or in the error itself."""
    found: dict[str, set[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                _take(node, node.func.id, found)
            if isinstance(node, ast.ClassDef):
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
                        _take(inner, node.name, found)
    return {name: sorted(steps) for name, steps in found.items()}


def _take(call: ast.Call, name: str, found: dict[str, set[str]]) -> None:
    for keyword in call.keywords:
        said = _words(keyword.value) if keyword.arg == "next_step" else ""
        if said and name.endswith("Error"):
            found.setdefault(name, set()).add(said)


def _words(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        said = node.value
    elif isinstance(node, ast.JoinedStr):
        said = "".join(
            str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    else:
        return ""
    said = said.strip()
    if said.startswith("parley "):
        return code(said)
    said = said[:1].upper() + said[1:]
    return said if not said or re.search(r"[.:!?)]$", said) else f"{said}."


def _schemas() -> str:
    printers: dict[str, list[str]] = {}
    for words, command in tree():
        said = declared(command)
        if said is not None:
            printers.setdefault(said.schema, []).append(code(f"parley {' '.join(words)}"))
    outputs, forms = [], []
    for name in names_of_schemas():
        schema = schema_of(name)
        assert schema is not None, name
        if name in MOVES:
            forms.append([code(name), schema["title"], ", ".join(_names(schema["required"]))])
        else:
            by = ", ".join(printers.get(name, []))
            outputs.append([code(name), by, ", ".join(_members(schema))])
    return page(
        "JSON Schemas",
        "`parley schema NAME` prints any of these (JSON Schema 2020-12). What `--json` prints has `schema`, `ok`, `data`"
        " and `warnings`; members are only added within a version.",
        section("What is printed", table(["name", "printed by", "members of data"], outputs)),
        section(
            "What is filled in",
            "The fields of each move; each is told on the page of [its procedure](procedures/README.md).",
            table(["name", "move", "needed"], forms),
        ),
    )


def _names(names: list[str]) -> Iterator[str]:
    return (code(name) for name in names)


def _members(schema: dict[str, Any]) -> list[str]:
    data = schema.get("properties", {}).get(
        "data", schema.get("properties", {}).get("error", schema)
    )
    found = [code(name) for name in data.get("properties", {})]
    items = data.get("properties", {}).get("items", {}).get("items", {})
    if "$ref" in items:
        items = schema.get("$defs", {}).get(items["$ref"].rpartition("/")[2], {})
    if items.get("properties"):
        inner = ", ".join(code(name) for name in items["properties"])
        found = [f"`items` (each {inner})" if each == "`items`" else each for each in found]
    for other in data.get("anyOf", []):
        found += [code(name) for name in other.get("properties", {}) if code(name) not in found]
    return found
