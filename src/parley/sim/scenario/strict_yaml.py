"""YAML of facts: no aliases, no name twice, times stay text, and every mistake has its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, Final, TypeAlias

import yaml

Path: TypeAlias = "tuple[str | int, ...]"
"""Where something stands in a file: names of members and numbers of list members."""

DEPTH_MAX: Final = 24


class FactsError(ValueError):
    """A text that is no YAML of facts; `line` counts from 1, None where it is not known."""

    def __init__(self, line: int | None, text: str) -> None:
        super().__init__(text)
        self.line = line


_BOOLEAN: Final = "tag:yaml.org,2002:bool"
_WORDS: Final = "tag:yaml.org,2002:str"


class _Strict(yaml.SafeLoader):
    """YAML of facts: no aliases, no key twice, and times stay text."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.constructor.ConstructorError(None, None, "an alias is not allowed", mark)
        if self.depth >= DEPTH_MAX:
            raise yaml.constructor.ConstructorError(
                None, None, f"more than {DEPTH_MAX} levels inside each other", mark
            )
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def construct_scalar(self, node: Any) -> str:
        text: str = super().construct_scalar(node)
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise yaml.constructor.ConstructorError(
                None, None, "half of a character pair stands alone", node.start_mark
            )
        return text

    def construct_object(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 - the library's
        try:
            found = super().construct_object(node, deep)
        except (ValueError, OverflowError) as problem:
            if isinstance(problem, yaml.YAMLError):
                raise
            raise yaml.constructor.ConstructorError(
                None, None, "this number cannot be read", node.start_mark
            ) from None
        if isinstance(found, float) and not isfinite(found):
            raise yaml.constructor.ConstructorError(
                None, None, "a number must be finite", node.start_mark
            )
        if isinstance(found, int) and abs(found) >= 2**63:
            raise yaml.constructor.ConstructorError(
                None, None, "this number is too large", node.start_mark
            )
        return found

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - the library's
        seen: set[Any] = set()
        for key, _ in node.value:
            if key.tag == _BOOLEAN:
                key.tag = _WORDS  # a part is named `no`, as the number of an article is
            name = self.construct_object(key, deep=True)
            if not isinstance(name, str):
                raise yaml.constructor.ConstructorError(
                    None, None, f"a name must be text, not {name!r}: quote it", key.start_mark
                )
            if name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{name!r} stands twice", key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


_Strict.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in found
        if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge")
    ]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_facts(text: str) -> tuple[Any, Mapping[Path, int]]:
    """Return what a text holds, and the line of everything in it.

    Raises:
        FactsError: it cannot be read.
    """
    try:
        loader = _Strict(text)
        try:
            node = loader.get_single_node()
            raw = None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
        line = None if mark is None else mark.line + 1
        if line is None and isinstance(problem, yaml.reader.ReaderError):
            line = text.count("\n", 0, problem.position) + 1
            raise FactsError(line, "a character that no text may hold") from None
        said = str(getattr(problem, "problem", None) or problem)
        if isinstance(problem, yaml.parser.ParserError | yaml.scanner.ScannerError):
            said += '; words that hold one of ? : # , [ ] { } need "quotes"'
        raise FactsError(line, said) from None
    except (RecursionError, ValueError, TypeError) as problem:
        raise FactsError(None, f"cannot be read: {type(problem).__name__}") from None
    return raw, {} if node is None else dict(_lines(node, ()))


def _lines(node: yaml.nodes.Node, path: Path) -> Iterator[tuple[Path, int]]:
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.nodes.MappingNode):
        for key, value in node.value:
            here = (*path, str(key.value))
            yield from _lines(value, here)
            yield here, key.start_mark.line + 1
    elif isinstance(node, yaml.nodes.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _lines(value, (*path, number))
