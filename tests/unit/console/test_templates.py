"""Rules of templates and scripts that no page may break."""

from __future__ import annotations

import re

import pytest

from support.console_sentences import CONSOLE, templates

SCRIPTS = {path.name: path.read_text() for path in sorted((CONSOLE / "static" / "js").glob("*.js"))}
STYLES = {path.name: path.read_text() for path in sorted((CONSOLE / "static").glob("*.css"))}


@pytest.mark.parametrize("name", templates())
def test_a_template_never_turns_escaping_off(name):
    text = templates()[name]

    assert not re.search(r"\|\s*safe\b|autoescape|Markup", text)


@pytest.mark.parametrize("name", templates())
def test_a_template_holds_no_inline_script_style_or_handler(name):
    text = templates()[name]

    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:", text)


@pytest.mark.parametrize("name", templates())
def test_every_form_that_acts_for_an_officer_carries_the_token(name):
    open_forms = ("/sign-in", "/break-glass", "/preferences", "/wall")
    for form in re.findall(
        r'<form[^>]*method="post"[^>]*>.*?</form>', templates()[name], re.DOTALL
    ):
        if not any(f'action="{path}' in form for path in open_forms):
            assert "token()" in form, form[:120]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_makes_no_markup_from_text(name):
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|eval\(|new Function",
        SCRIPTS[name],
    )


@pytest.mark.parametrize("name", [*SCRIPTS, *STYLES])
def test_nothing_is_fetched_from_elsewhere(name):
    text = {**SCRIPTS, **STYLES}[name]

    assert not re.search(r"https?://|//[a-z]+\.[a-z]", text)


@pytest.mark.parametrize("name", templates())
def test_no_button_has_the_ink_of_one_kind_on_the_ground_of_another(name):
    for classes in re.findall(r'<button[^>]*class="([^"{]*)"', templates()[name]):
        assert not {"main", "urgent"} <= set(classes.split()), classes
