"""Joint texts: agreed by article, closed, initialled and signed over all languages at once."""

from __future__ import annotations

import pytest

from parley.core.instants import rfc3339
from parley.desk.catalogue import MOVES
from parley.errors import InvalidFieldsError, MoveNotPermittedError
from support.desk_talk import START, Pair

DAY = 86_400
ONE = {
    "en": "Ships of both sides keep at least 500 yards apart.",
    "zh": "双方舰船应保持至少500码距离。",
}
TWO = {"en": "Each side answers within 48 hours.", "zh": "每一方应在48小时内答复。"}
TITLE = {"en": "Understanding on nets near the pier", "zh": "关于码头附近渔网的谅解"}


class Text(Pair):
    """A tabled text and its case."""

    def __init__(self, *codes, **more):
        super().__init__(None, *codes)
        self.at = START
        fields = {
            "title": TITLE,
            "languages": ["en", "zh"],
            "articles": [{"no": "1", "text": ONE}, {"no": "2", "text": TWO}],
        }
        self.case = self.say("ALFA/OPS", START, "joint_text.table", fields | more)

    def do(self, who, move, **fields):
        self.at += 60
        return self.say(f"{who}/OPS", self.at, f"joint_text.{move}", fields, case=self.case)

    def now(self, at=None):
        return self.row("texts", self.case, at or self.at)

    def article(self, number):
        return next(one for one in self.now()["articles"] if one["no"] == number)

    def agree(self, who, *numbers, move="agree"):
        wanted = numbers or [one["no"] for one in self.now()["articles"]]
        given = [{"no": n, "digest": self.article(n)["digest"]} for n in wanted]
        self.do(who, move, articles=given)

    def each(self, move, **more):
        for who in self.line.codes:
            self.do(who, move, digest=self.now()["digest"], **more)

    def sign(self):
        for who in self.line.codes:
            self.agree(who)
        self.each("close", seen=[])
        self.each("initial", seen=[])
        self.each("sign", power={"en": "full powers", "zh": "全权证书"})


def test_a_text_goes_from_draft_to_force_when_both_have_done_each_step():
    text = Text()
    assert (text.now()["state"], text.now()["version"]) == ("draft", 1)
    text.agree("ALFA", "1")
    assert text.article("1")["status"] == "agreed in part"
    assert text.article("1")["agreed_by"] == ["ALFA"]
    text.sign()
    assert text.now()["state"] == "in force"
    assert text.now()["signed_by"] == ["ALFA", "BRAVO"]


def test_ad_referendum_is_less_than_agreed_and_a_text_does_not_close_on_it():
    text = Text()
    text.agree("ALFA")
    text.agree("BRAVO", move="agree_ad_referendum")
    assert text.article("1")["status"] == "agreed ad referendum"
    with pytest.raises(InvalidFieldsError, match="Not every article is agreed: 1, 2"):
        text.do("ALFA", "close", digest=text.now()["digest"], seen=[])
    text.agree("BRAVO")
    assert text.article("1")["status"] == "agreed"


def test_agreement_is_to_a_digest_of_all_languages_so_one_changed_alone_undoes_it():
    text = Text()
    text.agree("ALFA")
    text.agree("BRAVO")
    changed = {**ONE, "zh": "双方舰船应保持至少300码距离。"}
    text.do("BRAVO", "redraft", articles=[{"no": "1", "text": changed}])
    assert text.article("1")["status"] == "open"
    assert text.article("2")["status"] == "agreed"
    text.do("BRAVO", "redraft", articles=[{"no": "1", "text": ONE}])
    assert text.article("1")["status"] == "agreed", "the very same words again"


def test_agreement_to_a_wording_that_is_no_longer_there_is_refused():
    text = Text()
    old = text.article("1")["digest"]
    text.do("BRAVO", "redraft", articles=[{"no": "1", "text": {**ONE, "en": "Ships keep away."}}])
    with pytest.raises(InvalidFieldsError, match="no longer the one of this digest"):
        text.do("ALFA", "agree", articles=[{"no": "1", "digest": old}])
    with pytest.raises(InvalidFieldsError, match="no article 9"):
        text.do("ALFA", "agree", articles=[{"no": "9", "digest": old}])


