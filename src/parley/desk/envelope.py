"""The common fields of every move: texts, desks, basis and the rest (core fields 16 to 31)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from parley.core import texts as core_texts
from parley.core.canon import Value
from parley.desk.attachments import ATTACHMENTS
from parley.desk.fields import (
    Choice,
    FieldType,
    Json,
    Names,
    Ref,
    Text,
    WordsType,
    check_text,
    wrong,
)
from parley.desk.problems import fault
from parley.desk.procedure import Field, put
from parley.desk.structures import ListOf
from parley.desk.times import PRECISIONS, Windows
from parley.errors import MalformedError

F_TEXTS, F_VERSION, F_FROM, F_ACTION, F_INFO, F_BASIS = 16, 17, 18, 19, 20, 21
F_PRECISION, F_WITHIN, F_RELEASE, F_SUBJECT, F_ATTACH, F_SUPERSEDES = 22, 23, 24, 25, 26, 27
F_REASON, F_REFS, F_TOPICS, F_ABOUT = 28, 29, 30, 31

STATUSES = ("authentic", "courtesy", "working", "machine", "agreed")
"""Status of a text in one language; the position travels."""

TEXT_CHARACTERS_MAX = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TextIn:
    """One text in one language.

    Attributes:
        lang: BCP 47 code.
        status: authentic, courtesy, working, machine or agreed.
    """

    lang: str
    text: str
    status: str = "authentic"


@dataclass(frozen=True, slots=True)
class Texts(FieldType):
    """The text of an entry in its languages, each with its status; travels deflated."""

    kind = "texts"

    def read(self, json: Json, where: str, names: Names) -> Value:
        """Return [[language, status, text], ...]."""
        return [
            [language, level, core_texts.pack_text(text)]
            for language, level, text in self._rows(json, where, names)
        ]

    def check(self, value: Value, where: str, names: Names) -> None:
        """Refuse what `read` would not have made; nothing is packed for it.

        Raises:
            FieldFaultError: it has another form.
        """
        for _ in self._rows(self.show(value, names), where, names):
            pass

    def _rows(self, json: Json, where: str, names: Names) -> Iterator[tuple[str, int, str]]:
        """Yield language, status and text of each, checked."""
        if isinstance(json, str) or not isinstance(json, Sequence):
            raise wrong(where, "a list of texts", "文本列表")
        if not 1 <= len(json) <= 8:
            raise fault(where, "too_many" if json else "too_short", found=len(json), most=8)
        for place, row in enumerate(json):
            dotted = f"{where}[{place}]"
            if not isinstance(row, Mapping):
                raise wrong(dotted, "language, status and text", "语言、性质和文本")
            language = WordsType(1).read({str(row.get("lang")): "x"}, dotted, names)
            status = row.get("status", "authentic")
            if status not in STATUSES:
                raise fault(dotted, "unknown_choice", found=status, choices=", ".join(STATUSES))
            text = check_text(row.get("text"), dotted, TEXT_CHARACTERS_MAX)
            assert isinstance(language, list)
            assert isinstance(language[0], list)
            level = STATUSES.index(str(status))
            yield str(language[0][0]), level, text

    def show(self, value: Value, names: Names) -> Json:  # noqa: ARG002
        """Return language, status and text of each."""
        if not isinstance(value, list | tuple) or not value:
            raise wrong("", "a list of texts", "文本列表")
        shown: list[Json] = []
        for row in value:
            if not isinstance(row, list | tuple) or len(row) != 3:
                raise wrong("", "language, status and text", "语言、性质和文本")
            language, status, packed = row
            if type(status) is not int or not 0 <= status < len(STATUSES):
                raise fault("", "unknown_choice", found=status, choices=", ".join(STATUSES))
            if not isinstance(language, str):
                raise wrong("", "a language code", "语言代码")
            try:
                text = core_texts.unpack_text(packed)
            except MalformedError:
                raise wrong("", "a text", "文字") from None
            shown.append({"lang": language, "status": STATUSES[status], "text": text})
        return shown

    def schema(self) -> dict[str, Json]:
        """Return an array of objects."""
        properties: Json = {
            "lang": {"type": "string"},
            "status": {"enum": list(STATUSES)},
            "text": {"type": "string", "minLength": 1, "maxLength": TEXT_CHARACTERS_MAX},
        }
        return {
            "type": "array",
            "minItems": 1,
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": properties,
                "required": ["lang", "text"],
                "additionalProperties": False,
            },
            "x-parley-type": self.kind,
        }


RELEASE = Choice(
    (
        ("internal", "not beyond the receiver", "仅限受文方"),
        ("parties", "both parties", "双方可用"),
        ("after", "may be published later, see text", "日后可公布，见文本"),
        ("public", "public", "公开"),
    )
)

PRECISION = Choice(
    tuple(
        zip(
            PRECISIONS,
            (
                "to the second",
                "to the hour",
                "to the day",
                "to the week",
                "to the month",
                "unknown",
            ),
            ("精确到秒", "精确到小时", "精确到日", "精确到周", "精确到月", "不详"),
            strict=True,
        )
    )
)
"""How exactly the author's own time is known."""

COMMON: tuple[Field, ...] = (
    put("text", F_TEXTS, Texts(), "text", "正文"),
    put("basis", F_BASIS, Text(200), "basis", "依据"),
    put(
        "precision",
        F_PRECISION,
        PRECISION,
        "precision of the time",
        "时间精度",
    ),
    put("within", F_WITHIN, Windows(least=1, most=1), "some time within", "时间范围"),
    put("release", F_RELEASE, RELEASE, "release", "公开范围"),
    put("subject", F_SUBJECT, WordsType(160), "subject", "主题"),
    put("attach", F_ATTACH, ATTACHMENTS, "attachments", "附件"),
    put("supersedes", F_SUPERSEDES, Ref(), "supersedes", "取代"),
    put("reason_text", F_REASON, WordsType(1000), "reason in words", "理由说明"),
    put("refs", F_REFS, ListOf(item=Ref(), least=1, most=20, lenient=True), "see also", "参见"),
    put(
        "topics",
        F_TOPICS,
        ListOf(item=WordsType(200), least=1, most=20, lenient=True),
        "topics",
        "议题",
    ),
)
COMMON_FIELDS: Mapping[str, Field] = {field.name: field for field in COMMON}
