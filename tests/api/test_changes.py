"""A copy kept by ``changes`` alone is what the list answers, whatever was edited."""

from __future__ import annotations

import json
from random import Random

import pytest
from django.test import Client

from api import resting
from cities.models import City
from common import changes
from pillars.models import Pillar
from progress.models import Update
from recommendations import actions
from recommendations.models import Evidence, Recommendation
from recommendations.models.entry import TEXTS
from recommendations.snapshot import TEXT_COLUMNS
from sources.models import Source
from tests.api.asking import ask, refused, whole
from tests.factories import (
    make_city,
    make_link,
    make_recommendation,
    make_term,
    make_update,
    make_working_copy,
    moment,
)
from themes.models import Term

pytestmark = pytest.mark.django_db(transaction=True)


class Mirror:
    """A copy of the published recommendations, kept as the documentation says."""

    def __init__(self, size=100):
        self.size = size
        self.resets = 0
        self.start()

    def start(self):
        self.resets += 1
        self.version = ask("changes/")["version"]
        self.items = {item["id"]: item for item in whole("recommendations/", lang="both")}

    def follow(self):
        """Read what is new; how many pages that took."""
        answer = ask("changes/", since=self.version, lang="both", per_page=self.size)
        pages = 1
        while not answer["is_reset"]:
            self.items |= {item["id"]: item for item in answer["changed"]}
            for gone in answer["deleted"]:
                self.items.pop(gone, None)
            if not answer["next"]:
                self.version = answer["version"]
                return pages
            answer, pages = ask(answer["next"]), pages + 1
        self.start()
        return pages

    def is_exact(self):
        return self.items == {item["id"]: item for item in whole("recommendations/", lang="both", per_page=100)}


SAID = ("number", "report", "basis", "reach", "status", "reviewed_on")


def in_the_export():
    """Slug → what the file of everything says of it, as far as a copy has it too."""
    lines = b"".join(Client().get("/recommendations/export.jsonl").streaming_content).decode().splitlines()
    rows = [row for row in map(json.loads, lines) if "slug" in row]  # without entries, a line says what the file is
    return {row["slug"]: [row[name] for name in (*SAID, *TEXT_COLUMNS)] for row in rows}


def in_the_copy(mirror):
    """The same of a copy."""
    found = {}
    for item in mirror.items.values():
        texts = [item[name][tag] for name in TEXTS for tag in ("en", "zh-Hans")]
        found[item["slug"]] = [item[name] for name in SAID] + texts
    return found


def edit(random, entries, cities, terms, sources):
    """One change of the kind editors make, by whatever road."""
    entry = random.choice(entries)
    entry.refresh_from_db()
    ways = [
        lambda: Recommendation.objects.filter(pk=entry.pk).update(title_en=f"Title {random.random()}"),
        lambda: entry.terms.set(random.sample(terms, 2)),
        lambda: entry.related.set(random.sample(entries, 2)),
        lambda: Evidence.objects.filter(recommendation=entry).update(note_en=f"Note {random.random()}"),
        lambda: entry.city_links.exists() or make_link(recommendation=entry, city=random.choice(cities)),
        lambda: Recommendation.objects.filter(pk=entry.pk).update(slug=f"slug-{random.randrange(10**9)}"),
        lambda: actions.archive(entry=entry, at=moment(5)) if entry.is_public else None,
        lambda: actions.publish(entry=entry, at=moment(6)),
        lambda: entries.append(make_recommendation(report=entry.report)),
        lambda: City.objects.filter(pk=random.choice(cities).pk).update(name_en=f"City {random.random()}"),
        lambda: Term.objects.filter(pk=random.choice(terms).pk).update(slug=f"term-{random.randrange(10**9)}"),
        lambda: Pillar.objects.filter(pk=entry.pillar_id).update(name_zh_hans=f"支柱{random.random()}"),
        lambda: Source.objects.filter(pk=random.choice(sources).pk).update(slug=f"source-{random.randrange(10**9)}"),
        lambda: make_city() and make_term(),
        lambda: entries.remove(entry) or entry.delete() if len(entries) > 6 else None,
    ]
    random.choice(ways)()