def test_a_language_left_out_must_be_named_and_nobody_agrees_to_what_is_not_there():
    with pytest.raises(InvalidFieldsError, match="zh is not given"):
        Text(articles=[{"no": "1", "text": {"en": "Alone."}}])
    with pytest.raises(InvalidFieldsError, match="fr is not one of"):
        Text(articles=[{"no": "1", "text": {**ONE, "fr": "Seul."}}])
    text = Text(articles=[{"no": "1", "text": {"en": "Alone."}, "missing": ["zh"]}])
    assert text.article("1")["missing"] == ["zh"]
    with pytest.raises(InvalidFieldsError, match="zh is not given"):
        text.agree("BRAVO")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"languages": ["en", "en"]}, "named twice"),
        ({"languages": ["en"]}, "at least 2"),
        ({"articles": [{"no": "1", "text": ONE}, {"no": "1", "text": TWO}]}, "1 is named twice"),
        ({"title": {"en": "Alone"}}, "zh is not given"),
        ({"names": [{"party": "ALFA", "name": {"en": "Alfa"}}]}, "zh is not given"),
        ({"prevailing": "ru"}, "ru is not one of"),
        ({"entry": {"on": "date"}}, "needed"),
        ({"entry": {"on": "signature", "at": "2026-05-01"}}, "no such field"),
    ],
)
def test_a_draft_that_does_not_hold_together_is_refused(more, says):
    with pytest.raises(InvalidFieldsError, match=says):
        Text(**more)


def test_brackets_are_counted_by_party_and_stop_agreement():
    text = Text()
    words = {"en": "500 yards", "zh": "500码"}
    text.do("BRAVO", "bracket", no="1", id="b1", words=words, alt={"en": "1 mile", "zh": "1英里"})
    assert text.now()["brackets"] == {"BRAVO": 1}
    assert text.article("1")["status"] == "bracketed"
    with pytest.raises(InvalidFieldsError, match="open brackets"):
        text.agree("ALFA", "1")
    with pytest.raises(InvalidFieldsError, match="is named twice"):
        text.do("ALFA", "bracket", no="1", id="b1", words=words)
    with pytest.raises(InvalidFieldsError, match="do not stand in article 2"):
        text.do("ALFA", "bracket", no="2", id="b2", words=words)
    with pytest.raises(InvalidFieldsError, match="zh is not given"):
        text.do("ALFA", "bracket", no="1", id="b2", words={"en": "Ships"})


def test_a_bracket_is_lifted_by_its_own_party_or_by_taking_what_that_party_offered():
    text = Text()
    words = {"en": "500 yards", "zh": "500码"}
    text.do("BRAVO", "bracket", no="1", id="b1", words=words)
    text.do("ALFA", "alternative", no="1", id="b1", alt={"en": "400 yards", "zh": "400码"})
    for take in ({}, {"take": 1}):
        with pytest.raises(InvalidFieldsError, match="bracket is of BRAVO"):
            text.do("ALFA", "unbracket", no="1", id="b1", **take)
    with pytest.raises(InvalidFieldsError, match="outside 1 to 1"):
        text.do("BRAVO", "unbracket", no="1", id="b1", take=2)
    with pytest.raises(InvalidFieldsError, match="no bracket b9"):
        text.do("BRAVO", "unbracket", no="1", id="b9")
    text.do("BRAVO", "unbracket", no="1", id="b1", take=1)
    taken = {lang: said.replace("500", "400") for lang, said in ONE.items()}
    text2 = Text(articles=[{"no": "1", "text": taken}, {"no": "2", "text": TWO}])
    assert text.article("1")["digest"] == text2.article("1")["digest"], "in both languages"
    assert text.now()["brackets"] == {}


def test_the_other_side_may_take_what_the_bracketing_party_offered():
    text = Text()
    words, alt = {"en": "48", "zh": "48"}, {"en": "72", "zh": "72"}
    text.do("BRAVO", "bracket", no="2", id="b1", words=words, alt=alt)
    text.do("ALFA", "unbracket", no="2", id="b1", take=1)
    assert text.article("2")["status"] == "open"


def test_a_bracket_ends_with_the_words_it_stood_round():
    text = Text()
    text.do("BRAVO", "bracket", no="2", id="b1", words={"en": "48 hours", "zh": "48小时"})
    more = {lang: f"{said} " for lang, said in TWO.items()}
    text.do("ALFA", "redraft", articles=[{"no": "2", "text": more}])
    assert text.now()["brackets"] == {"BRAVO": 1}, "the words still stand there"
    new = {"en": "Each side answers soon.", "zh": "每一方应尽快答复。"}
    text.do("ALFA", "redraft", articles=[{"no": "2", "text": new}])
    assert text.now()["brackets"] == {}


