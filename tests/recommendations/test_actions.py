"""Every road an entry takes to its readers: whole, or not at all."""

from __future__ import annotations

import pytest

from common.slugs import current_slugs
from recommendations import actions, derive
from recommendations.actions import NotReady
from recommendations.models import Coverage, EntryVersion, Recommendation, SearchText
from recommendations.snapshot import snapshot
from tests.factories import (
    MOMENT,
    make_city,
    make_evidence,
    make_recommendation,
    make_report,
    make_staff,
    make_term,
    make_working_copy,
    moment,
)

pytestmark = pytest.mark.django_db


def history(entry):
    rows = EntryVersion.objects.filter(entry=entry).order_by("number")
    return list(rows.values_list("number", "state", "public_from", "public_until"))


def stored(entry):
    return Recommendation.objects.get(pk=entry.pk)


class Failure(Exception):
    pass


@pytest.fixture
def failing(monkeypatch):
    """Makes the last step of an action fail."""

    def fail(**_kwargs):
        raise Failure

    return lambda: monkeypatch.setattr(actions, "record_version", fail)


# Publishing


def test_published_draft_is_public_found_and_has_a_version():
    city, author = make_city(), make_staff()
    entry = make_recommendation(state="draft", title_en="Harbour", cities=[city])
    assert not Recommendation.objects.published().exists()
    public = actions.publish(entry=entry, author=author, reason="ready", at=moment(1))
    assert public == entry
    assert list(Recommendation.objects.published()) == [entry]
    assert (stored(entry).published_at, stored(entry).changed_at) == (moment(1), moment(1))
    assert history(entry) == [(1, "draft", None, None), (2, "published", moment(1), None)]
    version = entry.versions.get(number=2)
    assert (version.author, version.reason, version.created_at) == (author, "ready", moment(1))
    assert version.document == snapshot(entry)
    assert Coverage.objects.get(recommendation=entry).city == city
    assert "harbour" in SearchText.objects.get(pk=entry.pk).title


def test_publishing_again_ends_the_version_before_and_keeps_the_first_moment():
    entry = make_recommendation(title_en="First", at=MOMENT)
    entry.title_en = "Second"
    actions.publish(entry=entry, at=moment(2))
    assert history(entry) == [(1, "published", MOMENT, moment(2)), (2, "published", moment(2), None)]
    first, second = entry.versions.order_by("number")
    assert (first.base, second.base) == (None, first)
    assert first.document["texts"]["title_en"] == "First"
    assert second.document["texts"]["title_en"] == "Second"
    assert (stored(entry).published_at, stored(entry).changed_at) == (MOMENT, moment(2))
    assert list(EntryVersion.objects.public_now()) == [second]
    assert set(EntryVersion.objects.ever_public()) == {first, second}


def test_clock_that_went_back_makes_no_version_end_before_it_began():
    entry = make_recommendation(at=MOMENT)
    actions.publish(entry=entry, at=moment(-1))
    assert history(entry)[0] == (1, "published", MOMENT, MOMENT)
    actions.archive(entry=entry, at=moment(-2))
    assert history(entry)[1] == (2, "published", moment(-1), moment(-1))


@pytest.mark.parametrize("column", ["title_en", "title_zh_hans", "summary_en", "summary_zh_hans"])
@pytest.mark.parametrize("blank", ["", "  \n"])
def test_entry_without_a_needed_text_is_not_published(column, blank):
    entry = make_recommendation(state="draft", **{column: blank})
    with pytest.raises(NotReady) as refused:
        actions.publish(entry=entry, at=moment(1))
    assert len(refused.value.missing) == 1
    assert column.split("_")[0] in str(refused.value)
    assert stored(entry).state == "draft"
    assert history(entry) == [(1, "draft", None, None)]


def test_entry_without_anything_is_told_everything_it_lacks():
    report = make_report()
    entry = Recommendation.objects.create(
        report=report, number=1, slug="empty", pillar=make_recommendation(report=report, number=2).pillar
    )
    with pytest.raises(NotReady) as refused:
        actions.publish(entry=entry, at=MOMENT)
    assert [str(line) for line in refused.value.missing] == [
        "a title in English",
        "a title in Chinese",
        "a summary in English",
        "a summary in Chinese",
        "one piece of evidence with its source and locator",
    ]
    assert (stored(entry).state, stored(entry).published_at) == ("draft", None)
    assert history(entry) == []


