"""What an officer can be refused with at the console: every sentence, by reading where it is raised."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import parley
from parley import errors

SOURCE = Path(parley.__file__).parent
ROOMS = (
    "console",
    "station",
    "desk",
    "core/charter.py",
    "core/courier.py",
    "core/instants.py",
    "core/texts.py",
    "errors.py",
)
AT_A_SHELL = {
    "desk/profiles/": "read at the start of the station",
    "desk/profile_names.py": "read at the start of the station",
    "desk/published/bands.py": "told as a line that is left over, in both languages",
    "desk/published/notam.py": "told as a line that is left over, in both languages",
    "desk/published/positions.py": "told as a line that is left over, in both languages",
    "desk/published/schedules.py": "told as a line that is left over, in both languages",
    "desk/published/times_": "told as a line that is left over, in both languages",
    "desk/published/years.py": "told as a line that is left over, in both languages",
    "desk/wording_": "texts of the record, in their own language",
    "station/at_rest.py": "files of the station, at a shell",
    "station/backing_up.py": "parley backup",
    "station/card_news.py": "told to a peer",
    "station/certificate_renewal.py": "parley keys certificate",
    "station/closed.py": "a station that does not run has no console",
    "station/config.py": "read at the start of the station",
    "station/directory.py": "found at the start of the station",
    "station/files.py": "files that a command writes",
    "station/hearing.py": "told to a peer",
    "station/identity.py": "parley init",
    "station/intake.py": "told to a peer",
    "station/key_rotation.py": "parley keys rotate",
    "station/keystore.py": "opened at the start of the station",
    "station/own_profiles.py": "read at the start of the station",
    "station/passphrases.py": "asked for at the start of the station",
    "station/prekeys.py": "opened at the start of the station",
    "station/token.py": "opened at the start of the station",
    "station/witness_station.py": "a witness has no console",
}
"""Modules whose refusals nobody meets at a console, and who meets them."""
_KINDS = {name for name in vars(errors) if name.endswith("Error")}
_RAISES = re.compile(r"Error\(|_failed\(|refused\(|require\(|def _?wrong|def _?problem_|__init__\(")
_PLAIN = re.compile(r"^[\W\d_]*$")


@cache
def refusals() -> dict[str, str]:
    """Return each sentence, its facts as names in braces, and where it is raised first."""
    found: dict[str, str] = {}
    for path in _files():
        source = path.read_text(encoding="utf-8")
        if not _RAISES.search(source):
            continue
        tree = ast.parse(source)
        named = cache(partial(_named, tree))
        for node in ast.walk(tree):
            for said in (*_said(node), *_judged(node), *_lines(node, path)):
                for text in _texts(said, named):
                    if not _PLAIN.match(re.sub(r"\{\w+\}", "", text)):
                        found.setdefault(text, f"{path.relative_to(SOURCE)}:{said.lineno}")
    return found


def _files() -> Iterator[Path]:
    for room in ROOMS:
        place = SOURCE / room
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            if not path.relative_to(SOURCE).as_posix().startswith(tuple(AT_A_SHELL)):
                yield path


def _said(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the text of an error that is made, and what it says to do next."""
    if not isinstance(node, ast.Call):
        return
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name in _KINDS and name not in ("InvalidFieldsError", "FieldFaultError"):
        yield from node.args[:1]
    is_root = isinstance(node.func, ast.Attribute) and name == "__init__"
    if is_root or name in ("StructureError", "ValueError", "_failed", "_refused", "refused"):
        yield from node.args[:1]
    elif name in ("require", "take"):
        yield from node.args[1:2]
    for keyword in node.keywords:
        if keyword.arg == "next_step" and (name in _KINDS or is_root or name.startswith("_")):
            yield keyword.value


def _judged(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what a function says that tells what is wrong, for its caller to put into an error."""
    if isinstance(node, ast.FunctionDef) and node.name.lstrip("_").startswith(
        ("wrong", "problem_")
    ):
        for inner in ast.walk(node):
            if isinstance(inner, ast.Return) and inner.value is not None:
                yield inner.value


def _lines(node: ast.AST, path: Path) -> Iterator[ast.expr]:
    """Yield what is said of a line of a file: which line, and what is wrong with it."""
    if path.name == "history.py" and isinstance(node, ast.Call) and len(node.args) == 1:
        given = node.args[0]
        if getattr(node.func, "attr", "") == "append" and isinstance(given, ast.Tuple):
            yield from given.elts[:2]


def _named(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """Return what stands under each name of a module, and what its functions return."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            found.setdefault(node.target.id, []).append(node.value)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
        elif isinstance(node, ast.FunctionDef):
            returned = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
            found.setdefault(f"{node.name}()", []).extend(each for each in returned if each)
    return found


def _texts(node: ast.expr, named: Callable[[], dict[str, list[ast.expr]]]) -> Iterator[str]:
    """Yield the sentences that an expression can be; what is no text of its own gives none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value.replace("{", "{{").replace("}", "}}")
    elif isinstance(node, ast.JoinedStr):
        yield _pattern(node)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, named)
        yield from _texts(node.orelse, named)
    elif isinstance(node, ast.BoolOp):
        for each in node.values:
            yield from _texts(each, named)
    elif isinstance(node, ast.Name):
        for each in named().get(node.id, ()):
            yield from _texts(each, dict)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        for each in named().get(f"{node.func.id}()", ()):
            yield from _texts(each, dict)


def _pattern(node: ast.JoinedStr) -> str:
    text, seen = "", {}
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value).replace("{", "{{").replace("}", "}}")
            continue
        assert isinstance(part, ast.FormattedValue)
        name = _name(part.value)
        seen[name] = seen.get(name, 0) + 1
        text += "{" + name + (str(seen[name]) if seen[name] > 1 else "") + "}"
    return text


def _name(value: ast.expr) -> str:
    """Return the last name that stands in an expression: `actor.officer` is an officer."""
    if isinstance(value, ast.Subscript):
        key = value.slice
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            return key.value
        return _name(value.value)
    if isinstance(value, ast.Attribute):
        return value.attr.lower().strip("_")
    if isinstance(value, ast.Call):
        return _name(value.args[0]) if value.args else _name(value.func)
    names = [each.id for each in ast.walk(value) if isinstance(each, ast.Name)]
    return names[-1].lower().strip("_") if names else "fact"
