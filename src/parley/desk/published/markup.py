"""XML read without anything that has hurt others: no document types, no entities, no depth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NoReturn
from xml.parsers import expat

from parley.desk.published.exchange import refused
from parley.errors import UsageError

DEPTH_MAX: Final = 24
ELEMENTS_MAX: Final = 200_000


@dataclass(slots=True)
class Element:
    """An element: its name without namespace, its text, the elements in it."""

    name: str
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, name: str) -> list[Element]:
        """Return the children of a name."""
        return [child for child in self.children if child.name == name]

    def said(self, name: str) -> str:
        """Return the text of the first child of a name, tidied; empty where there is none."""
        return next((child.text.strip() for child in self.children if child.name == name), "")


class _Builder:
    def __init__(self) -> None:
        self.root = Element("")
        self.open = [self.root]
        self.count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        del attributes
        self.count += 1
        if len(self.open) > DEPTH_MAX or self.count > ELEMENTS_MAX:
            raise refused("this XML is nested too deeply or has too many elements")
        element = Element(name.rpartition("}")[2])
        self.open[-1].children.append(element)
        self.open.append(element)

    def end(self, name: str) -> None:
        del name
        self.open.pop()

    def data(self, text: str) -> None:
        self.open[-1].text += text

    def no_types(self, *_: object) -> NoReturn:
        raise refused(
            "this XML declares document types or entities, which are not read",
            next_step="take the lines with <!DOCTYPE and <!ENTITY out.",
        )


def read_xml(text: str) -> Element:
    """Return the one outermost element of an XML text.

    Raises:
        UsageError: it is no XML, declares types or entities, or is out of bounds.
    """
    builder = _Builder()
    # The text is decoded already: whatever encoding it names, what expat gets is UTF-8.
    parser = expat.ParserCreate("UTF-8", "}")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = builder.no_types
    parser.EntityDeclHandler = builder.no_types
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(text.encode("utf-8"), True)
    except expat.ExpatError as problem:
        raise refused(f"this is no XML: {problem}") from None
    except UnicodeEncodeError:
        raise refused("this is no XML: half a character") from None
    except UsageError:
        raise
    return builder.root.children[0]
