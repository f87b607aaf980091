"""Glossary words in running text: which are found, and how they are explained in place."""

from __future__ import annotations

from threading import Thread

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from common.translation import Text
from tests.factories import make_checkpoint, make_evidence, make_glossary_entry, make_pillar, make_recommendation
from tests.html import fetch, text_of
from themes.gloss import Glossary, Matcher
from themes.models import GlossaryEntry

pytestmark = pytest.mark.django_db


def word(term_en, term_zh_hans="", **more):
    return GlossaryEntry(term_en=term_en, term_zh_hans=term_zh_hans, **more)


def found(text, *words, language="en"):
    return [match[0] for match, _entry in Matcher(words, language).found(text)]


def test_english_words_are_found_whole_in_any_case_and_with_a_plural_s():
    words = [word("data silo"), word("Producer services"), word("CPPCC")]
    text = "Data  silos and a DATA\nSILO; producer services; CPPCC's, (cppcc), but no metadata silo, silos or CPPCCX."
    assert found(text, *words) == ["Data  silos", "DATA\nSILO", "producer services", "CPPCC", "cppcc"]
    assert found("five-year planning, non-data silo, data silo-like", *words, word("five-year plan")) == []
    assert found("anything at all", word("")) == []


def test_longest_word_that_fits_is_taken():
    words = [word("area"), word("Metropolitan area"), word("core city"), word("c++ (new)")]
    assert found("A metropolitan area is an area. C++ (new)", *words) == ["metropolitan area", "area", "C++ (new)"]


def test_chinese_words_are_found_anywhere_the_longest_first():
    words = [word("a", "政协"), word("b", "都市"), word("c", "都市圈")]
    assert found("广东省政协研究都市圈与都市", *words, language="zh-hans") == ["政协", "都市圈", "都市"]
    assert found("a 政协", *words, language="en") == ["a"]


def test_each_word_is_explained_once_however_many_texts_a_page_has():
    entry, other = make_glossary_entry(term_en="Sandbox"), make_glossary_entry(term_en="Data")
    glossary = Glossary()
    assert list(glossary.pieces("A sandbox, a sandbox.", "en")) == [
        ("A ", None), ("sandbox", entry), (", a sandbox.", None),
    ]  # fmt: skip
    assert list(glossary.pieces("Sandbox data", "en")) == [("Sandbox ", None), ("data", other), ("", None)]
    assert list(Glossary().pieces("sandbox", "en"))[1] == ("sandbox", entry)


def render(source, rf=None, **values):
    from django.template import RequestContext

    template = Template("{% load glossary %}" + source)
    return template.render(RequestContext(rf.get("/"), values) if rf else Context(values))


def test_text_and_explanation_are_escaped_and_stay_in_one_paragraph():
    make_glossary_entry(term_en="R&D", slug="r-d", definition_en="Makes <b>new</b>\n\nthings & more.")
    html = render("{% glossed text paragraphs=True %}", text="<script> & R&D\nline\n\nnext")
    assert html.startswith("<p>&lt;script&gt; &amp; <span")
    assert html.count("<p>") == html.count("</p>") == 2
    assert html.count("<br>") == 1
    assert '<button type="button" class="gloss" popovertarget="gloss-r-d">R&amp;D</button>' in html
    assert "Makes &lt;b&gt;new&lt;/b&gt; things &amp; more." in html
    assert '<a href="/glossary/#word-r-d">' in html
    assert render("{% glossed text %}", text="plain & simple") == "plain &amp; simple"


def test_text_in_the_other_language_is_explained_in_the_readers_own():
    make_glossary_entry(term_en="Cluster", term_zh_hans="城市群", definition_en="Cities.", definition_zh_hans="")
    html = render("{% glossed text %}", text=Text("建设城市群", "zh-hans", is_fallback=True))
    assert ">城市群</button>" in html
    assert 'popover lang="en"' in html
    with translation.override("zh-hans"):
        html = render("{% glossed text %}", text="建设城市群")
    assert 'popover lang="' not in html
    assert '<span lang="en">Cities.</span>' in html


def test_answers_given_at_the_same_time_do_not_share_what_they_explained(rf):
    make_glossary_entry(term_en="Sandbox")
    entries = list(GlossaryEntry.objects.all())
    counts = []

    def answer():
        glossary = Glossary()
        glossary.__dict__["entries"] = entries  # threads of a test see another database
        counts.append(sum(1 for _ in range(200) for _text, hit in glossary.pieces("sandbox", "en") if hit))

    threads = [Thread(target=answer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [1, 1, 1, 1]
    for _answer in range(2):
        html = render("{% glossed text %}{% glossed text %}", rf, text="Sandbox")
        assert html.count('class="gloss"') == 1


@pytest.mark.parametrize("prefix", ["/", "/zh-hans/"])
def test_page_explains_the_first_use_in_prose_and_leaves_headings_links_and_phrases_alone(prefix):
    make_glossary_entry(term_en="Sandbox", term_zh_hans="沙盒", slug="sandbox")
    pillar = make_pillar(slug="one", name_en="Sandbox", name_zh_hans="沙盒", question_en="Why a sandbox?")
    type(pillar).objects.update(question_zh_hans="为何设沙盒？", summary_en="Sandbox.", summary_zh_hans="沙盒。")
    entry = make_recommendation(
        slug="one", pillar=pillar, title_en="Sandbox", title_zh_hans="沙盒", summary_en="Sum.",
        problem_en="No sandbox.", problem_zh_hans="没有沙盒。", action_en="A sandbox.", action_zh_hans="设沙盒。",
    )  # fmt: skip
    make_evidence(recommendation=entry, key_phrase="the sandbox")
    make_checkpoint(title_en="Sandbox", summary_en="Sandbox.", summary_zh_hans="沙盒。").recommendations.set([entry])
    for path, holder in (("recommendations/one/", "div"), ("pillars/one/", "p"), ("progress/", "div")):
        page = fetch(Client(), f"{prefix}{path}")
        buttons = page.all("button", cls="gloss")
        assert [text_of(b).lower() for b in buttons] == ["sandbox" if prefix == "/" else "沙盒"], path
        assert [e for e in page.by_id("main").iter(holder) if buttons[0] in e.iter()]
        for tag in ("a", "h1", "h2", "h3", "h4", "q", "blockquote", "mark"):
            assert not [e for e in page.all(tag) if buttons[0] in list(e.iter())], (path, tag)
        assert page.by_id("gloss-sandbox").get("popover") == ""
