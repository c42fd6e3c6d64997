"""Terms of joint texts: agreed once all have signed, before that on the way, after that gone."""

from __future__ import annotations

from parley.desk.terms import agreed_terms
from unit.desk.test_joint_text import Text

WORDS = {"en": "safe distance", "zh": "安全距离"}


def found(text):
    return [
        (term.code, term.standing, dict(term.words), term.parties, term.case)
        for term in agreed_terms(text.registers(text.at))
    ]


def test_a_term_is_proposed_then_agreed_when_all_have_signed_and_gone_with_its_text():
    text = Text(kind="glossary", terms=[{"id": "safe-distance", "words": WORDS}])
    number = text.registers(text.at).case(text.case).number

    def standing(word):
        return [("safe-distance", word, WORDS, ("ALFA", "BRAVO"), number)]

    assert found(text) == standing("proposed")
    for who in ("ALFA", "BRAVO"):
        text.agree(who)
    text.each("close", seen=[])
    text.do("ALFA", "initial", digest=text.now()["digest"], seen=[])
    assert found(text) == standing("initialled")
    text.do("BRAVO", "initial", digest=text.now()["digest"], seen=[])
    text.each("sign", power={"en": "full powers", "zh": "全权证书"})
    assert found(text) == standing("agreed")


def test_terms_of_a_text_that_was_given_up_are_no_terms():
    text = Text(terms=[{"id": "safe-distance", "words": WORDS}])
    text.do("ALFA", "give_up")
    assert found(text) == []