def test_copy_that_is_not_ready_leaves_the_public_entry_alone():
    entry = make_recommendation(title_en="Public")
    copy = make_working_copy(entry, title_en="")
    with pytest.raises(NotReady):
        actions.publish(entry=copy, at=moment(1))
    assert stored(entry).title_en == "Public"
    assert Recommendation.objects.filter(pk=copy.pk).exists()
    assert len(history(entry)) == 1


def test_publishing_that_fails_at_its_last_step_leaves_nothing_half_done(failing):
    entry = make_recommendation(title_en="Public", cities=[make_city()])
    copy = make_working_copy(entry, title_en="Pending")
    copy.city_links.all().delete()
    before, coverage = snapshot(stored(entry)), list(Coverage.objects.values())
    failing()
    with pytest.raises(Failure):
        actions.publish(entry=stored(copy), at=moment(1))
    assert snapshot(stored(entry)) == before
    assert stored(copy).title_en == "Pending"
    assert list(Coverage.objects.values()) == coverage
    assert "public" in SearchText.objects.get(pk=entry.pk).title
    assert stored(entry).changed_at == MOMENT
    assert len(history(entry)) == 1


# Drafts


def test_kept_draft_has_a_version_that_readers_never_saw():
    entry = make_recommendation(state="draft")
    entry.title_en = "Second thoughts"
    entry.save()
    version = actions.keep_draft(entry=entry, at=moment(1), reason="reworded", for_review=True)
    assert stored(entry).state == "in-review"
    assert history(entry) == [(1, "draft", None, None), (2, "in-review", None, None)]
    assert version.document["texts"]["title_en"] == "Second thoughts"
    assert version.base is None
    assert "second" in SearchText.objects.get(pk=entry.pk).title
    assert not Recommendation.objects.published().exists()
    actions.keep_draft(entry=entry, at=moment(2))
    assert stored(entry).state == "draft"


def test_archived_entry_is_edited_and_stays_archived():
    entry = make_recommendation(state="archived")
    actions.keep_draft(entry=entry, at=moment(1), for_review=True)
    assert stored(entry).state == "archived"
    assert history(entry)[-1] == (3, "archived", None, None)


def test_published_entry_is_not_kept_as_a_draft():
    entry = make_recommendation()
    with pytest.raises(ValueError, match="working copy"):
        actions.keep_draft(entry=entry, at=moment(1))
    assert stored(entry).state == "published"
    assert len(history(entry)) == 1


# Working copies


def test_working_copy_says_the_same_without_a_name_of_its_own():
    entry = make_recommendation(terms=[make_term()], cities=[make_city()], related=[make_recommendation()])
    copy = actions.start_working_copy(entry=entry)
    assert (copy.slug, copy.number, copy.state, copy.working_copy_of) == (None, None, "draft", entry)
    assert snapshot(copy) == snapshot(entry)
    assert copy not in Recommendation.objects.published()
    assert copy not in Recommendation.objects.entries()
    assert actions.start_working_copy(entry=entry) == copy
    assert actions.start_working_copy(entry=copy) == copy
    assert Recommendation.objects.filter(working_copy_of=entry).count() == 1


@pytest.mark.parametrize("state", ["draft", "in-review", "archived"])
def test_only_a_published_entry_has_a_working_copy(state):
    entry = make_recommendation(state=state)
    with pytest.raises(ValueError, match="only a published entry"):
        actions.start_working_copy(entry=entry)
    assert not Recommendation.objects.filter(working_copy_of=entry).exists()