@pytest.mark.parametrize(("seed", "edits"), [(1, 25), pytest.param(2, 100, marks=pytest.mark.long)])
def test_a_mirror_stays_exact_under_random_edits(seed, edits):
    random = Random(seed)  # noqa: S311 - made-up edits, the same for the same seed
    cities, terms = [make_city() for _ in range(3)], [make_term() for _ in range(4)]
    entries = [make_recommendation(terms=terms[:2], cities=cities[:1]) for _ in range(8)]
    sources = list(Source.objects.all())
    mirror = Mirror()
    for _ in range(edits):
        edit(random, entries, cities, terms, sources)
        mirror.follow()
        assert mirror.is_exact()
    assert mirror.resets == 1
    assert len(in_the_export()) > 4
    assert in_the_copy(mirror) == in_the_export()


def test_many_changes_come_page_by_page():
    entries = [make_recommendation() for _ in range(7)]
    mirror = Mirror(size=2)
    assert mirror.follow() == 1
    for entry in entries[:5]:
        Recommendation.objects.filter(pk=entry.pk).update(title_en="Changed")
    entries[0].delete()
    assert mirror.follow() == 3
    assert mirror.is_exact()
    assert mirror.resets == 1
    page = ask("changes/", since=mirror.version, per_page=2)
    assert (page["changed"], page["deleted"], page["next"]) == ([], [], None)


def test_pending_edits_and_drafts_are_no_news():
    entry, draft = make_recommendation(), make_recommendation(state="draft")
    mirror = Mirror()
    make_working_copy(entry, title_en="Not yet")
    Recommendation.objects.filter(pk=draft.pk).update(title_en="Nor this")
    answer = ask("changes/", since=mirror.version)
    assert answer["deleted"] == []
    assert {item["title"] for item in answer["changed"]} <= {entry.title_en}
    assert mirror.is_exact()


def test_what_was_published_past_the_actions_is_deleted_all_the_same():
    entry = make_recommendation()
    mirror = Mirror()
    mirror.follow()
    entry.versions.all().delete()
    Recommendation.objects.filter(pk=entry.pk).update(state="draft")
    mirror.follow()
    assert in_the_copy(mirror) == in_the_export()


def test_a_change_of_what_entries_rest_on_tells_those_and_the_lists():
    city, term = make_city(), make_term()
    one, two = make_recommendation(cities=[city]), make_recommendation(terms=[term])
    update = make_update(entries=[two])
    changed = [
        (lambda: City.objects.filter(pk=city.pk).update(name_zh_hans="新名"), {one.pk}, ["areas", "cities"]),
        (lambda: Term.objects.filter(pk=term.pk).update(slug="now"), {two.pk}, ["terms", "vocabularies"]),
        (lambda: Update.objects.filter(pk=update.pk).update(title_en="Heard"), {two.pk}, []),
        (lambda: Source.objects.update(title_en="Read"), {one.pk, two.pk}, ["checkpoints", "reports", "sources"]),
        (make_city, set(), ["areas", "cities"]),
    ]
    for change, ids, lists in changed:
        mirror = Mirror()
        change()
        answer = ask("changes/", since=mirror.version)
        assert (answer["is_reset"], {item["id"] for item in answer["changed"]}, answer["lists"]) == (False, ids, lists)
        mirror.follow()
        assert mirror.is_exact()
        assert mirror.resets == 1


def test_what_cannot_be_told_one_by_one_starts_a_copy_anew(monkeypatch):
    city = make_city()
    for _ in range(3):
        make_recommendation(cities=[city])
    mirror = Mirror()
    City.objects.update(name_en="Renamed")
    monkeypatch.setattr(resting, "MOST", 2)
    assert ask("changes/", since=mirror.version)["is_reset"] is True
    monkeypatch.undo()
    mirror.follow()
    with changes.one_for_all():
        City.objects.update(name_en="Loaded")
    mirror.follow()
    assert mirror.resets == 2
    assert mirror.is_exact()


def test_every_table_that_entries_rest_on_says_what_follows():
    resting_on = {table.name for model in changes.content_models() if not (table := changes.table_of(model)).entries}
    assert resting_on == set(resting.TABLES)


def test_a_version_or_a_cursor_that_is_none_is_refused():
    make_recommendation()
    version = ask("changes/")["version"]
    assert "is not a version" in refused("changes/", since="yesterday")["errors"][0]
    assert refused("changes/", since=version, cursor="x")["type"].endswith("#bad-cursor")
    other = f"{'0' * 32}.5"
    assert ask("changes/", since=other) == ask("changes/")
