"""YAML of facts: no aliases, no name twice, times stay text, and every mistake has its line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml


class FactsError(ValueError):
    """A text that is no YAML of facts; `line` counts from 1, None where it is not known."""

    def __init__(self, line: int | None, text: str) -> None:
        super().__init__(text)
        self.line = line


class _Strict(yaml.SafeLoader):
    """YAML of facts: no aliases, no key twice, and times stay text."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(None, None, "an alias is not allowed", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - the library's
        seen: set[Any] = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if not isinstance(name, str):
                raise yaml.constructor.ConstructorError(
                    None, None, f"a name must be text, not {name!r}", key.start_mark
                )
            if name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{name!r} stands twice", key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


_Strict.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_facts(text: str) -> tuple[Any, dict[str, int]]:
    """Return what a text holds, and the line of each event by its id.

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
        mark = getattr(problem, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        raise FactsError(line, str(getattr(problem, "problem", None) or problem)) from None
    except (RecursionError, ValueError, TypeError) as problem:
        raise FactsError(None, f"cannot be read: {type(problem).__name__}") from None
    lines = dict(_event_lines(node)) if isinstance(raw, dict) else {}
    return raw, lines


def _event_lines(root: yaml.nodes.Node | None) -> Iterator[tuple[str, int]]:
    for key, value in [] if root is None else root.value:
        if key.value != "events" or not isinstance(value, yaml.nodes.SequenceNode):
            continue
        for each in value.value:
            if isinstance(each, yaml.nodes.MappingNode):
                for name, member in each.value:
                    if name.value == "id":
                        yield str(member.value), each.start_mark.line + 1
