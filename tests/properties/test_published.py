"""Published notices: any text is read or refused in the one way that is defined."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from parley.desk.published.cap import write_cap
from parley.desk.published.exchange import checked, spot_of
from parley.desk.published.files import read_file
from parley.desk.published.geojson import write_geojson
from parley.desk.published.ical import write_ical
from parley.desk.published.letters import plain_letters
from parley.desk.published.model import Notice, Shape, Window
from parley.desk.published.reading import read_notice
from parley.desk.published.sheet import COLUMNS, write_csv
from parley.errors import UsageError

SLOW = settings(max_examples=60, deadline=None)
PIECES = [
    "N332704E1102154", "-", "121500N", "1091200E", "24-11.30N 085-45.80W", "北纬25度15.26分", "东经120度29.2分",
    "IN AREA BOUND BY", "WITHIN 5 MILES OF", "A. ", "B. ", "(1)", "\n2. ", "CANCEL THIS MSG 261524Z DEC 22",
    "CANCEL HYDROLANT 1/22, 2/22(3)", "171500Z TO 171700Z OCT", "DAILY", "0600Z TO 2100Z", "04 THRU 06, 13 AND 27 FEB",
    "A0001/23 NOTAMN\nQ) ZSHA/QRDCA/IV/BO/W/000/999/\nA) ZSHA B) 2302010000 C) 2302052359\nD) ", "E) ", "F) SFC G) UNL",
    "0100-0200", "03 04", "MAR", "MON-FRI", "8月5日", "8时至18时", "每日", "二〇二三年", "至另行通知", "辽航警0123/23",
    "取消", "半径5海里", "连线", "UTC+5:30", "UNTIL FURTHER NOTICE", "９", "．", "99", "000", "°", "'", "ſ", "ß", "\x1f", "\r\n",
    "VERTICAL LIMITS:", "FL350", "30000M AGL", "E*", "/", ",", " ", "TO", "AND",
]  # fmt: skip
TEXTS = st.one_of(st.text(max_size=400), st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join),
                  st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=40).map("".join))  # fmt: skip


def spans_of(notice: Notice) -> list[tuple[int, int]]:
    parts = [*notice.shapes, *notice.windows, *notice.heights, *notice.references, *notice.unread]
    return [each.span for each in [*parts, *notice.amounts]]


@SLOW
@given(TEXTS)
def test_any_text_is_read_and_every_part_says_where_it_stands(text: str) -> None:
    notice = read_notice(text)

    assert notice.text == text
    assert notice.share in ("whole", "part", "none")
    assert all(0 <= start <= end <= len(text) for start, end in spans_of(notice))
    assert all(
        window.end is None or window.start is None or window.start < window.end
        for window in notice.windows
    )
    for shape in notice.shapes:
        for corner in shape.corners:
            assert abs(corner.point.latitude) <= 90 * 10**7
            assert abs(corner.point.longitude) <= 180 * 10**7


@SLOW
@given(st.text(max_size=200))
def test_plain_letters_stand_where_the_written_ones_do(text: str) -> None:
    assert len(plain_letters(text)) == len(text)


def test_a_long_text_of_nothing_but_labels_is_read_in_steps_that_grow_with_it() -> None:
    # A reader that tried every way to cut `(1)(1)(1)` would not come back.
    text = "AREA BOUND BY 10-00N 100-00E " + "(1)" * 15_000 + " 10-00N 100-00E"

    assert read_notice(text).share == "whole"


def test_sixty_thousand_empty_lines_are_read_line_by_line() -> None:
    # The pattern of list numbers once looked through all that follow from every one of them.
    assert read_notice("\n" * 65_000).share == "none"


@SLOW
@given(st.one_of(TEXTS.map(str.encode), st.binary(max_size=300)))
def test_any_file_is_read_or_refused_in_the_one_way(raw: bytes) -> None:
    for begin in (b"", b"<alert>", b"{", b"BEGIN:VCALENDAR\n", ",".join(COLUMNS).encode() + b"\n"):
        try:
            found = read_file(begin + raw)
        except UsageError:
            continue
        assert found.format


E7 = 10_000_000
ANGLES = st.tuples(st.integers(-90 * E7, 90 * E7), st.integers(-180 * E7, 180 * E7))


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    kind = draw(st.sampled_from(["polygon", "circle", "corridor", "line", "point"]))
    count = {"circle": 1, "point": 1}.get(kind) or draw(st.integers(3, 8))
    spots = tuple(spot_of(*draw(ANGLES)) for _ in range(count))
    metres = draw(st.integers(1, 2_000_000)) if kind in ("circle", "corridor") else None
    shape = Shape(
        kind=kind, corners=spots, metres=metres, label=draw(st.sampled_from(["", "A", "=1"]))
    )
    try:
        return checked(shape)
    except UsageError:
        return Shape(kind="point", corners=spots[:1])


@SLOW
@given(st.lists(shapes(), max_size=4), st.text(max_size=60), st.integers(0, 4_000_000_000))
def test_reading_what_is_written_gives_the_same_geometry(
    given_shapes: list[Shape], text: str, start: int
) -> None:
    window = Window(start=start, end=start + 3600)
    notice = Notice(kind="text", text=text, shapes=tuple(given_shapes), windows=(window,))
    written = [
        write_geojson([notice]),
        write_ical([notice], stamp=0),
        write_csv([notice]),
        write_cap(notice, sent=0),
    ]
    for each in written:
        (again,) = read_file(each.encode("utf-8", "surrogatepass")).notices
        assert [geometry_of(shape) for shape in again.shapes] == [
            geometry_of(shape) for shape in notice.shapes
        ]
        assert again.windows == notice.windows


def geometry_of(shape: Shape) -> tuple[str, list[tuple[int, int]], int | None]:
    corners = [(spot.point.latitude, spot.point.longitude) for spot in shape.corners]
    return shape.kind, corners, shape.metres