def test_pending_edit_is_not_seen_until_it_is_published():
    old, new = make_city(), make_city()
    entry = make_recommendation(slug="entry", number=5, title_en="Public", cities=[old], at=MOMENT)
    copy = make_working_copy(entry, title_en="Pending", basis="inferred")
    copy.city_links.update(city=new)
    make_evidence(recommendation=copy, key_phrase="a second proof")
    actions.keep_draft(entry=copy, at=moment(1), for_review=True)

    assert stored(entry).title_en == "Public"
    assert [row.city for row in entry.coverage.all()] == [old]
    assert history(entry) == [(1, "published", MOMENT, None), (2, "in-review", None, None)]
    assert entry.versions.get(number=2).base.number == 1

    public = actions.publish(entry=stored(copy), at=moment(2))
    assert public == entry
    entry = stored(entry)
    assert (entry.slug, entry.number, entry.title_en, entry.basis) == ("entry", 5, "Pending", "inferred")
    assert [row.city for row in entry.coverage.all()] == [new]
    assert entry.evidence.count() == 2
    assert not Recommendation.objects.filter(working_copy_of__isnull=False).exists()
    assert (entry.published_at, entry.changed_at) == (MOMENT, moment(2))
    assert history(entry) == [
        (1, "published", MOMENT, moment(2)),
        (2, "in-review", None, None),
        (3, "published", moment(2), None),
    ]
    assert entry.versions.get(number=3).document == entry.versions.get(number=2).document


def test_discarded_copy_leaves_the_entry_and_stays_in_its_history():
    entry = make_recommendation(title_en="Public")
    copy = make_working_copy(entry, title_en="Dropped")
    author = make_staff()
    actions.discard_working_copy(copy=copy, author=author, at=moment(1))
    assert not Recommendation.objects.filter(working_copy_of=entry).exists()
    assert stored(entry).title_en == "Public"
    last = entry.versions.get(number=2)
    assert (last.reason, last.author, last.public_from) == ("discarded", author, None)
    assert last.document["texts"]["title_en"] == "Dropped"


def test_entry_itself_is_not_discarded():
    entry = make_recommendation()
    with pytest.raises(ValueError, match="not a working copy"):
        actions.discard_working_copy(copy=entry, at=moment(1))
    assert stored(entry).state == "published"


def test_document_is_left_as_a_pending_edit():
    entry = make_recommendation(title_en="Public")
    document = snapshot(entry)
    document["texts"] = document["texts"] | {"title_en": "Imported"}
    copy = actions.keep_as_working_copy(entry=entry, document=document, at=moment(1), reason="import", for_review=True)
    assert (copy.working_copy_of, stored(copy).state, stored(copy).title_en) == (entry, "in-review", "Imported")
    assert stored(entry).title_en == "Public"
    assert entry.versions.get(number=2).reason == "import"
    with pytest.raises(ValueError, match="a working copy is pending"):
        actions.keep_as_working_copy(entry=entry, document=document, at=moment(2))
    assert len(history(entry)) == 2


# Archiving


def test_archived_entry_is_gone_for_readers_and_keeps_its_history():
    entry = make_recommendation(at=MOMENT)
    actions.archive(entry=entry, at=moment(3), reason="superseded")
    assert entry not in Recommendation.objects.published()
    assert entry in Recommendation.objects.entries()
    assert history(entry) == [(1, "published", MOMENT, moment(3)), (2, "archived", None, None)]
    assert stored(entry).changed_at == moment(3)
    assert not EntryVersion.objects.public_now().exists()


def test_archived_entry_can_be_published_again():
    entry = make_recommendation(state="archived", at=MOMENT)
    actions.publish(entry=entry, at=moment(4))
    assert entry in Recommendation.objects.published()
    assert history(entry)[-1] == (3, "published", moment(4), None)
    assert stored(entry).published_at == MOMENT


def test_entry_with_a_pending_edit_is_not_archived():
    entry = make_recommendation()
    make_working_copy(entry)
    with pytest.raises(ValueError, match="a working copy is pending"):
        actions.archive(entry=entry, at=moment(1))
    assert stored(entry).state == "published"
    assert len(history(entry)) == 1


def test_archiving_that_fails_leaves_the_entry_public(failing):
    entry = make_recommendation()
    failing()
    with pytest.raises(Failure):
        actions.archive(entry=entry, at=moment(1))
    assert stored(entry).state == "published"
    assert EntryVersion.objects.public_now().count() == 1


