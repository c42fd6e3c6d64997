"""A register that a party kept before the line was there: read from CSV or YAML, row by row.

What it says becomes a claim by that party (`claim.history`), never a fact of the record. Every
problem is told with its line; a file with one problem gives no row at all, unless its good rows
alone are asked for.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import yaml

from parley.desk.fields import Json
from parley.desk.naming import RAW
from parley.desk.problems import problem_of
from parley.desk.procedures.claim import HISTORY_ROW, HISTORY_ROWS_MAX
from parley.errors import FieldFaultError, InvalidFieldsError, UsageError

FILE_BYTES_MAX: Final = 900_000
ROWS_MAX: Final = 10_000
PROBLEMS_MAX: Final = 50
ENTRY_CHARACTERS_MAX: Final = 12_000
"""Characters of the rows of one entry, so that it fits whatever their language."""
COLUMNS: Final = (
    "number", "date", "register", "by", "to", "what_LANG", "due", "answered", "outcome",
)  # fmt: skip
"""Columns of the file; `what_LANG` stands once for each language, such as `what_en`, `what_zh`."""
# The reader in C is fifty times as fast, and reads the same.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN: Final = frozenset(COLUMNS) - {"what_LANG"}
_WHAT: Final = re.compile(r"what_([a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row as the file has it: its line, from 1, its cells by column, why it cannot be read."""

    line: int
    cells: Mapping[str, str]
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a file holds.

    Attributes:
        digest: SHA-256 of the file's bytes, in hex.
        rows: as the field `rows` of `claim.history` takes them.
        left: rows of the file that are left out. problems: what is wrong with them.
    """

    digest: str
    rows: Sequence[Mapping[str, Json]]
    left: int = 0
    problems: Sequence[tuple[str, str]] = ()

    def parts(self) -> list[list[Mapping[str, Json]]]:
        """Return the rows in as few runs as entries are needed for them, in order."""
        runs: list[list[Mapping[str, Json]]] = []
        size = 0
        for row in self.rows:
            length = len(repr(row))
            is_full = bool(runs) and (
                len(runs[-1]) == HISTORY_ROWS_MAX or size + length > ENTRY_CHARACTERS_MAX
            )
            if not runs or is_full:
                runs.append([])
                size = 0
            runs[-1].append(row)
            size += length
        return runs


def read_history(raw: bytes, *, good_rows: bool = False) -> History:
    """Return the rows of a CSV or YAML file.

    Args:
        raw: the file: CSV with a heading (RFC 4180), or a YAML list of maps, in UTF-8.
        good_rows: leave out rows with a problem and say which; else one of them refuses the file.

    Raises:
        UsageError: it is too long, no text, or of neither form.
        InvalidFieldsError: rows are not well made, or of the good ones there are none; each
            problem names its line and column.
    """
    judged = _judged(raw)
    problems = [problem for _, found in judged for problem in found]
    rows = [row for row, found in judged if not found]
    if problems and not (good_rows and rows):
        raise InvalidFieldsError(tuple(problems[:PROBLEMS_MAX]))
    return History(
        digest=sha256(raw).hexdigest(),
        rows=rows,
        left=len(judged) - len(rows),
        problems=problems[:PROBLEMS_MAX],
    )


def look_at(raw: bytes) -> tuple[list[Mapping[str, Json]], list[tuple[str, str]]]:
    """Return the rows of a file as far as they are understood, and what is wrong with which line.

    Of the problems the first 50 are told.

    Raises:
        UsageError: it is too long, no text, or of neither form.
    """
    judged = _judged(raw)
    problems = [problem for _, found in judged for problem in found]
    return [row for row, _ in judged], problems[:PROBLEMS_MAX]


def _judged(raw: bytes) -> list[tuple[Mapping[str, Json], list[tuple[str, str]]]]:
    """Return each row as far as it is understood, with what is wrong with it."""
    if len(raw) > FILE_BYTES_MAX:
        raise UsageError(
            f"the file has more than {FILE_BYTES_MAX} bytes; nothing was written",
            next_step="Import it in several files.",
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UsageError(
            f"the file is not UTF-8: byte {problem.start} cannot stand there",
            next_step="Convert it, as with iconv -t UTF-8.",
        ) from None
    lines = list(_yaml_lines(text) if _is_yaml(text) else _csv_lines(text))
    if not lines:
        raise UsageError("the file holds no row", next_step=_expected())
    found: list[tuple[Mapping[str, Json], list[tuple[str, str]]]] = []
    numbers: dict[str, int] = {}
    for line in lines:
        if line.problem:
            found.append(({}, [(f"line {line.line}", line.problem)]))
            continue
        problems: list[tuple[str, str]] = []
        row = _row(line, problems)
        number = str(row.get("number", ""))
        if number and number in numbers:
            said = f"the number {number!r} stands in line {numbers[number]} already"
            problems.append((f"line {line.line}, number", said))
        numbers.setdefault(number, line.line)
        found.append((row, problems))
    return found


def _is_yaml(text: str) -> bool:
    """Say whether the first line that says anything begins a YAML list, and no CSV heading."""
    bare = (line.strip() for line in text.split("\n"))
    first = next((line for line in bare if line and not line.startswith("#")), "")
    return first == "-" or first.startswith(("- ", "-\t", "---"))


def _expected() -> str:
    return f"Columns: {', '.join(COLUMNS)}; number, date and one what_LANG are needed."


def _row(line: Line, problems: list[tuple[str, str]]) -> dict[str, Json]:
    """Return a row; what is wrong with it is added to the problems."""
    row: dict[str, Json] = {}
    what: dict[str, Json] = {}
    for name, cell in line.cells.items():
        match = _WHAT.fullmatch(name)
        if not cell.strip():
            continue
        if match is not None:
            what[match[1]] = cell.strip()
        else:
            row[name] = cell.strip()
    if what:
        row["what"] = what
    for member in HISTORY_ROW.members:
        where = f"line {line.line}, {member.name}"
        if member.name not in row:
            if member.required:
                problems.append((where, "is missing"))
            continue
        try:
            member.type.read(row[member.name], where, RAW)
        except FieldFaultError as fault:
            problems.append((where, problem_of(fault).sentence["en"]))
    return row


def _checked(names: Sequence[str], line: int) -> None:
    """Refuse columns that are unknown or stand twice."""
    for name in names:
        if name not in _PLAIN and not _WHAT.fullmatch(name):
            raise UsageError(
                f"line {line}: there is no column {name[:40]!r}", next_step=_expected()
            )
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError(f"line {line}: the column {twice!r} stands twice")


def _csv_lines(text: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    heading: list[str] | None = None
    begins, count = 1, 0
    try:
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if heading is None:
                heading = [cell.strip() for cell in cells]
                _checked(heading, line)
                continue
            count += 1
            if count > ROWS_MAX:
                raise UsageError(f"line {line}: a file has at most {ROWS_MAX} rows")
            if len(cells) != len(heading):
                said = (
                    f"{len(cells)} cells, and the heading has {len(heading)} columns; a cell with "
                    "a comma or a line end stands in double quotes"
                )
                yield Line(line=line, cells={}, problem=said)
                continue
            yield Line(line=line, cells=dict(zip(heading, cells, strict=True)))
    except csv.Error as problem:
        raise UsageError(f"line {reader.line_num}: this is no CSV: {problem}") from None


def _yaml_lines(text: str) -> Iterator[Line]:
    try:
        for token in yaml.scan(text, Loader=_LOADER):
            if isinstance(token, yaml.AliasToken | yaml.AnchorToken | yaml.TagToken):
                line = token.start_mark.line + 1
                raise UsageError(f"line {line}: anchors, aliases and tags are not read")
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = "" if mark is None else f"line {mark.line + 1}: "
        said = getattr(problem, "problem", None) or "not readable"
        raise UsageError(f"{where}this is no YAML: {said}") from None
    except RecursionError:
        raise UsageError("this YAML is nested too deep") from None
    if not isinstance(root, yaml.SequenceNode):
        raise UsageError("the YAML is no list of rows", next_step=_expected())
    if len(root.value) > ROWS_MAX:
        raise UsageError(f"a file has at most {ROWS_MAX} rows")
    for node in root.value:
        yield _yaml_line(node)


def _yaml_line(node: yaml.Node) -> Line:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise UsageError(f"line {line}: a row is a map of columns", next_step=_expected())
    names: list[str] = []
    cells: dict[str, str] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode):
            raise UsageError(f"line {value.start_mark.line + 1}: a cell is one text")
        names.append(key.value)
        # The text as it stands: YAML would take 2021-03-01 and 12 for something else.
        is_empty = value.tag.endswith(":null") and value.value in ("", "~", "null")
        cells[key.value] = "" if is_empty else value.value
    _checked(names, line)
    return Line(line=line, cells=cells)
