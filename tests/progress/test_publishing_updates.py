"""What readers are told of what became of entries is told by those who may publish it, once it is whole."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from progress import actions
from progress.models import StatusChange, Update
from recommendations.actions import NotReady
from recommendations.models import Recommendation
from tests.desk import Form, open_form, sign_in, tree
from tests.factories import make_recommendation, make_source, make_update, moment
from tests.html import fetch, text_of

pytestmark = pytest.mark.django_db

ADD = reverse("admin:progress_update_add")


def change(update):
    return reverse("admin:progress_update_change", args=[update.pk])


def fill(form, entry, **typed):
    """A whole update of ``entry``."""
    whole = {"happened_on": "2026-03-01", "title_en": "Taken up", "title_zh_hans": "已采纳", "slug": "taken-up"}
    for name, value in (whole | {"source": make_source().pk, "locator": "p. 3"} | typed).items():
        form[name] = value
    form.add_row("effects", recommendation=entry.pk, status="adopted")
    return form


def status_of(entry):
    return Recommendation.objects.get(pk=entry.pk).status


def page_of(form):
    return text_of(form.root)


def test_editor_drafts_and_says_when_it_is_ready_and_a_reviewer_publishes():
    entry = make_recommendation()
    editor, reviewer = sign_in("editor"), sign_in("reviewer")
    form = fill(open_form(editor, ADD), entry, waits_for_review="on")
    assert "is_published" not in form.fields
    assert "it is published by: Administrators, Reviewers." in page_of(form)
    form["is_published"] = "on"  # what the form does not ask for is not looked at
    assert form.press("_save").status_code == 302
    update = Update.objects.get()
    assert (update.is_published, update.waits_for_review, status_of(entry)) == (False, True, "no-follow-up-found")
    form = open_form(reviewer, change(update))
    form["is_published"] = "on"
    assert form.press("_save").status_code == 302
    update.refresh_from_db()
    assert (update.is_published, update.waits_for_review, status_of(entry)) == (True, False, "adopted")
    # From now on an editor looks at it: neither it nor its effects are theirs to change.
    looked_at = open_form(editor, change(update))
    assert "_save" not in looked_at.buttons
    assert "It is changed by: Administrators, Reviewers." in page_of(looked_at)
    assert editor.post(change(update), form.fields | {"opened": [], "effects-0-DELETE": "on"}).status_code == 403
    assert editor.post(reverse("admin:progress_update_delete", args=[update.pk]), {"post": "yes"}).status_code == 403
    assert status_of(entry) == "adopted"


def test_what_publication_needs_is_shown_before_and_asked_for_where_it_is_given():
    entry = make_recommendation()
    tomorrow = (timezone.localdate() + dt.timedelta(days=1)).isoformat()
    form = open_form(sign_in("reviewer"), ADD)
    assert [item.get("data-met") for item in form.root.iter("li") if item.get("data-met")] == ["no"] * 5
    assert "Nothing of it is saved yet" in text_of(form.root)
    fill(form, entry, is_published="on", happened_on=tomorrow, title_zh_hans="", locator=" ")
    answer = Form(form.client, form.url, form.press("_save"))
    assert "As it stands in this form, which is not saved yet." in text_of(answer.root)
    assert [error.partition(": ")[2] for error in answer.errors] == [
        "the day it happened, which is not in the future.",
        "a title in Chinese.",
        "the place in the source that says so.",
    ]
    met = [item.get("data-met") for item in answer.root.iter("li") if item.get("data-met")]
    assert met == ["no", "yes", "no", "yes", "no"]
    del answer.fields["is_published"]  # a draft may lack all of it
    assert answer.press("_save").status_code == 302
    assert status_of(entry) == "no-follow-up-found"


@pytest.mark.parametrize("lacks", [{"happened_on": dt.date(2026, 3, 2)}, {"title_en": " "}, {"locator": ""}], ids=str)
def test_the_act_itself_refuses_what_is_not_whole(lacks):
    update = make_update(is_published=False, happened_on=dt.date(2026, 3, 1))
    update.is_published = True
    for name, value in lacks.items():
        setattr(update, name, value)
    at = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    with pytest.raises(NotReady):
        actions.keep_update(update=update, at=at)
    assert not Update.objects.get().is_published
    update.refresh_from_db()
    update.is_published = True
    actions.keep_update(update=update, at=at)
    assert Update.objects.get().is_published


def test_words_typed_in_a_draft_that_is_published_meanwhile_are_kept_and_change_nothing():
    update = make_update(is_published=False, title_en="Before")
    form = open_form(sign_in("editor"), change(update))
    Update.objects.update(is_published=True)
    form["title_en"] = "Typed by the editor"
    for _again in range(2):  # pressing again is no way round
        form = Form(form.client, form.url, form.press("_save"))
        assert "It was published while you were editing it" in form.errors[0]
        assert form["title_en"] == "Typed by the editor"
    assert Update.objects.get().title_en == "Before"


def test_a_change_of_status_is_told_with_names_at_the_desk_and_without_in_public():
    entry = make_recommendation(slug="one", published_at=moment(1))
    reviewer = sign_in("reviewer", username="rev-one")
    assert fill(open_form(reviewer, ADD), entry, is_published="on").press("_save").status_code == 302
    form = open_form(reviewer, change(Update.objects.get()))
    del form.fields["is_published"]
    assert form.press("_save").status_code == 302
    assert list(StatusChange.objects.values_list("before", "after").order_by("pk")) == [
        ("no-follow-up-found", "adopted"),
        ("adopted", "no-follow-up-found"),
    ]
    told = reviewer.get(reverse("admin:recommendations_recommendation_history", args=[entry.pk]))
    desk = text_of(tree(told.content.decode()))
    assert "No follow-up found → Adopted Taken up · rev-one" in desk
    home = text_of(tree(reviewer.get(reverse("admin:index")).content.decode()))
    assert f"{entry} recommendation · status: No follow-up found → Adopted · rev-one" in home
    public = text_of(fetch(Client(), "/recommendations/one/history/").root)
    assert public.index("Adopted No follow-up found") < public.index("No follow-up found Adopted")
    assert "rev-one" not in public
    assert "Taken up" not in public  # its title is a draft again
