"""Drafts as they are kept and shown: what each asks for, and exactly what would leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from parley.core.ids import ChannelId, Incarnation, LogId
from parley.errors import ConflictError, ParleyError
from parley.station.cabinet import Cabinet, require
from parley.station.desk_views import CheckLine, DraftRequest, DraftText, DraftView, Preview
from parley.station.draft_languages import language_checks
from parley.station.drafting import Body, Drafting, body_of, digest_words, read_body
from parley.station.forms import text_view
from parley.station.interface import Station
from parley.station.papers import Fields
from parley.station.record_book import RecordBook
from parley.station.summary import ChannelSummary
from parley.station.trust import Trust

_HOW: Final[Mapping[str, tuple[str, str]]] = {
    "in-person": (" in person", "（当面）"),
    "voice": (" by voice", "（语音）"),
    "paper": (" on paper", "（书面）"),
}
"""How the words of a peer were compared."""
_OVER: Final = {
    "en": "it began in an exercise that is over, and does not leave: write it anew",
    "zh": "此稿起草时所属的演习已结束，不能发出：请另起新稿",
}
OPEN_STATES: Final = ("open", "held", "releasing", "returned")


def writer_of(fields: Fields) -> str:
    """Return the officer who writes a draft: who began it, or who took it over last."""
    return str(fields.get("writer") or fields["author"])


class DraftBook:
    """Reads drafts; none of its answers changes one."""

    def __init__(
        self,
        station: Station,
        cabinet: Cabinet,
        *,
        trust: Trust,
        record: RecordBook,
        drafting: Drafting,
    ) -> None:
        self._station = station
        self._cabinet = cabinet
        self._trust = trust
        self._record = record
        self._drafting = drafting
        self._entries: dict[str, str] = {}
        drafting.released = self.released

    def all(self, states: Sequence[str]) -> list[DraftView]:
        """Return drafts in these states, by number."""
        return [
            self._view(key, fields)
            for key, fields in self._cabinet.all("drafts")
            if fields["state"] in states
        ]

    def get(self, draft: str) -> DraftView:
        """Return one draft; NotFoundError if there is none."""
        return self._view(draft, self._fields(draft))

    def released(self, move: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield entry name and fields of every released draft of a move, `list_exchange.commit`."""
        for key, fields in self._cabinet.all("drafts"):
            request = self._request(fields)
            if fields["state"] == "released" and f"{request.procedure}.{request.move}" == move:
                entry = self.entry_of(key, fields)
                if entry is not None:
                    yield entry, request.fields

    def files_named(self) -> set[str]:
        """Return the digests of the files that drafts name which can still leave."""
        return {
            str(file["digest"])
            for _, fields in self._cabinet.all("drafts")
            if fields["state"] in OPEN_STATES
            for file in _files_in(self._request(fields).fields.get("attach"))
        }

    def request_of(self, draft: str) -> DraftRequest:
        """Return what a draft asks for, as it was written."""
        return self._request(self._fields(draft))

    def _fields(self, draft: str) -> Fields:
        return require(
            self._cabinet.get("drafts", draft),
            f"draft {draft}",
            "parley draft list shows those that are not released.",
        )

    def _view(self, draft: str, fields: Fields) -> DraftView:
        request = self._request(fields)
        taken = fields.get("taken") or {}
        return DraftView(
            id=draft,
            version=fields["version"],
            state=fields["state"],
            channel=request.channel,
            procedure=request.procedure,
            move=request.move,
            case=request.case,
            precedence=request.precedence,
            mark=self._drafting.mark(request),
            action=list(request.action),
            info=list(request.info),
            fields=dict(request.fields),
            texts=[text_view(text.lang, text.status, text.text) for text in request.texts],
            refs=list(request.refs),
            non_attributable=request.non_attributable,
            subject=_subject(request),
            author=fields["author"],
            writer=writer_of(fields),
            taken_at=taken.get("at"),
            taken_from=taken.get("from"),
            taken_why=taken.get("why"),
            edited_by=fields["edited_by"],
            created_at=fields["created_at"],
            changed_at=fields["changed_at"],
            needs=["releaser"] if fields["state"] == "held" else [],
            digest=fields["digest"],
            digest_words=digest_words(fields["digest"]),
            size=len(fields["body"]) // 2,
            entry=self.entry_of(draft, fields),
            reason=fields["reason"],
            etag=f'"{fields["version"]}.{fields["state"]}"',
            template=request.template or None,
            exercise_over=fields["state"] in OPEN_STATES
            and self._drafting.is_exercise_over(request),
        )

    def entry_of(self, draft: str, fields: Fields) -> str | None:
        """Return the name of the entry that a released draft became."""
        if fields["state"] != "released":
            return None
        if draft not in self._entries:
            found = self._find_entry(fields)
            if found is None:
                raise ConflictError(f"the entry of {draft} is not in the record")
            self._entries[draft] = found
        return self._entries[draft]

    def _find_entry(self, fields: Fields) -> str | None:
        """Find by its digest the entry that was stored in one transaction with its draft."""
        channel = ChannelId(bytes.fromhex(fields["channel_id"]))
        inc = Incarnation(bytes.fromhex(fields["inc"]))
        log = LogId(channel, self._station.party, inc)
        skip, first = int(fields["skip"]), int(fields["from_index"])
        while rows := self._station.reader.entries(log, first, 100):
            for row in rows:
                if body_of(channel, self._record.decode(row)).digest == fields["digest"]:
                    if skip == 0:
                        return self._record.name(log, row.index)
                    skip -= 1
            first = rows[-1].index + 1
        return None

    def preview(self, draft: str) -> Preview:
        """Return exactly what would leave, with what to look at before.

        Raises:
            InvalidFieldsError, MoveNotPermittedError: it cannot leave as it is.
        """
        fields = self._fields(draft)
        request = self._request(fields)
        body = self._body(fields, request)
        channel = self._record.channel(request.channel)
        others = channel.charter.others(self._station.party)
        recipients = [self._trust.code_of(party) for party in others]
        return Preview(
            draft=draft,
            digest=body.digest,
            digest_words=digest_words(body.digest),
            size=len(body.raw),
            hex=body.raw.hex(),
            texts=[text_view(text.lang, text.status, text.text) for text in request.texts],
            lines=self._drafting.lines(body, request.fields),
            paths=self._drafting.path_times(channel, len(body.raw)),
            checks=[
                *self._checks(fields, channel),
                *language_checks(request.texts),
                *self._drafting.findings(body, request.case),
            ],
            starts_clocks=self._drafting.clocks(body),
            recipients=recipients,
            attributable=not request.non_attributable,
        )

    def body(self, draft: str) -> Body:
        """Return what would be signed of a draft; see `preview` for what is raised."""
        fields = self._fields(draft)
        return self._body(fields, self._request(fields))

    def _body(self, fields: Fields, request: DraftRequest) -> Body:
        if fields["body"]:
            return read_body(bytes.fromhex(fields["body"]))
        return self._drafting.build(request)

    def _checks(self, fields: Fields, channel: ChannelSummary) -> list[CheckLine]:
        writers = ", ".join(fields["edited_by"])
        written = {"en": f"written by {writers}", "zh": f"起草：{writers}"}
        lines = [CheckLine(level="ok", text=written["en"], words=written)]
        if self._drafting.is_exercise_over(self._request(fields)):
            lines.append(CheckLine(level="stop", text=_OVER["en"], words=_OVER))
        if template := fields["request"].get("template"):
            words = {"en": f"began from the template {template}", "zh": f"由模板 {template} 起草"}
            lines.append(CheckLine(level="ok", text=words["en"], words=words))
        for party in channel.charter.others(self._station.party):
            code = self._trust.code_of(party)
            try:
                self._trust.require_trusted(party)
            except ParleyError as refusal:
                lines.append(CheckLine(level="stop", text=str(refusal)))
            else:
                view = self._trust.peer(code)
                how = _HOW.get(view.method or "", ("", ""))
                compared = {
                    "en": f"{code}'s key compared{how[0]}",
                    "zh": f"已核对 {code} 的密钥{how[1]}",
                }
                lines.append(CheckLine(level="ok", text=compared["en"], words=compared))
        lines += [
            CheckLine(level="look", text=warning)
            for warning in self._drafting.warnings(channel)
            if "not compared" not in warning
        ]
        return lines

    @staticmethod
    def _request(fields: Fields) -> DraftRequest:
        kept: Mapping[str, Any] = fields["request"]
        texts = [DraftText(**text) for text in kept["texts"]]
        return DraftRequest(**{**kept, "texts": texts})


def _files_in(named: Any) -> list[Mapping[str, Any]]:
    """Return the files of a draft; what was given may be of any form."""
    files = named if isinstance(named, list | tuple) else []
    return [file for file in files if isinstance(file, Mapping) and "digest" in file]


def _subject(request: DraftRequest) -> dict[str, str]:
    subject = request.fields.get("subject")
    if isinstance(subject, Mapping):
        return {str(lang): str(text) for lang, text in subject.items()}
    if subject:
        lang = request.texts[0].lang if request.texts else "und"
        return {lang: str(subject)}
    if request.texts:
        return {request.texts[0].lang: request.texts[0].text.split("\n", 1)[0][:120]}
    return {}