# Names


def test_next_number_follows_the_last_of_the_report():
    report, other = make_report(), make_report()
    assert actions.next_number(report_id=report.pk) == 1
    make_recommendation(report=report, number=41)
    make_recommendation(report=other, number=99)
    assert actions.next_number(report_id=report.pk) == 42


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Lower the bar", "lower-the-bar"),
        ("Taken", "report-7"),
        ("Export", "report-7"),
        ("", "report-7"),
        ("数据", "report-7"),
        ("x" * 150, "x" * 100),
        ("a" * 99 + " b", "a" * 99),
    ],
)
def test_slug_is_made_of_the_title_where_that_is_free(title, slug):
    make_recommendation(slug="taken")
    assert actions.free_slug(title=title, report_slug="report", number=7) == slug


def test_renamed_entry_is_remembered_under_its_former_slug():
    entry = make_recommendation(slug="after")
    actions.rename(entry=entry, former="before")
    assert current_slugs(Recommendation, ["before", "after"]) == {"before": "after"}


def test_held_entry_is_the_original():
    entry = make_recommendation()
    copy = make_working_copy(entry)
    assert actions.hold(entry_id=entry.pk) == actions.hold(entry_id=copy.pk) == entry
    assert actions.hold(entry_id=entry.pk + 1000) is None


# Content that came by another road


def test_adopted_entries_have_what_others_have_and_once_only():
    entry = make_recommendation(cities=[make_city()])
    draft = make_recommendation(state="draft")
    EntryVersion.objects.all().delete()
    Coverage.objects.all().delete()
    assert actions.adopt(at=moment(1)) == 2
    assert history(entry) == [(1, "published", entry.changed_at, None)]  # since it says what it says
    assert history(draft) == [(1, "draft", None, None)]
    assert entry.versions.get().reason == "loaded"
    assert Coverage.objects.count() == 1
    assert actions.adopt(at=moment(2)) == 0
    assert len(history(entry)) == 1


def test_changed_entry_is_adopted_as_a_new_version():
    entry, same = make_recommendation(), make_recommendation()
    Recommendation.objects.filter(pk=entry.pk).update(title_en="Loaded over")
    assert actions.adopt(at=moment(1)) == 1
    assert history(entry)[0][3] == moment(1)
    assert entry.versions.get(number=2).document["texts"]["title_en"] == "Loaded over"
    assert len(history(same)) == 1


def test_pending_edit_gives_the_public_entry_no_new_version():
    entry = make_recommendation()
    copy = make_working_copy(entry, title_en="Pending")
    actions.keep_draft(entry=copy, at=moment(1))
    assert actions.adopt(at=moment(2)) == 0
    assert len(history(entry)) == 2


def test_entry_loaded_as_archived_is_public_no_longer():
    entry = make_recommendation(at=MOMENT)
    Recommendation.objects.filter(pk=entry.pk).update(state="archived")
    assert actions.adopt(at=moment(1)) == 1
    assert history(entry) == [(1, "published", MOMENT, moment(1)), (2, "archived", None, None)]
    assert actions.adopt(at=moment(2)) == 0


def test_adoption_that_fails_leaves_nothing(monkeypatch):
    make_recommendation()
    EntryVersion.objects.all().delete()
    real = actions.record_version

    def fail_after(**kwargs):
        real(**kwargs)
        raise Failure

    monkeypatch.setattr(actions, "record_version", fail_after)
    with pytest.raises(Failure):
        actions.adopt(at=MOMENT)
    assert not EntryVersion.objects.exists()


def test_versions_come_newest_first():
    entry = make_recommendation(state="archived")
    assert [version.number for version in EntryVersion.objects.newest_first()] == [2, 1]
    assert str(entry.versions.get(number=1)) == f"{entry}, version 1"


def test_derived_rows_follow_a_draft_edit():
    entry = make_recommendation(state="draft", title_en="Before")
    Recommendation.objects.filter(pk=entry.pk).update(title_en="After")
    derive.refresh()
    assert "after" in SearchText.objects.get(pk=entry.pk).title
