"""The Markdown twin of an entry: all that the page says, and no text taken for markup."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from markdown_it import MarkdownIt

from recommendations.markdown import escaped, one_line
from tests.factories import make_checkpoint, make_evidence, make_recommendation, make_term, make_update
from tests.html import fetch

pytestmark = pytest.mark.django_db

HOSTILE = (
    "- no list", "+ a", "1. one", "2) two", "Title\n---", "Title\n===", "    code", "a\n\tb", "> q", "# h", "```\nx",
    "~~~\nx", "*a* _b_ `c`", "[a](b)", "<b>", "&amp; R&D", "a | b\n--|--", "\\", "http://a.b/c_d_e",
    "one\n\n- two\r\n3. x  \ny",
)  # fmt: skip


def twin(path: str) -> str:
    response = Client().get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "text/markdown; charset=utf-8")
    return response.content.decode()


def shown(markdown: str) -> str:
    """What a reader of ``markdown`` sees, in one line."""
    return " ".join(unescape(re.sub("<[^>]*>", " ", MarkdownIt().render(markdown))).split())


def test_twin_is_in_the_language_of_its_address_and_of_what_is_public_only():
    make_recommendation(slug="one", title_en="A *star*", title_zh_hans="一", problem_en="Why.")
    make_recommendation(slug="hidden", state="draft")
    said = twin("/recommendations/one.md")
    assert "A \\*star\\*" in said
    assert "## Problem\n\nWhy." in said
    assert "<http://testserver/recommendations/one/>" in said
    assert "一" in twin("/zh-hans/recommendations/one.md")
    assert Client().get("/recommendations/hidden.md").status_code == 404
    assert 'href="/recommendations/one.md"' in fetch(Client(), "/recommendations/one/").html


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_twin_says_what_the_page_says(language):
    root, suffix = ("", "en") if language == "en" else ("/zh-hans", "zh_hans")
    term = make_term(label_zh_hans="词")
    entry, other = (make_recommendation(slug=slug, terms=[term], measure_en="Count.") for slug in ("one", "two"))
    entry.related.set([other])
    evidence = make_evidence(recommendation=entry, note_en="On page [two]", note_zh_hans="见第[二]页")
    step = make_checkpoint(summary_en="In short.", summary_zh_hans="简言之。", key_phrase="soon to come")
    step.recommendations.add(entry)
    update = make_update(entries=[entry], status="adopted", summary_en="Heard.", summary_zh_hans="听。", locator="p. 3")
    page, said = fetch(Client(), f"{root}/recommendations/one/"), shown(twin(f"{root}/recommendations/one.md"))
    wanted = [getattr(thing, f"{name}_{suffix}") for thing in (step, update) for name in ("title", "summary")]
    wanted += [getattr(evidence, f"note_{suffix}"), getattr(other, f"title_{suffix}"), getattr(term, f"label_{suffix}")]
    wanted += ["soon to come", "p. 3", evidence.section.source.title_en if language == "en" else ""]
    wanted += {
        "en": ["Adopted", "it was accepted", "It is not a target", "both: ", "Same pillar", "version 1"],
        "zh-hans": ["已采纳", "并非来源", "同属一个方向", "版本"],
    }[language]
    for words in wanted:
        assert words in page.main_text, words
        assert words in said, words
    version = next(dd for dt, dd in zip(page.all("dt"), page.all("dd"), strict=True) if dt.text in {"Version", "版本"})
    assert re.search(rf"(Version: |版本：){version.text} ", said)


@pytest.mark.parametrize("given", HOSTILE)
def test_no_text_becomes_markup(given):
    lines = [line.strip() for line in given.splitlines() if line.strip()]
    html = MarkdownIt("gfm-like", {"linkify": False}).render(escaped(given))
    assert set(re.findall(r"</?(\w+)", html)) == {"p"}
    assert [line for line in unescape(re.sub("<.*?>", "", html)).splitlines() if line] == lines
    within = MarkdownIt().render(f"- {one_line(given)}")
    assert set(re.findall(r"</?(\w+)", within)) == {"ul", "li"}
