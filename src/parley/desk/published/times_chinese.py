"""Times in Chinese notices: `8月4日12时至7日12时`, `每日0800时至1700时`, lists, numerals."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from parley.desk.published.letters import INTEGER, tidy, whole_of
from parley.desk.published.model import WINDOWS_MAX, Span, Unread, Window
from parley.desk.published.years import ROC_BEGAN, ROC_YEARS, Anchor, second
from parley.desk.times import DAY

_I: Final = INTEGER
_TOKEN: Final = re.compile(
    rf"(?P<further>(?:直)?至\s?另行通知|另行通知)"
    rf"|(?P<next>次日|翌日|隔日|第二天|次年|翌年|来年)"
    rf"|(?P<daily>每日|每天|逐日|日均)"
    rf"|(?P<date>(?:(?P<year>{_I})年\s?)?(?:(?P<month>{_I})月\s?)?(?P<day>{_I})[日号](?![)）]))"
    rf"|(?P<part>(?:(?P<month2>{_I})月)?(?P<day2>{_I})(?=(?:\s?[,和及]\s?{_I}){{1,12}}\s?[日号]))"
    rf"|(?P<half>上午|早上|凌晨|下午|晚上|晚间|中午)"
    rf"|(?P<clock>(?P<hour>{_I})[时点](?!连|的|间|依|顺|按|首|围|所|相)(?:(?P<minute>{_I})分|(?P<thirty>半))?整?"
    rf"|(?P<hh>[0-9]{{1,2}}):(?P<mm>[0-9]{{2}})(?![0-9])(?:时(?!间))?"
    rf"|(?P<four>[0-9]{{4}})(?![0-9年./])(?!-(?![0-9]{{4}}(?![0-9年])))(?:时(?!间))?)"
    rf"|(?P<zone>北京时间|北京时|台北时间?|日本时间|한국시간|BEIJING\s+TIME|当地时间|(?:UTC|GMT)\s?[+-]\s?[0-9]{{1,2}}(?::?[0-9]{{2}})?"
    rf"|世界时|国际标准时间?|协调世界时|UTC|GMT)"
    rf"|(?P<to>起?至|到|-)|(?P<and>,|和|及|与|;|以及)"
    rf"|(?P<from>自|从|于|在|起|止)"
)
_GAP: Final = re.compile(r"[\s:()]{0,8}")
_BUT: Final = re.compile(r"\s?[)）]?\s?(?:除外|以外|不含)")
_POSTPONED: Final = re.compile(
    r"(?:推迟|延期|延后|顺延|改期|推后|提前|变更|调整|改)\s?[到为于]?\s?$"
)
_MOVED: Final = re.compile(r"\s?(?:に|へ|로|으로)?\s?(?:延期|変更|연기|변경)")
_SENTENCE: Final = re.compile(r"[.;\n]")
_LATER: Final = ("下午", "晚上", "晚间")
_BEIJING: Final = 8 * 60
_TOKYO: Final = 9 * 60


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    span: Span
    year: int = 0
    month: int = 0
    day: int = 0
    hour: int = 0
    minute: int = 0
    words: str = ""
    later: int = 0
    """Days after its date, as `次日` says."""


def zone_said(plain: str) -> int | None:
    """Return the zone that a Chinese text says its times are in, None where it says none."""
    if "北京时" in plain or "台北时" in plain or "BEIJING TIME" in plain:
        return _BEIJING
    if "日本时间" in plain or "한국시간" in plain:
        return _TOKYO
    return 0 if re.search(r"世界时|国际标准时", plain) else None


def find_windows(
    text: str, rest: str, anchor: Anchor
) -> tuple[list[Window], list[Unread], list[Span]]:
    """Return windows, what speaks of time and was not understood, and the spans used."""
    windows: list[Window] = []
    unread: list[Unread] = []
    used: list[Span] = []
    said = zone_said(rest)
    if said is not None:
        anchor = replace(anchor, zone=said, zone_from="written")
    last: tuple[int, int] = (0, 0)
    for phrase in _phrases(rest):
        span = phrase[0].span[0], phrase[-1].span[1]
        try:
            _is_no_exception(rest, span)
            tokens = _complete(phrase, last)
            last = next(((each.year, each.month) for each in reversed(tokens) if each.month), last)
            windows += _read(tokens, anchor, span)
        except ValueError as problem:
            written = tidy(text, span)
            unread.append(Unread(what="time", why=str(problem), written=written, span=span))
            windows = _without_days(windows, rest, span[0])
        used.append(span)
    return windows[:WINDOWS_MAX], unread, used


def _is_no_exception(rest: str, span: Span) -> None:
    """Refuse days that the text takes out of others; ValueError says so."""
    if _POSTPONED.search(rest[: span[0]]) or _MOVED.match(rest, span[1]):
        raise ValueError("a correction")
    if _BUT.match(rest, span[1]) or rest[: span[0]].rstrip().endswith("除"):
        raise ValueError("a form that is not known")


def _without_days(windows: list[Window], rest: str, at: int) -> list[Window]:
    """Return the windows but for whole days said in the sentence of hours that were not read.

    `5日至9日每日…`: without the hours, whole days would be more than the notice says.
    """
    begins = max((found.end() for found in _SENTENCE.finditer(rest, 0, at)), default=0)
    return [each for each in windows if each.rule != "days" or each.span[0] < begins]


def _token(match: re.Match[str]) -> _Token:
    names = (
        *("further", "daily", "date", "part", "half", "clock"),
        *("zone", "to", "and", "from", "next"),
    )
    kind = next(name for name in names if match[name] is not None)
    if kind == "date":
        year, month, day = (
            whole_of(match[name]) if match[name] else 0 for name in ("year", "month", "day")
        )
        year = (year or 0) + (ROC_BEGAN if (year or 0) in ROC_YEARS else 0)
        return _Token(kind, match.span(), year, month or 0, day or 0)
    if kind == "part":
        # `8月5、6、7日`: the word for day stands once, after the last of them.
        month, day = (whole_of(match[name]) if match[name] else 0 for name in ("month2", "day2"))
        return _Token("date", match.span(), 0, month or 0, day or 0)
    if kind == "clock":
        return _clock(match)
    return _Token(kind, match.span(), words=match.group())


def _clock(match: re.Match[str]) -> _Token:
    if match["four"]:
        hour, minute = int(match["four"][:2]), int(match["four"][2:])
    elif match["hh"]:
        hour, minute = int(match["hh"]), int(match["mm"])
    elif len(match["hour"]) == 4 and match["hour"].isascii():
        hour, minute = int(match["hour"][:2]), int(match["hour"][2:])
    else:
        hour = whole_of(match["hour"]) or 0
        minute = 30 if match["thirty"] else whole_of(match["minute"] or "0") or 0
    return _Token("clock", match.span(), hour=hour, minute=minute, words=match.group())


def _phrases(rest: str) -> list[list[_Token]]:
    phrases: list[list[_Token]] = []
    run: list[_Token] = []
    for match in _TOKEN.finditer(rest):
        token = _token(match)
        if run and not _GAP.fullmatch(rest[run[-1].span[1] : token.span[0]]):
            phrases += _if_time(run)
            run = []
        run.append(token)
    return phrases + _if_time(run)


def _if_time(run: list[_Token]) -> list[list[_Token]]:
    """Return the run if it speaks of a time; four bare digits alone do not."""
    while run and run[-1].kind in ("to", "and", "from", "half", "next"):
        run = run[:-1]
    while run and run[0].kind == "and":
        run = run[1:]
    kinds = {token.kind for token in run}
    bare = all(token.words.isdigit() for token in run if token.kind == "clock") and not kinds & {
        "date",
        "daily",
    }
    solid = kinds & {"date", "clock", "further"}
    return [run] if solid and not (bare and "further" not in kinds) else []


def _complete(phrase: list[_Token], last: tuple[int, int]) -> list[_Token]:
    """Return the tokens with year and month carried on, afternoons made into hours of 24."""
    year, month = last
    later, days = "", 0
    found: list[_Token] = []
    for token in phrase:
        if token.kind == "half":
            later = token.words
        elif token.kind == "next":
            if token.words.endswith("年"):
                raise ValueError("a form that is not known")
            days = 1
        elif token.kind == "date":
            year, month = token.year or year, token.month or month
            found.append(replace(token, year=year, month=month))
        elif token.kind == "clock":
            add = 12 if later in _LATER and token.hour < 12 else 0
            found.append(replace(token, hour=token.hour + add, later=days))
            later, days = "", 0
        elif token.kind in ("to", "and", "daily", "further", "zone"):
            found.append(token)
    return found


def _read(tokens: list[_Token], anchor: Anchor, span: Span) -> list[Window]:
    """Return the windows of one phrase; ValueError says why it is none that is known."""
    for token in tokens:
        if token.kind == "zone":
            anchor = replace(anchor, zone=_zone(token.words), zone_from="written")
    tokens = [each for each in tokens if each.kind != "zone"]
    kinds = [token.kind for token in tokens]
    reader = _Reader(anchor, span)
    if "further" in kinds:
        return reader.open_end([each for each in tokens if each.kind in ("date", "clock")])
    if "clock" not in kinds:
        return reader.days(tokens)
    if "date" not in kinds:
        raise ValueError("hours without a day")
    if "daily" in kinds:
        return reader.daily(tokens)
    if reader.is_list_of_days(kinds):
        return reader.daily(tokens)
    return reader.pairs(tokens)


def _zone(words: str) -> int:
    if words.startswith(("北京", "台北", "BEIJING")):
        return _BEIJING
    if words.startswith("当地"):
        raise ValueError("no zone")
    match = re.search(r"([+-])\s?([0-9]{1,2}):?([0-9]{2})?", words)
    if match is None:
        return 0
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    return minutes if match[1] == "+" else -minutes


@dataclass(frozen=True, slots=True)
class _Reader:
    anchor: Anchor
    span: Span

    def at(self, date: _Token, clock: _Token | None) -> int:
        if not date.month:
            raise ValueError("no month")
        if self.anchor.zone is None:
            raise ValueError("no zone")
        year = date.year or self.anchor.year_of(date.month, date.day)
        hour, minute = (clock.hour, clock.minute) if clock else (0, 0)
        later = clock.later * DAY if clock else 0
        return second(year, date.month, date.day, hour, minute, self.anchor.zone) + later

    def window(self, start: int | None, end: int | None, rule: str, precision: str) -> Window:
        if start is not None and end is not None and end <= start:
            raise ValueError("the end is not after the beginning")
        return Window(
            start=start,
            end=end,
            rule=rule,
            precision=precision,
            zone=self.anchor.zone or 0,
            zone_from=self.anchor.zone_from,
            span=self.span,
        )

    def open_end(self, tokens: list[_Token]) -> list[Window]:
        start = self.at(tokens[0], tokens[1] if len(tokens) > 1 else None) if tokens else None
        return [self.window(start, None, "until further notice", "exact")]

    def is_list_of_days(self, kinds: list[str]) -> bool:
        """Say whether hours said once stand for several days: `5日、7日8时至12时`."""
        text = "".join(
            {"date": "d", "clock": "c", "to": "t", "and": "a"}.get(k, "?") for k in kinds
        )
        return bool(re.fullmatch(r"(?:d(?:td)?a)+d(?:td)?(?:a?ctc)+|dtdctc", text)) or bool(
            re.fullmatch(r"d(?:ctca)+ctc", text)
        )

    def spans_of_days(self, tokens: list[_Token]) -> list[tuple[_Token, _Token]]:
        """Return first and last day of each part of a list such as `5日至7日、9日`."""
        days = [each for each in tokens if each.kind in ("date", "to")]
        found: list[tuple[_Token, _Token]] = []
        place = 0
        while place < len(days):
            kinds = [token.kind for token in days[place : place + 3]]
            if kinds == ["date", "to", "date"]:
                found.append((days[place], days[place + 2]))
                place += 3
            elif kinds[:1] == ["date"]:
                found.append((days[place], days[place]))
                place += 1
            else:
                raise ValueError("a form that is not known")
        return found

    def days(self, tokens: list[_Token]) -> list[Window]:
        """Return whole days in the zone of the text; one day alone is a date, no window."""
        kinds = [token.kind for token in tokens]
        if kinds == ["date"]:
            self.at(tokens[0], None)
            return []
        if kinds == ["to", "date"]:
            return [self.window(None, self.at(tokens[1], None) + DAY, "once", "day")]
        found: list[Window] = []
        for first, last in self.spans_of_days(tokens):
            start, end = self.at(first, None), self.at(last, None) + DAY
            found.append(self.window(start, end, "days", "day"))
        return found

    def daily(self, tokens: list[_Token]) -> list[Window]:
        """Return one window for each day and each pair of hours."""
        at = next(place for place, token in enumerate(tokens) if token.kind == "clock")
        head = [token for token in tokens[:at] if token.kind in ("date", "to", "and")]
        clocks = [token for token in tokens[at:] if token.kind == "clock"]
        if any(token.kind == "date" for token in tokens[at:]) or len(clocks) % 2:
            raise ValueError("a form that is not known")
        found: list[Window] = []
        for first, last in self.spans_of_days(head):
            start, end = self.at(first, None), self.at(last, None)
            if end < start:
                raise ValueError("the end is not after the beginning")
            for day in range(start, min(end, start + WINDOWS_MAX * DAY) + 1, DAY):
                for one, two in zip(clocks[::2], clocks[1::2], strict=True):
                    found.append(self._hours(day, one, two))
        return found

    def _hours(self, day: int, one: _Token, two: _Token) -> Window:
        if max(one.hour, two.hour) > 24 or max(one.minute, two.minute) > 59:
            raise ValueError("no such time")
        start = day + one.hour * 3600 + one.minute * 60
        end = day + two.hour * 3600 + two.minute * 60 + two.later * DAY
        if one.later:
            raise ValueError("a form that is not known")
        return self.window(start, end + DAY if end <= start else end, "daily", "exact")

    def pairs(self, tokens: list[_Token]) -> list[Window]:
        """Return `8月4日12时至7日12时` and `8月5日8时至18时`, and lists of these."""
        found: list[Window] = []
        date: _Token | None = None
        start: int | None = None
        is_to = False
        for token in tokens:
            if token.kind == "date":
                date = token
            elif token.kind == "to":
                is_to = True
            elif token.kind == "clock" and date is not None:
                moment = self.at(date, token)
                if is_to and start is None and found:
                    # `推迟至9月5日0800时至1700时`: of the first `至` nobody says from when.
                    raise ValueError("a form that is not known")
                if is_to:
                    found.append(self.window(start, moment, "once", "exact"))
                    start, is_to = None, False
                else:
                    start = moment
        if is_to:
            raise ValueError("a form that is not known")
        if start is not None and found:
            raise ValueError("a beginning without an end")
        # One time alone is a moment at which something was said, and bounds nothing.
        return found