def test_a_struck_article_is_deleted_once_both_agree_to_that():
    text = Text()
    text.do("ALFA", "strike", no="2")
    text.agree("ALFA", "2")
    text.agree("BRAVO", "2")
    assert text.article("2")["status"] == "deleted"
    assert [one["no"] for one in text.now()["articles"]] == ["1", "2"], "numbers stay"


def test_new_articles_come_after_the_one_named_and_annexes_have_their_own_numbers():
    text = Text(annexes=[{"no": "1", "text": TWO}])
    new = [{"no": "1 bis", "text": TWO}, {"no": "1 ter", "text": TWO}]
    text.do("BRAVO", "redraft", after="1", articles=new)
    numbers = [one["no"] for one in text.now()["articles"]]
    assert numbers == ["1", "1 bis", "1 ter", "2", "annex 1"]
    with pytest.raises(InvalidFieldsError, match="no article 7"):
        text.do("BRAVO", "redraft", after="7", articles=[{"no": "8", "text": TWO}])
    with pytest.raises(InvalidFieldsError, match="needed"):
        text.do("BRAVO", "redraft", after="1")


def test_a_change_after_initials_makes_a_new_version_and_the_initials_do_not_carry():
    text = Text()
    for who in text.line.codes:
        text.agree(who)
    text.each("close", seen=[])
    text.each("initial", seen=[])
    assert text.now()["initialled_by"] == ["ALFA", "BRAVO"]
    text.do("BRAVO", "redraft", terms=[{"id": "ship", "words": {"en": "ship", "zh": "舰船"}}])
    now = text.now()
    assert (now["state"], now["version"], now["terms"]) == ("draft", 2, 1)
    assert now["initialled_by"] == []
    assert text.article("1")["status"] == "agreed", "the article itself is as it was"


def test_what_is_closed_initialled_or_signed_is_the_whole_in_all_languages():
    text = Text()
    for who in text.line.codes:
        text.agree(who)
    with pytest.raises(InvalidFieldsError, match="no longer the one"):
        text.do("ALFA", "close", digest="0" * 64, seen=[])
    text.do("ALFA", "close", digest=text.now()["digest"], seen=[])
    assert text.now()["state"] == "closing"
    with pytest.raises(MoveNotPermittedError):
        text.do("ALFA", "initial", digest=text.now()["digest"], seen=[])
    with pytest.raises(MoveNotPermittedError):
        text.do("ALFA", "close", digest=text.now()["digest"], seen=[])


def test_the_digest_is_of_every_part_that_is_signed():
    base = Text().now()["digest"]
    names = [{"party": "ALFA", "name": {"en": "Alfa", "zh": "甲国"}}]
    others = [
        Text(prevailing="en"),
        Text(entry="notification"),
        Text(names=names),
        Text(kind="glossary"),
        Text(title={**TITLE, "zh": "关于渔网的谅解"}),
        Text(languages=["zh", "en"]),
        Text(annexes=[{"no": "1", "text": TWO}]),
    ]
    assert len({base, *(one.now()["digest"] for one in others)}) == len(others) + 1


def test_three_parties_all_have_to_agree_and_initial():
    text = Text("ALFA", "BRAVO", "CHARLIE")
    text.agree("ALFA")
    text.agree("BRAVO")
    assert text.article("1")["status"] == "agreed in part"
    text.sign()
    assert text.now()["state"] == "in force"


def test_on_a_date_it_is_signed_before_and_in_force_from_that_day():
    text = Text(entry={"on": "date", "at": rfc3339(START + 30 * DAY)[:10]})
    text.sign()
    assert text.now()["state"] == "signed"
    assert text.now(START + 30 * DAY)["state"] == "in force"
    with pytest.raises(InvalidFieldsError, match="not in force"):
        text.do("ALFA", "suspend")
    with pytest.raises(InvalidFieldsError, match="by notification"):
        text.do("ALFA", "notify")


def test_by_notification_it_waits_for_both():
    text = Text(entry="notification")
    text.sign()
    text.do("ALFA", "notify")
    assert text.now()["state"] == "notifying"
    text.do("BRAVO", "notify")
    assert text.now()["state"] == "in force"


