"""Plain functions that make one thing each, complete and valid; say only what the test is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import count
from typing import Any

from django.contrib.auth.models import User

from cities.models import Area, City, Membership, Region
from pillars.models import Pillar, Report
from progress.actions import refresh_status
from progress.models import Checkpoint, Update, UpdateEffect
from recommendations import actions, derive
from recommendations.models import CityLink, Evidence, Import, ImportRow, Recommendation
from sources.models import Source, SourceSection
from themes.models import GlossaryEntry, Term, Vocabulary, WordGroup

#: When everything happens that a test gives no moment for.
MOMENT = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)

_numbers = count(1)


def moment(days: int) -> dt.datetime:
    """So many days after ``MOMENT``."""
    return MOMENT + dt.timedelta(days=days)


def make_user(**overrides: Any) -> User:
    fields = {"username": f"user-{next(_numbers)}", "password": "pass-word-1"} | overrides
    return User.objects.create_user(**fields)


def make_staff(**overrides: Any) -> User:
    return make_user(is_staff=True, **overrides)


def make_report(**overrides: Any) -> Report:
    n = next(_numbers)
    fields = {
        "slug": f"report-{n}",
        "title_en": f"Report {n}",
        "title_zh_hans": f"报告{n}",
        "body_en": "A committee",
        "body_zh_hans": "某委员会",
    } | overrides
    return Report.objects.create(**fields)


def the_report() -> Report:
    """The report that things belong to where a test names none."""
    return Report.objects.filter(slug="the-report").first() or make_report(slug="the-report")


def make_pillar(**overrides: Any) -> Pillar:
    n = next(_numbers)
    report = overrides.pop("report", None) or the_report()
    fields = {
        "report": report,
        "number": Pillar.objects.filter(report=report).count() + 1,
        "slug": f"pillar-{n}",
        "name_en": f"Pillar {n} in full",
        "name_zh_hans": f"支柱{n}全称",
        "short_name_en": f"Pillar {n}",
        "short_name_zh_hans": f"支柱{n}",
    } | overrides
    return Pillar.objects.create(**fields)


def the_pillar(report: Report) -> Pillar:
    """The first pillar of ``report``."""
    return report.pillars.in_order().first() or make_pillar(report=report)


def make_region(**overrides: Any) -> Region:
    n = next(_numbers)
    fields = {"slug": f"region-{n}", "name_en": f"Region {n}", "name_zh_hans": f"地区{n}"} | overrides
    return Region.objects.create(**fields)


def make_city(**overrides: Any) -> City:
    n = next(_numbers)
    fields = {"slug": f"city-{n}", "name_en": f"Town {n}", "name_zh_hans": f"城{n}"} | overrides
    fields.setdefault("region", Region.objects.order_by("pk").first() or make_region())
    return City.objects.create(**fields)


def make_area(*, members: Iterable[City] = (), **overrides: Any) -> Area:
    """An area with ``members`` in full."""
    n = next(_numbers)
    fields = {
        "slug": f"area-{n}",
        "kind": Area.Kind.METROPOLITAN_AREA,
        "name_en": f"Area {n}",
        "name_zh_hans": f"都市圈{n}",
    } | overrides
    area = Area.objects.create(**fields)
    for city in members:
        make_membership(area=area, city=city)
    return area


def make_membership(*, area: Area, city: City, **overrides: Any) -> Membership:
    fields = {"role": Membership.Role.MEMBER, "extent": Membership.Extent.FULL} | overrides
    return Membership.objects.create(area=area, city=city, **fields)


def make_vocabulary(**overrides: Any) -> Vocabulary:
    n = next(_numbers)
    fields = {
        "slug": f"vocabulary-{n}",
        "position": n,
        "name_en": f"Vocabulary {n}",
        "name_zh_hans": f"词表{n}",
    } | overrides
    return Vocabulary.objects.create(**fields)


def make_term(**overrides: Any) -> Term:
    n = next(_numbers)
    fields = {"slug": f"term-{n}", "label_en": f"Term {n}", "label_zh_hans": f"词{n}"} | overrides
    if "vocabulary" not in fields:
        fields["vocabulary"] = make_vocabulary()
    return Term.objects.create(**fields)


def make_word_group(words: str = "quay\nwharf", **overrides: Any) -> WordGroup:
    """Words that mean the same, one a line."""
    return WordGroup.objects.create(**{"slug": f"words-{next(_numbers)}", "words": words, **overrides})


def make_glossary_entry(**overrides: Any) -> GlossaryEntry:
    n = next(_numbers)
    fields = {
        "slug": f"word-{n}",
        "term_en": f"Word {n}",
        "term_zh_hans": f"术语{n}",
        "definition_en": "What it means.",
        "definition_zh_hans": "它的意思。",
    } | overrides
    return GlossaryEntry.objects.create(**fields)


def make_source(**overrides: Any) -> Source:
    n = next(_numbers)
    fields = {
        "slug": f"source-{n}",
        "kind": Source.Kind.NEWS_ARTICLE,
        "title_en": f"Source {n}",
        "title_zh_hans": f"来源{n}",
        "language": "en",
    } | overrides
    return Source.objects.create(**fields)


def make_section(**overrides: Any) -> SourceSection:
    n = next(_numbers)
    fields = {"code": f"S{n}", "title_en": f"Section {n}", "title_zh_hans": f"第{n}节"} | overrides
    if "source" not in fields:
        fields["source"] = Source.objects.filter(slug="the-source").first() or make_source(slug="the-source")
    return SourceSection.objects.create(**fields)


def the_section() -> SourceSection:
    """The section that is cited where a test names none."""
    return SourceSection.objects.filter(source__slug="the-source").in_order().first() or make_section()


def make_evidence(*, recommendation: Recommendation, **overrides: Any) -> Evidence:
    fields = {
        "paragraph": "¶1",
        "key_phrase": f"a phrase that says {next(_numbers)}",
        "supports": recommendation.basis,
        "note_en": "Says so.",
        "note_zh_hans": "如此说。",
        "position": recommendation.evidence.count() + 1,
    } | overrides
    if "section" not in fields:
        fields["section"] = the_section()
    return Evidence.objects.create(recommendation=recommendation, **fields)


def make_link(*, recommendation: Recommendation, city: City, **overrides: Any) -> CityLink:
    return CityLink.objects.create(recommendation=recommendation, city=city, **{"basis": "named"} | overrides)


def make_recommendation(
    *,
    state: str = "published",
    terms: Iterable[Term] = (),
    cities: Iterable[City] = (),
    related: Iterable[Recommendation] = (),
    at: dt.datetime = MOMENT,
    **overrides: Any,
) -> Recommendation:
    """An entry with one piece of evidence, come to ``state`` by the road entries take; ``cities`` are named."""
    n = next(_numbers)
    report = overrides.pop("report", None) or the_report()
    fields = {
        "report": report,
        "number": actions.next_number(report_id=report.pk),
        "slug": f"entry-{n}",
        "title_en": f"Entry {n}",
        "title_zh_hans": f"条目{n}",
        "summary_en": "What it comes to.",
        "summary_zh_hans": "要点。",
        "basis": "stated",
        "reach": "city",
        "created_at": at,
    } | overrides
    fields.setdefault("pillar", None)
    fields["pillar"] = fields["pillar"] or the_pillar(report)
    entry = Recommendation.objects.create(**fields)
    entry.terms.set(terms)
    entry.related.set(related)
    make_evidence(recommendation=entry)
    for city in cities:
        make_link(recommendation=entry, city=city)
    if state in {"published", "archived"}:
        actions.publish(entry=entry, at=at)
    else:
        actions.keep_draft(entry=entry, at=at, for_review=state == "in-review")
    if state == "archived":
        actions.archive(entry=entry, at=at)
    return entry


def make_entries(rows: Iterable[dict[str, Any]]) -> list[Recommendation]:
    """Many public entries at once, without evidence and versions: numbers from 1, slugs ``n0``, ``n1`` …"""
    report = the_report()
    common = {"report": report, "state": "published", "published_at": MOMENT, "changed_at": MOMENT}
    made = []
    for n, row in enumerate(rows):
        names = {"title_en": f"Entry {n}", "title_zh_hans": f"条目{n}", "summary_en": "Sum.", "summary_zh_hans": "要。"}
        fields = common | names | {"number": n + 1, "slug": f"n{n}", "basis": "stated", "reach": "city"} | row
        fields.setdefault("pillar", the_pillar(report))
        made.append(Recommendation(**fields))
    Recommendation.objects.bulk_create(made)
    derive.refresh()
    return made


def make_working_copy(entry: Recommendation, **changes: Any) -> Recommendation:
    """A pending edit of ``entry`` that says ``changes``."""
    copy = actions.start_working_copy(entry=entry)
    Recommendation.objects.filter(pk=copy.pk).update(**changes)
    copy.refresh_from_db()
    return copy


def refresh_all() -> None:
    """Derive everything anew, as a change of memberships or names does."""
    derive.refresh()


def make_checkpoint(**overrides: Any) -> Checkpoint:
    n = next(_numbers)
    fields = {
        "slug": f"checkpoint-{n}",
        "position": n,
        "kind": Checkpoint.Kind.PLANNING,
        "state": Checkpoint.State.UPCOMING,
        "title_en": f"Step {n}",
        "title_zh_hans": f"步骤{n}",
        "paragraph": "¶1",
        "key_phrase": "comes next",
    } | overrides
    if "section" not in fields:
        fields["section"] = the_section()
    return Checkpoint.objects.create(**fields)


def make_update(*, entries: Iterable[Recommendation] = (), status: str = "", **overrides: Any) -> Update:
    """A published update that leaves each of ``entries`` in ``status``, which follows at once."""
    n = next(_numbers)
    fields = {
        "slug": f"update-{n}",
        "happened_on": MOMENT.date(),
        "title_en": f"Update {n}",
        "title_zh_hans": f"进展{n}",
        "locator": "¶1",
        "is_published": True,
        "recorded_at": MOMENT,
    } | overrides
    if "source" not in fields:
        fields["source"] = the_section().source
    update = Update.objects.create(**fields)
    for entry in entries:
        UpdateEffect.objects.create(update=update, recommendation=entry, status=status)
    refresh_status()
    return update


def make_import(**overrides: Any) -> Import:
    """A spreadsheet on its way in, of one row that says nothing yet."""
    n = next(_numbers)
    fields = {
        "file_name": f"sheet-{n}.csv",
        "kind": "csv",
        "size": 1,
        "digest": "0" * 64,
        "created_at": MOMENT,
        "expires_at": moment(3),
    } | overrides
    return Import.objects.create(**fields)


def make_import_row(**overrides: Any) -> ImportRow:
    fields = {"line": next(_numbers), "cells": {}} | overrides
    fields.setdefault("sheet", None)
    fields["sheet"] = fields["sheet"] or make_import()
    return ImportRow.objects.create(**fields)
