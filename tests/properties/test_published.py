"""Published notices: any text is read or refused in the one way that is defined."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parley.desk.published.letters import plain_letters
from parley.desk.published.model import Notice
from parley.desk.published.reading import read_notice

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