def test_suspended_whole_or_by_article_resumed_amended_and_ended():
    text = Text()
    text.sign()
    text.do("ALFA", "suspend_articles", articles=["2"])
    assert (text.now()["state"], text.now()["suspended_articles"]) == ("in force", ["2"])
    with pytest.raises(InvalidFieldsError, match="no article 5"):
        text.do("ALFA", "suspend_articles", articles=["5"])
    text.do("BRAVO", "suspend", **{"from": rfc3339(START + DAY)})
    assert text.now()["state"] == "suspended"
    text.do("ALFA", "resume")
    text.do("BRAVO", "amend", by_text=text.name(text.case))
    assert text.now()["state"] == "amended"
    text.do("ALFA", "end")
    assert text.now()["state"] == "ended"
    with pytest.raises(MoveNotPermittedError):
        text.do("ALFA", "redraft", articles=[{"no": "1", "text": TWO}])


def test_two_who_initial_at_once_have_both_initialled():
    text = Text()
    for who in text.line.codes:
        text.agree(who)
    text.each("close", seen=[])
    text.line.cut = {(0, 1), (1, 0)}
    digest = text.now()["digest"]
    text.do("ALFA", "initial", digest=digest, seen=[])
    text.line.cut = set()
    text.do("BRAVO", "initial", digest=digest, seen=[])
    assert text.now()["state"] == "initialled"


# --- the languages side by side --------------------------------------------------------------------

WRONG = {**ONE, "zh": "双方舰船应保持至少300码距离。"}


def compared(text):
    return {one.field: one for one in text.registers(text.at).comparison(text.case)}


def test_the_languages_are_compared_by_article_and_a_difference_shows_in_the_register():
    text = Text(articles=[{"no": "1", "text": WRONG}, {"no": "2", "text": TWO}])
    found = compared(text)
    assert {name: one.status for name, one in found.items()} == {
        "1.distances": "differ",
        "2.durations": "agree",
    }
    assert found["1.distances"].values == {
        "en": [{"written": "500 yards", "value": "457.2 m", "at": 34}],
        "zh": [{"written": "300码", "value": "274.32 m", "at": 9}],
    }
    assert text.now()["differs"] == ["1.distances"]


def test_a_difference_stops_who_closes_or_initials_until_each_says_that_it_has_seen_it():
    text = Text(articles=[{"no": "1", "text": WRONG}])
    for who in text.line.codes:
        text.agree(who)
    with pytest.raises(InvalidFieldsError, match=r"differ in 1\.distances"):
        text.do("ALFA", "close", digest=text.now()["digest"], seen=[])
    text.each("close", seen=["1.distances"])
    with pytest.raises(InvalidFieldsError, match=r"differ in 1\.distances"):
        text.do("ALFA", "initial", digest=text.now()["digest"], seen=[])
    text.each("initial", seen=["1.distances"])
    assert text.now()["seen"] == {"ALFA": ["1.distances"], "BRAVO": ["1.distances"]}


def test_what_the_other_side_did_not_say_it_has_seen_undoes_nothing_in_the_record():
    """The rules of comparison grow; an act of the past stays what it was."""
    text = Text(articles=[{"no": "1", "text": WRONG}])
    for who in text.line.codes:
        text.agree(who)
    digest = text.now()["digest"]
    text.do("ALFA", "close", digest=digest, seen=["1.distances"])
    case, end = text.case, text.at + 60
    move = MOVES["joint_text.close"]
    cautious, careless = move.cautions, ()
    object.__setattr__(move, "cautions", careless)
    try:
        text.say("BRAVO/OPS", end, "joint_text.close", {"digest": digest, "seen": []}, case=case)
    finally:
        object.__setattr__(move, "cautions", cautious)
    assert text.now(end)["state"] == "closed"


def test_terms_of_the_agreed_glossary_are_looked_for_in_the_text():
    text = Text()
    terms = [{"id": "side", "words": {"en": "Each side", "zh": "每一方"}}]
    glossary = text.say(
        "ALFA/OPS", text.at, "joint_text.table",
        {"title": TITLE, "languages": ["en", "zh"], "articles": [], "terms": terms,
         "kind": "glossary"},
    )  # fmt: skip
    second = Text.__new__(Text)
    second.__dict__ = dict(text.__dict__)
    second.case = text.say(
        "ALFA/OPS", text.at + 60, "joint_text.table",
        {"title": TITLE, "languages": ["en", "zh"], "glossary": text.name(glossary),
         "articles": [{"no": "2", "text": {**TWO, "zh": "各方应在48小时内答复。"}}]},
    )  # fmt: skip
    second.at += 60
    found = compared(second)
    assert found["2.terms"].status == "only_one_side"
    assert found["2.terms"].side == "en"


