"""Citations: what each form says, whose words it says they are, and that no title breaks a file."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import translation

from common.slugs import remember_slug
from recommendations import citations
from recommendations.models import EntryVersion, Recommendation
from tests.factories import make_pillar, make_recommendation, make_report, make_term
from tests.html import fetch, text_of

pytestmark = pytest.mark.django_db

ADDRESS = "https://example.org/recommendations/harbour/"
READ_ON = dt.date(2026, 3, 4)


@pytest.fixture
def harbour():
    report = make_report(title_en="The Report", title_zh_hans="报告", body_en="The Body", body_zh_hans="机构")
    entry = make_recommendation(
        slug="harbour",
        number=7,
        report=report,
        pillar=make_pillar(report=report),
        title_en="Deepen 100% of the_harbour & {dock} #1 for $5 ~ \\ ^",
        title_zh_hans="加深港口",
        summary_en="Ships\r\ndraw more.\nER  - ",
        reviewed_on=dt.date(2026, 1, 2),
        terms=[make_term(label_en="Dredging")],
    )
    return Recommendation.objects.for_list().get(pk=entry.pk)


def version_of(entry):
    return EntryVersion.objects.filter(entry=entry).public_now().get()


def test_bibtex_escapes_what_it_would_take_for_a_command(harbour):
    text = citations.bibtex(harbour, version_of(harbour), ADDRESS)
    title = (
        r"Deepen 100\% of the\_harbour \& \{dock\} \#1 for \$5 \textasciitilde{} \textbackslash{} \textasciicircum{}"
    )
    assert text.startswith("@misc{guangdong-32-harbour,\n  author = {{Guangdong 32}},\n")
    assert f"  title = {{{{{title}}}}},\n" in text
    assert "  year = {2026},\n  month = jan,\n}\n" in text
    assert f"  url = {{{ADDRESS}}}," in text
    for words in (
        "An editorial reading of “The Report” (The Body)",
        "basis: stated",
        "version 1",
        "reviewed 2026-01-02",
    ):
        assert words in text
    assert "author = {{The Body" not in text
    with translation.override("zh-hans"):
        chinese = citations.bibtex(harbour, None, ADDRESS)
    assert "title = {{加深港口}}" in chinese
    assert "language = {chinese}" in chinese


def test_ris_keeps_one_field_a_line(harbour):
    lines = citations.ris(harbour, version_of(harbour), ADDRESS).split("\r\n")
    assert lines[:3] == ["TY  - ELEC", "AU  - Guangdong 32", f"TI  - {harbour.title_en}"]
    assert lines[-2:] == ["ER  - ", ""]
    assert lines.count("ER  - ") == 1
    assert "AB  - Ships draw more. ER -" in lines
    assert {"PY  - 2026", "DA  - 2026/01/05/", "ET  - 1", "KW  - Dredging", "LA  - en", f"UR  - {ADDRESS}"} <= set(
        lines
    )
    assert all(line[2:6] == "  - " for line in lines[:-1])


def test_styles_in_words_name_site_date_kind_and_address(harbour):
    version = version_of(harbour)
    apa = citations.apa(harbour, version, ADDRESS)
    assert apa.startswith("Guangdong 32. (2026, January 5). Deepen 100%")
    assert "(Recommendation 7, Version 1) [An editorial reading of" in apa
    assert apa.endswith(f". {ADDRESS}")
    gbt = citations.gbt(harbour, version, ADDRESS, read_on=READ_ON)
    assert r"\ ^: An editorial reading of" in gbt
    assert gbt.endswith(f"reviewed 2026-01-02[EB/OL]. (2026-01-05)[2026-03-04]. {ADDRESS}.")
    assert apa.casefold().count("version 1") == 1
    with translation.override("zh-hans"):
        assert "加深港口 (建议7，第1版) [对《报告》" in citations.apa(harbour, version, ADDRESS)
    harbour.changed_at = None
    assert "(n.d.)" in citations.apa(harbour, None, ADDRESS)
    assert "2026-01-05" not in citations.gbt(harbour, None, ADDRESS, read_on=READ_ON)


def test_citation_has_the_day_of_the_last_change_and_not_that_of_loading(harbour):
    """Content loaded on a new machine was not written there: the day must be the one its page gives."""
    version = version_of(harbour)
    version.public_from = harbour.changed_at + dt.timedelta(days=40)
    assert citations.dated_on(harbour, version) == dt.date(2026, 1, 5)
    harbour.changed_at = None
    assert citations.dated_on(harbour, version) == dt.date(2026, 2, 14)


@pytest.mark.parametrize(("kind", "start"), [("bib", "@misc{"), ("ris", "TY  - ELEC\r\n")])
def test_files_are_for_public_entries_and_page_shows_the_same(harbour, kind, start):
    response = Client().get(f"/zh-hans/recommendations/harbour/cite.{kind}")
    text = response.content.decode()
    assert text.startswith(start)
    assert "加深港口" in text
    assert "http://testserver/zh-hans/recommendations/harbour/" in text
    assert response["Content-Disposition"] == f'attachment; filename="harbour.{kind}"'
    page = fetch(Client(), "/zh-hans/recommendations/harbour/")
    assert text_of(page.by_id(f"cite-{kind}")) == " ".join(text.split())
    remember_slug(instance=harbour, former="old")
    assert Client().get(f"/recommendations/old/cite.{kind}")["Location"] == f"/recommendations/harbour/cite.{kind}"
    make_recommendation(slug="hidden", state="draft")
    assert Client().get(f"/recommendations/hidden/cite.{kind}").status_code == 404
