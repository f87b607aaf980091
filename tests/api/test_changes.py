"""A copy kept by ``changes`` alone is what the list answers, whatever was edited."""

from __future__ import annotations

import json
import secrets
from random import Random
from threading import Thread

import pytest
from django.db import connection
from django.test import Client

from api import entries, resting
from api import lists as other_lists
from cities.models import Area, City, Membership, Region
from common import changes
from common.models import ContentChange, ContentVersion
from pillars.models import Pillar, Report
from progress.models import Checkpoint, Update
from recommendations import actions
from recommendations.index.keeping import keeper
from recommendations.models import Coverage, Evidence, Recommendation
from recommendations.models.entry import TEXTS
from recommendations.snapshot import TEXT_COLUMNS
from sources.models import Source, SourceSection
from tests.api.asking import ITEMS, ask, refused, whole
from tests.factories import (
    make_area,
    make_checkpoint,
    make_city,
    make_glossary_entry,
    make_link,
    make_pillar,
    make_recommendation,
    make_report,
    make_section,
    make_term,
    make_update,
    make_vocabulary,
    make_word_group,
    make_working_copy,
    moment,
)
from themes.models import GlossaryEntry, Term, Vocabulary

pytestmark = pytest.mark.django_db(transaction=True)


#: The lists beside that of the recommendations.
OTHERS = tuple(name for name in ITEMS if name != "recommendations")


def told(name):
    """What the list ``name`` says, all on one page."""
    answer = ask(f"{name}/", lang="both", per_page=100)
    assert answer["next"] is None
    return answer


class Mirror:
    """A copy of everything, kept as the documentation says; with ``others`` the other lists too."""

    def __init__(self, size=100, others=()):
        self.size, self.others = size, others
        self.resets = 0
        self.start()

    def start(self):
        self.resets += 1
        self.version = ask("changes/")["version"]
        self.items = {item["id"]: item for item in whole("recommendations/", lang="both")}
        #: The other lists as copied, and as they are.
        self.lists = self.fresh = {name: told(name) for name in self.others}

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
                self.fresh = {name: told(name) for name in self.others}
                self.lists = self.lists | {name: self.fresh[name] for name in answer["lists"] if name in self.fresh}
                return pages
            answer, pages = ask(answer["next"]), pages + 1
        self.start()
        return pages

    def is_exact(self):
        items = {item["id"]: item for item in whole("recommendations/", lang="both", per_page=100)}
        return (self.items, self.lists) == (items, self.fresh)


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


def ways(random, entries):
    """A change of every kind, by whatever road; what each is made to is drawn when it is made."""

    def entry():
        return Recommendation.objects.get(pk=random.choice(entries).pk)

    def update(model, *, of=None, **values):
        def way():
            pks = list((model.objects.order_by("pk") if of is None else of).values_list("pk", flat=True))
            drawn = {name: value() if callable(value) else value for name, value in values.items()}
            model.objects.filter(pk=random.choice(pks)).update(**drawn)

        return way

    def name():
        return f"name-{random.randrange(10**9)}"

    def others():
        return random.sample(entries, 2)

    terms, cities = list(Term.objects.order_by("pk")), list(City.objects.order_by("pk"))
    readable, passages = Recommendation.objects.entries().in_order(), Evidence.objects.order_by("pk")
    checkpoint = Checkpoint.objects.get()
    return [
        *(update(Recommendation, of=readable, **{field: name}) for field in ("title_en", "slug")),
        lambda: Recommendation.objects.filter(pk=entry().pk).update(number=random.randrange(500, 10**6)),
        lambda: Recommendation.objects.filter(pk=entry().pk).update(state="archived"),
        lambda: actions.archive(entry=one, at=moment(5)) if (one := entry()).is_public else None,
        lambda: actions.publish(entry=entry(), at=moment(6)),
        lambda: entries.append(make_recommendation(report=entry().report)),
        lambda: entry().delete(),
        lambda: entry().terms.set(random.sample(terms, 2)),
        lambda: entry().related.set(others()),
        lambda: Coverage.objects.filter(recommendation=entry()).delete(),
        lambda: make_link(recommendation=make_recommendation(), city=random.choice(cities)),
        lambda: Evidence.objects.filter(recommendation=entry()).update(note_en=name()),
        lambda: Evidence.objects.filter(recommendation=entry()).update(section=make_section()),
        lambda: passages.filter(recommendation=entry()).delete(),
        lambda: make_update(entries=[entry()], status="adopted"),
        update(Update, of=Update.objects.order_by("pk"), is_published=False),
        *(update(model, slug=name) for model in (City, Area, Term, Vocabulary, Source, Pillar, Report, Checkpoint)),
        *(update(model, name_en=name) for model in (City, Area, Region, Vocabulary, Pillar)),
        update(Term, label_zh_hans=name),
        update(Report, title_en=name),
        update(GlossaryEntry, term_en=name),
        update(SourceSection, code="S9"),
        update(Vocabulary, position=0),
        update(Region, is_outside=True),
        update(Membership, extent="partial"),
        lambda: Membership.objects.order_by("pk").last().delete(),
        lambda: cities[0].neighbours.add(cities[1]),
        lambda: checkpoint.recommendations.set(others()),
        lambda: Checkpoint.objects.update(title_en=name()),
        *(make_city, make_term, make_vocabulary, make_glossary_entry, make_pillar, make_report, make_word_group),
        lambda: GlossaryEntry.objects.order_by("pk").last().delete(),
        lambda: make_working_copy(make_recommendation(), title_en=name()),
        lambda: make_recommendation(state="draft"),
    ]