def test_names_come_from_the_text_and_the_alternat_is_no_difference():
    names = [
        {"party": "ALFA", "name": {"en": "Alfaland", "zh": "甲国"}},
        {"party": "BRAVO", "name": {"en": "Bravoland", "zh": "乙国"}},
    ]
    said = {"en": "Alfaland and Bravoland shall meet.", "zh": "乙国和甲国应会晤。"}
    text = Text(names=names, articles=[{"no": "1", "text": said}])
    assert {name: one.status for name, one in compared(text).items()} == {"1.names": "agree"}


# --- languages of entries --------------------------------------------------------------------------


def said(text, language, status="authentic"):
    return {"lang": language, "status": status, "text": text}


def test_an_entry_with_texts_in_two_languages_is_compared_where_it_stands():
    pair = Pair()
    texts = [said("Call at 15:35.", "en"), said("请于15时53分通话。", "zh", "courtesy")]
    fields = {"subject": {"en": "Call"}, "answer_wanted": "none", "text": texts}
    case = pair.say("ALFA/OPS", START, "message.send", fields)
    (found,) = pair.registers(START).comparison(case)
    assert (found.field, found.status) == (f"{pair.name(case)}.times", "differ")


def translated(original, translation, **more):
    pair = Pair()
    fields = {"subject": {"en": "Nets"}, "answer_wanted": "none", "text": [said(original, "en")]}
    case = pair.say("ALFA/OPS", START, "message.send", fields)
    offer = {
        "of": pair.name(case), "lang": "zh", "status": "courtesy",
        "text": [said(translation, "zh", "courtesy")], **more,
    }  # fmt: skip
    return pair, pair.say("BRAVO/OPS", START + 60, "translation.offer", offer)


def test_a_translation_is_compared_with_the_entry_it_translates():
    pair, case = translated("Keep 500 yards from 19 June 2023.", "自2023年6月19日起保持300码。")
    found = {
        one.field.partition(".")[2]: one for one in pair.registers(START + 60).comparison(case)
    }
    assert {name: one.status for name, one in found.items()} == {
        "dates": "agree",
        "distances": "differ",
    }
    new = {"status": "working", "text": [said("自2023年6月19日起保持500码。", "zh", "working")]}
    pair.say("BRAVO/OPS", START + 120, "translation.replace", new, case=case)
    found = pair.registers(START + 120).comparison(case)
    assert {one.status for one in found} == {"agree"}


def test_a_translation_without_text_or_into_the_same_language_has_nothing_to_compare():
    pair, case = translated("Keep 500 yards.", "保持300码。", lang="fr")
    assert pair.registers(START + 60).comparison(case) == ()
    pair, case = translated("Keep 500 yards.", "保持300码。", lang="en")
    assert pair.registers(START + 60).comparison(case) == ()


def test_the_text_as_it_stands_is_given_in_the_original_of_either_side():
    names = [
        {"party": "ALFA", "name": {"en": "Alfaland", "zh": "甲国"}},
        {"party": "BRAVO", "name": {"en": "Bravoland", "zh": "乙国"}},
    ]
    text = {"en": "Alfaland and Bravoland shall meet.", "zh": "甲国和乙国应会晤。"}
    case = Text(names=names, articles=[{"no": "1", "text": text}, {"no": "2", "text": TWO}])
    case.do("ALFA", "strike", no="2")
    words = {"en": "shall meet", "zh": "应会晤"}
    case.do(
        "BRAVO", "bracket", no="1", id="b1", words=words, alt={"en": "may meet", "zh": "可会晤"}
    )
    ours, theirs = (case.registers(case.at).passages(case.case, side) for side in case.line.codes)
    assert [(one.number, one.status) for one in ours] == [
        ("title", ""),
        ("1", "bracketed"),
        ("2", "open"),
    ]
    assert ours[1].texts == text
    assert theirs[1].texts == {
        "en": "Bravoland and Alfaland shall meet.",
        "zh": "乙国和甲国应会晤。",
    }
    assert theirs[2].texts == {}
    (bracket,) = ours[1].brackets
    assert (bracket["by"], bracket["words"]) == ("BRAVO", words)
    assert bracket["alternatives"] == [{"by": "BRAVO", "words": {"en": "may meet", "zh": "可会晤"}}]


def test_a_case_of_another_procedure_has_no_text_of_its_own():
    pair = Pair()
    case = pair.say("ALFA/OPS", START, "message.send",
                    {"subject": {"en": "Nets"}, "answer_wanted": "none", "text": [said("x", "en")]})  # fmt: skip
    assert pair.registers(START).passages(case, "ALFA") == ()
