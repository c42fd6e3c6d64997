"""Files that an entry names: their form, the types that are taken, and what a type must begin with.

A file never opens by itself and is never drawn here; the list is short because each type on it
reads the same for everybody and holds no program that starts when it is opened.
"""

# ruff: noqa: ARG002 - one signature for all types; only references look at the names.
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from parley.core import limits
from parley.core.canon import Value
from parley.desk.fields import FieldType, Integer, Json, Names, Text, check_text, sha256_hex, typed
from parley.desk.problems import Problem, fault, problem
from parley.desk.structures import ListOf, Member, Struct

FILES_MAX: Final = 20
NAME_CHARACTERS_MAX: Final = 120
_TEXT: Final = None
TYPES: Final[Mapping[str, tuple[tuple[str, ...], tuple[bytes, ...] | None]]] = {
    "application/geo+json": ((".geojson",), _TEXT),
    "application/json": ((".json",), _TEXT),
    "application/pdf": ((".pdf",), (b"%PDF-",)),
    "application/vnd.parley.bundle": ((".parley",), (b"\x82\x6eparley1 bundle",)),
    "image/jpeg": ((".jpg", ".jpeg"), (b"\xff\xd8\xff",)),
    "image/png": ((".png",), (b"\x89PNG\r\n\x1a\n",)),
    "image/tiff": ((".tif", ".tiff"), (b"II*\0", b"MM\0*")),
    "text/csv": ((".csv",), _TEXT),
    "text/plain": ((".txt",), _TEXT),
}
"""Type to the endings of its names and what its content begins with; None: it is UTF-8 text."""

_NOT_IN_NAMES: Final = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')


def type_of(name: str) -> str:
    """Return the type that a file's name says, empty where it is none that is taken."""
    ending = PurePosixPath(name).suffix.lower()
    return next((kind for kind, (endings, _) in TYPES.items() if ending in endings), "")


def fits(kind: str, content: bytes) -> bool:
    """Say whether content is of a type, as far as its beginning or its letters tell."""
    if kind not in TYPES:
        return False
    begins = TYPES[kind][1]
    if begins is not None:
        return content.startswith(begins)
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeError:
        return False


def check_content(name: str, kind: str, content: bytes) -> None:
    """Let pass what is of its type.

    Raises:
        FieldFaultError: it is not.
    """
    if not fits(kind, content):
        raise fault("attach[0].type", "file_type", found=name)


def not_here(place: int, name: str) -> Problem:
    """Return the problem of a draft that names a file which the station does not keep."""
    return problem(f"attach[{place}]", "file_not_here", found=name)


@dataclass(frozen=True, slots=True)
class FileName(FieldType):
    """A bare name of a file, without any way to it."""

    kind = "file-name"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the name."""
        name = check_text(json, where, NAME_CHARACTERS_MAX)
        if _NOT_IN_NAMES.search(name) or name.startswith(".") or name != name.strip():
            raise fault(where, "file_name", found=name)
        return name

    def show(self, value: Value, names: Names) -> Json:
        """Return the name."""
        return check_text(value if isinstance(value, str) else None, "", NAME_CHARACTERS_MAX)

    def schema(self) -> dict[str, Json]:
        """Return a string of bounded length."""
        return typed(self.kind, type="string", minLength=1, maxLength=NAME_CHARACTERS_MAX)


@dataclass(frozen=True, slots=True)
class MediaType(FieldType):
    """One of the types that are taken."""

    kind = "media-type"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the type."""
        if not isinstance(json, str) or json not in TYPES:
            raise fault(where, "unknown_choice", found=json, choices=", ".join(TYPES))
        return json

    def show(self, value: Value, names: Names) -> Json:
        """Return the type."""
        return Text(80).show(value, names)

    def schema(self) -> dict[str, Json]:
        """Return the types."""
        return typed(self.kind, enum=list(TYPES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachments(ListOf):
    """The files of one entry: each named once, together within what one entry may have."""

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return the files in order."""
        # A class made anew for its slots is not the one that a bare `super()` means.
        read = ListOf.read(self, json, where, names)
        assert isinstance(json, Sequence)
        files: Sequence[Any] = json
        if len({one["digest"] for one in files}) < len(files):
            raise fault(where, "file_twice")
        if (found := sum(one["bytes"] for one in files)) > limits.ATTACHMENTS_BYTES_MAX:
            most = limits.ATTACHMENTS_BYTES_MAX
            raise fault(where, "too_long", found=found, unit=("bytes", "字节"), most=most)
        return read


def _needed(name: str, number: int, kind: FieldType, english: str, chinese: str) -> Member:
    words = {"en": english, "zh": chinese}
    return Member(name=name, number=number, type=kind, words=words, required=True)


ATTACHMENTS: Final = Attachments(
    item=Struct(
        (
            _needed("name", 0, FileName(), "name", "名称"),
            _needed("type", 1, MediaType(), "media type", "类型"),
            _needed("bytes", 2, Integer(0, limits.ATTACHMENT_BYTES_MAX), "bytes", "字节"),
            _needed("digest", 3, sha256_hex(), "digest", "摘要"),
        )
    ),
    least=1,
    most=FILES_MAX,
)


def text_problems(values: Mapping[str, Value]) -> list[Problem]:
    """Return what is wrong with an entry that has files and says nothing in words itself."""
    if "attach" in values and "text" not in values:
        return [problem("attach", "file_without_text")]
    return []
