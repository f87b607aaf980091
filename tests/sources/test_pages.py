"""The pages of sources: what rests on which passage, and nothing of the text."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommendations.models import Evidence
from sources.models import Source
from sources.overview import entry_count, sections, sources
from tests.factories import make_checkpoint, make_evidence, make_recommendation, make_report, make_section, make_source
from tests.html import fetch, text_of

pytestmark = pytest.mark.django_db


def test_sections_count_each_entry_once_and_passages_come_in_the_order_of_the_text():
    source = make_source(slug="gazette")
    first, second, bare = (make_section(source=source, code=code) for code in ("S 1", "S-1", "S3"))
    one, two, draft = make_recommendation(), make_recommendation(), make_recommendation(state="draft")
    for entry, section, paragraph in [
        (one, first, "¶10"), (one, first, "¶2"), (one, first, "¶2"), (two, first, "b1"), (two, second, "¶1"),
        (draft, first, "¶1"),
    ]:  # fmt: skip
        make_evidence(recommendation=entry, section=section, paragraph=paragraph)
    step = make_checkpoint(section=first, paragraph="¶2")
    parts = sections(source)
    assert [(part.section, part.count) for part in parts] == [(first, 2), (second, 1), (bare, 0)]
    assert [(p.locator, p.entries, p.checkpoints) for p in parts[0].passages] == [
        ("S 1 ¶2", [one], [step]), ("S 1 ¶10", [one], []), ("S 1 b1", [two], []),
    ]  # fmt: skip
    assert entry_count(source) == 2
    assert {row.source.slug: row.count for row in sources()} == {"gazette": 2, "the-source": 2}
    assert len({part.section.anchor for part in parts}) == 3
    page = fetch(Client(), "/sources/gazette/")
    assert {part.section.anchor for part in parts} <= set(page.ids)
    assert [text_of(e) for e in page.all("span", cls="num")] == ["2"]


def test_page_says_what_is_known_and_what_is_not():
    source = make_source(slug="gazette", title_en="Gazette", publisher_en="The printer", note_en="On a note.")
    make_report(source=source, title_en="The report")
    text = fetch(Client(), "/sources/gazette/").main_text
    assert "The text itself is not reproduced here." in text
    assert text.count("not known to us") == 3
    for piece in ("Gazette", "The printer", "On a note.", "The report", "News article"):
        assert piece in text
    Source.objects.update(published_on=dt.date(2026, 1, 2), url="https://example.org/g")
    page = fetch(Client(), "/sources/gazette/")
    assert page.main_text.count("not known to us") == 1
    assert "https://example.org/g" in page.hrefs
    assert page.all("time")[0].get("datetime") == "2026-01-02"


@pytest.mark.usefixtures("content")
def test_page_shows_no_key_phrase():
    page = fetch(Client(), "/sources/ycwb-32/")
    phrases = set(Evidence.objects.values_list("key_phrase", flat=True))
    assert len(phrases) > 30
    assert [phrase for phrase in phrases if len(phrase.split()) > 4 and phrase in page.main_text] == []
    assert [e for tag in ("q", "blockquote", "mark") for e in page.all(tag)] == []


def test_page_costs_the_same_however_many_passages_there_are():
    source = make_source(slug="gazette")

    def cost():
        section = make_section(source=source)
        make_evidence(recommendation=make_recommendation(), section=section)
        make_checkpoint(section=section)
        with CaptureQueriesContext(connection) as queries:
            assert fetch(Client(), "/sources/gazette/").status == 200
        return len(queries)

    few = cost()
    assert [cost() for _ in range(5)][-1] == few


def test_section_made_of_parts_is_not_said_to_be_cited_by_none():
    source = make_source(slug="gazette")
    whole, part, other = (make_section(source=source, code=code) for code in ("S3", "S3.1", "S4"))
    make_evidence(recommendation=make_recommendation(), section=part, paragraph="¶1")
    assert [(p.section, p.count, p.has_parts) for p in sections(source)] == [
        (whole, 0, True), (part, 1, False), (other, 0, False),
    ]  # fmt: skip
    text = fetch(Client(), "/sources/gazette/").main_text
    assert text.count("0 recommendations cite it") == 1
    assert text.count("1 recommendation cites it") == 1


@pytest.mark.parametrize(
    ("prefix", "name", "published"), [("/", "English", "Published"), ("/zh-hans/", "英文", "发布日期")]
)
def test_facts_of_a_source_are_said_in_the_language_of_the_page(prefix, name, published):
    make_source(slug="gazette", language="en")
    page = fetch(Client(), f"{prefix}sources/gazette/")
    facts = dict(zip([text_of(e) for e in page.all("dt")], [text_of(e) for e in page.all("dd")], strict=False))
    assert name in facts.values()
    assert facts[published] == {"/": "not known to us", "/zh-hans/": "不详"}[prefix]
