"""Languages of one text side by side: what differs is found, the alternat is none."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from parley.desk.parallel import ORDER, Words, compare_wordings, differences, original_of
from support.numbers_written import english_words, han

NAMES = {
    "USA": {"en": "United States", "zh": "美国"},
    "PRC": {"en": "China", "zh": "中国"},
}
TERMS = {"ship": {"en": "military vessel", "zh": "军用舰船"}}
WORDS = Words(NAMES, TERMS)
ENGLISH = "Within 48 hours and no nearer than 500 yards, from 19 June 2023."
CHINESE = "自2023年6月19日起，48小时内，距离不少于500码。"


def kinds(en, zh, words=WORDS):
    return differences(compare_wordings({"en": en, "zh": zh}, words))


def test_what_says_the_same_agrees_kind_by_kind():
    found = compare_wordings({"en": ENGLISH, "zh-Hans": CHINESE})
    assert [(one.kind, one.status) for one in found] == [
        ("dates", "agree"),
        ("durations", "agree"),
        ("distances", "agree"),
    ]


def test_a_difference_says_what_stands_only_in_each_language_and_where():
    found = compare_wordings({"en": ENGLISH, "zh": CHINESE.replace("500码", "300码")})
    distance = next(one for one in found if one.kind == "distances")
    assert distance.status == "differ"
    english, chinese = distance.values["en"][0], distance.values["zh"][0]
    assert (english.written, ENGLISH[english.at :][:3]) == ("500 yards", "500")
    assert chinese.written == "300码"


def test_what_only_one_language_says_is_only_one_side():
    found = compare_wordings({"en": ENGLISH, "zh": CHINESE.replace("48小时内，", "")})
    assert [(one.kind, one.status) for one in found if one.kind == "durations"] == [
        ("durations", "only_one_side")
    ]


def test_of_several_only_what_is_left_over_is_shown():
    found = compare_wordings({"en": "3 ships, 3 boats and 5 nets", "zh": "3艘船、5张网"})
    assert [one.written for one in found[0].values["en"]] == ["3"]
    assert list(found[0].values["zh"]) == []


@pytest.mark.parametrize(
    ("en", "zh", "kind"),
    [
        ("by 19 June 2023", "2023年6月9日前", "dates"),
        ("at 15:35 UTC", "协调世界时15时53分", "times"),
        ("at 15:35 UTC", "北京时间15时35分", "time zones"),
        ("on Monday", "星期二", "weekdays"),
        ("at 25°15.26′N", "北纬25度15分26秒", "coordinates"),
        ("within 72 hours", "三天内", "durations"),
        ("12 nautical miles", "12英里", "distances"),
        ("at 30 knots", "时速不超过三十公里", "speeds"),
        ("15 per cent", "百分之五十", "percentages"),
        ("two-thirds", "三分之一", "fractions"),
        ("under Article 4", "根据第五条", "references"),
        ("under paragraph 4", "根据第四项", "references"),
        ("the third session", "第四次会议", "ordinals"),
        ("35,000 persons", "3.5亿人", "numbers"),
        ("below FL350", "高度层250以下", "flight levels"),
        ("three F-16", "三架F-15", "designations"),
        ("(a) one; (b) other", "（一）甲；乙", "list items"),
        ("The United States shall notify.", "中国应通报。", "names"),
        ("every military vessel", "每艘船只", "terms"),
    ],
)
def test_every_kind_of_difference_is_found(en, zh, kind):
    assert kinds(en, zh) == [kind]


def test_terms_are_found_in_the_plural_and_names_as_whole_words():
    assert kinds("Military vessels of China", "中国的军用舰船") == []
    assert kinds("Chinatown", "中国") == ["names"]


def test_a_name_said_again_where_the_other_says_it_is_no_difference():
    assert kinds("China shall say so if China agrees.", "中国如同意，应予说明。") == []


# --- alternat ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("en", "zh"),
    [
        ("China and the United States shall meet.", "美国和中国应会晤。"),
        ("The United States and China shall meet.", "中国与美国应会晤。"),
        ("United States–China talks", "中国、美国会谈"),
    ],
)
def test_the_alternat_is_no_difference(en, zh):
    found = compare_wordings({"en": en, "zh": zh}, WORDS)
    assert [(one.kind, one.status) for one in found] == [("names", "agree")]


def test_who_notifies_whom_is_looked_at_and_is_no_alternat():
    texts = {"en": "China shall notify the United States.", "zh": "美国应通报中国。"}
    found = compare_wordings(texts, WORDS)
    assert [(one.kind, one.status) for one in found] == [
        ("names", "agree"),
        (ORDER, "not_comparable"),
    ]
    assert [one.value for one in found[-1].values["en"]] == ["PRC", "USA"]
    assert differences(found) == [], "grammar alone may do that; it stops nobody"


def test_each_sides_original_names_it_first_in_every_language():
    text = "China and the United States agree that China shall notify the United States."
    assert original_of(text, "en", NAMES, "PRC") == text
    other = "The United States and China agree that China shall notify the United States."
    assert original_of(text, "en", NAMES, "USA") == other
    assert original_of(other, "en", NAMES, "PRC") == text
    assert original_of(f"Here {text}", "en", NAMES, "USA") == f"Here t{other[1:]}"
    assert original_of("中国和美国商定", "zh", NAMES, "USA") == "美国和中国商定"
    names = {**NAMES, "X": {"en": "Xland", "zh": "某国"}}
    assert original_of("中国、美国和某国", "zh", names, "X") == "某国、中国和美国"


@given(st.sampled_from(["USA", "PRC"]), st.sampled_from(["USA", "PRC"]))
def test_two_originals_compare_as_one(first, second):
    text = {"en": "China and United States keep 500 yards.", "zh": "中国和美国保持500码。"}
    pair = {
        "en": original_of(text["en"], "en", NAMES, first),
        "zh": original_of(text["zh"], "zh", NAMES, second),
    }
    assert all(one.status == "agree" for one in compare_wordings(pair, WORDS))


# --- languages -----------------------------------------------------------------------------------


def test_a_language_that_is_not_read_is_said_to_be_not_comparable():
    found = compare_wordings({"en": ENGLISH, "ru": "500"})
    assert [(one.kind, one.status) for one in found] == [("language", "not_comparable")]
    assert list(found[0].values) == ["ru"]
    three = compare_wordings({"en": ENGLISH, "ru": "500", "zh": CHINESE})
    assert [one.status for one in three] == ["not_comparable", "agree", "agree", "agree"]


def test_three_languages_are_held_to_what_all_say():
    texts = {"en": "500 yards", "zh-Hans": "500码", "zh-Hant": "300碼"}
    found = compare_wordings(texts)
    assert found[0].status == "differ"
    assert [one.written for one in found[0].values["zh-Hant"]] == ["300碼"]


def test_one_language_alone_has_nothing_to_compare():
    assert compare_wordings({"en": ENGLISH}) == []


# --- laws ----------------------------------------------------------------------------------------

ANY = st.text(max_size=120) | st.sampled_from([ENGLISH, CHINESE])


@given(ANY, st.sampled_from(["en", "zh"]))
def test_a_text_compared_with_itself_differs_in_nothing(text, language):
    twice = {language: text, f"{language}-XX": text}
    assert all(one.status == "agree" for one in compare_wordings(twice, WORDS))


@given(ANY, ANY)
def test_comparison_never_raises(first, second):
    compare_wordings({"en": first, "zh": second}, WORDS)


SENTENCES = [
    ("Not more than {} persons take part.", "参加人数不超过{}人。"),
    ("Ships keep {} yards apart.", "舰船相距{}码。"),
    ("An answer is due within {} hours.", "应在{}小时内答复。"),
    ("It is in force for {} years.", "有效期{}年。"),
    ("See Article {} above.", "见前文第{}条。"),
    ("It reaches {} per cent.", "比例达{}%。"),
    ("Aircraft keep {} nautical miles away.", "航空器相距{}海里。"),
]
WRITE = [
    (str, str),
    (english_words, han),
    (str, lambda n: han(n, formal=True)),
    ("{:,}".format, str),
]


@given(
    st.sampled_from(SENTENCES),
    st.sampled_from(WRITE),
    st.integers(2, 900_000),
    st.integers(2, 900_000),
    st.booleans(),
)
def test_every_single_changed_number_is_found_in_either_language(pair, write, old, new, in_english):
    assume(old != new)
    if "years" in pair[0]:
        old, new = old % 900 + 2, new % 900 + 2
        assume(old != new)
    english, chinese = (
        pair[0].format(write[0](old)),
        pair[1].format(write[1](old)),
    )
    assert kinds(english, chinese) == []
    if in_english:
        english = pair[0].format(write[0](new))
    else:
        chinese = pair[1].format(write[1](new))
    assert len(kinds(english, chinese)) == 1


@given(st.dates(), st.dates(), st.booleans(), st.booleans())
def test_every_single_changed_date_is_found_in_either_language(old, new, in_english, in_words):
    assume(old != new)
    assume(old.year >= 1000)
    assume(new.year >= 1000)

    def en(day):
        return f"The text enters into force on {day.day} {day:%B} {day.year} at noon."

    def zh(day):
        if in_words:
            year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(day.year))
            return f"本文本于{year}年{han(day.month)}月{han(day.day)}日正午生效。"
        return f"本文本于{day.year}年{day.month}月{day.day}日正午生效。"

    assert kinds(en(old), zh(old)) == []
    found = kinds(en(new), zh(old)) if in_english else kinds(en(old), zh(new))
    assert found == ["dates"]


@pytest.mark.parametrize(
    ("en", "zh"),
    [
        ("from 0800Z to 1600Z", "自 0800Z 至 1600Z"),
        ("between 0800 and 1600Z", "在0800至1600Z之间"),
        ("at 0800 hours.", "于0800时。"),
    ],
)
def test_a_clock_of_four_digits_in_chinese_is_a_time_and_no_number(en, zh):
    found = compare_wordings({"en": en, "zh-Hans": zh})
    assert {one.status for one in found} == {"agree"}
    assert next(one.kind for one in found) == "times"
    assert kinds(en, zh.replace("0800", "0900")) == ["times"]


def test_a_year_and_a_length_of_four_digits_are_no_clock():
    found = compare_wordings({"en": "2000 metres in the 2000s", "zh": "2000米，2000时代"})
    assert "times" not in [one.kind for one in found]