@pytest.mark.parametrize("number", [5, pytest.param(1000, marks=pytest.mark.long)])
def test_a_mirror_of_everything_stays_exact_under_edits_of_every_kind(number):
    """A few kinds, others each time, or all of them; what the other lists say is compared after each."""
    seed = secrets.randbits(32)
    random = Random(seed)  # noqa: S311 - made-up edits, the same for the same seed
    cities, terms = [make_city() for _ in range(3)], [make_term() for _ in range(4)]
    entries = [make_recommendation(terms=terms[:2], cities=cities[:1]) for _ in range(9)]
    make_area(members=cities[:2])
    make_glossary_entry(), make_glossary_entry()
    make_checkpoint().recommendations.set(entries[:3])
    make_update(entries=entries[:2], status="implemented")
    mirror = Mirror(others=OTHERS)
    todo = ways(random, entries)
    for place in random.sample(range(len(todo)), min(number, len(todo))):
        entries[:] = Recommendation.objects.entries().in_order()
        ways(random, entries)[place]()
        mirror.follow()
        assert mirror.is_exact(), (seed, place)
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


def restore(state):
    """Have the database stand where it stood at ``state``, as far as who follows it can see."""
    ContentChange.objects.filter(version__gt=state.number).delete()
    ContentVersion.objects.update(number=state.number, mark=state.mark)


def test_a_restored_database_is_noticed_though_its_number_is_passed_again():
    entry, other = make_recommendation(title_en="Kept"), make_recommendation()
    early, state = Mirror(), changes.current()
    path, client = "/recommendations/export.csv", Client()
    Recommendation.objects.filter(pk=entry.pk).update(title_en="Lost")
    late, number = Mirror(), changes.current().number
    etag = client.get(path)["ETag"]
    assert "Lost" in client.get("/recommendations/").content.decode()
    Recommendation.objects.filter(pk=entry.pk).update(title_en="Kept")
    restore(state)
    while changes.current().number < number:
        Recommendation.objects.filter(pk=other.pk).update(title_en="Edited")
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 200
    assert "Lost" not in client.get("/recommendations/").content.decode()
    for _time in range(2):
        assert ask("changes/", since=late.version)["is_reset"]
        Recommendation.objects.filter(pk=other.pk).update(title_en="Again")
    for mirror, resets in ((early, 1), (late, 2)):
        mirror.follow()
        assert mirror.is_exact()
        assert mirror.resets == resets
    changes.begin_epoch()
    begun = Mirror()
    Recommendation.objects.filter(pk=other.pk).update(title_en="Afterwards")
    begun.follow()
    assert begun.is_exact()
    assert begun.resets == 1


@pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="the test database on SQLite is in memory: nobody writes beside it"
)
@pytest.mark.parametrize("indexed", [True, False])
def test_an_answer_is_of_one_state_whoever_writes_meanwhile(monkeypatch, indexed):
    for _ in range(3):
        make_recommendation(terms=[make_term()])
    if not indexed:
        monkeypatch.setattr(keeper, "current", lambda: None)

    def write():
        Recommendation.objects.in_order().first().delete()
        make_term()
        connection.close()

    def interrupted(function):
        def after_a_write(*args, **kwargs):
            writer = Thread(target=write)
            writer.start()
            writer.join()
            return function(*args, **kwargs)

        return after_a_write

    monkeypatch.setattr(entries, "facets", interrupted(entries.facets))
    monkeypatch.setattr(other_lists, "Teller", interrupted(other_lists.Teller))
    for left in (3, 2):
        answer = ask("recommendations/")
        (pillars,) = (facet["values"] for facet in answer["facets"] if facet["name"] == "pillar")
        assert {answer["count"], len(answer["results"]), sum(value["count"] for value in pillars)} == {left}
    number = Term.objects.count()
    answer = ask("terms/", per_page=100)
    assert answer["count"] == len(answer["results"]) == number == Term.objects.count() - 1


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
