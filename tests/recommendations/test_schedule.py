"""What is planned happens at its time, once, by the rules there are then."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from recommendations import actions, schedule
from recommendations.attention import REASONS
from recommendations.models import EntryVersion, Recommendation
from tests.desk import Form, admin_url, make_colleague, messages_of, sign_in
from tests.factories import make_recommendation, make_working_copy, moment

pytestmark = pytest.mark.django_db


def stored(entry):
    return Recommendation.objects.get(pk=entry.pk)


def planned(entry, role="reviewer", *, publish=None, withdraw=None):
    author = make_colleague(role)
    moments = {
        "publish_at": moment(publish) if publish else None,
        "withdraw_at": moment(withdraw) if withdraw else None,
    }
    schedule.plan(entry=stored(entry), author=author, at=moment(0), **moments)
    return author


def test_draft_is_published_at_its_time_and_withdrawn_at_its_time():
    entry = make_recommendation(state="draft")
    author = planned(entry, publish=2, withdraw=5)
    assert schedule.run(at=moment(1)) == []
    assert [done.problem for done in schedule.run(at=moment(2))] == [""]
    assert (stored(entry).state, stored(entry).publish_at) == ("published", None)
    version = EntryVersion.objects.filter(entry=entry).newest_first()[0]
    assert (version.author, version.created_at) == (author, moment(2))
    assert schedule.run(at=moment(4)) == []
    schedule.run(at=moment(6))
    assert (stored(entry).state, stored(entry).withdraw_at) == ("archived", None)
    assert schedule.run(at=moment(9)) == []


def test_pending_copy_is_published_and_takes_its_plan_to_withdraw_along():
    entry = make_recommendation(title_en="Once")
    copy = make_working_copy(entry, title_en="Now")
    actions.keep_draft(entry=copy, at=moment(0))
    planned(copy, publish=2, withdraw=5)
    schedule.run(at=moment(3))
    assert (stored(entry).title_en, stored(entry).withdraw_at) == ("Now", moment(5))
    schedule.run(at=moment(6))
    assert stored(entry).state == "archived"


def test_both_are_carried_out_in_order_where_nobody_looked_for_long():
    entry = make_recommendation(state="draft")
    planned(entry, publish=2, withdraw=5)
    assert [done.act for done in schedule.run(at=moment(9))] == ["publish", "withdraw"]
    assert [v.state for v in EntryVersion.objects.filter(entry=entry).order_by("number")][-2:] == [
        "published",
        "archived",
    ]


def fails(entry, at=3):
    [done] = schedule.run(at=moment(at))
    assert stored(entry).schedule_problem == done.problem
    assert done.problem
    return done.problem


def test_what_is_not_ready_then_is_not_published_and_says_why():
    entry = make_recommendation(state="draft")
    planned(entry, publish=2)
    Recommendation.objects.filter(pk=entry.pk).update(summary_en="")
    assert "a summary in English" in fails(entry)
    assert stored(entry).state == "draft"
    Recommendation.objects.filter(pk=entry.pk).update(summary_en="There.")
    assert [done.problem for done in schedule.run(at=moment(4))] == [""]
    assert stored(entry).schedule_problem == ""


def told(client, entry):
    """What the form of ``entry`` says."""
    return client.get(admin_url("change", entry.pk)).content.decode()


def counted():
    """What the desk counts of plans."""
    entries, today = Recommendation.objects.entries(), timezone.localdate()
    return {name: REASONS[name][1](entries, None, today).count() for name in ("scheduled", "schedule-failed")}


def test_an_edit_after_the_plan_is_not_published_unseen():
    entry = make_recommendation(state="in-review")
    planned(entry, publish=2)
    client = sign_in("reviewer", username="reader")
    assert "It is published on" in told(client, entry)
    assert counted() == {"scheduled": 1, "schedule-failed": 0}
    actions.keep_draft(entry=stored(entry), author=make_colleague("editor"), for_review=True, at=moment(1))
    assert "It is published on" not in told(client, entry)
    assert "was changed since: look at it again, then plan it anew" in told(client, entry)
    assert counted() == {"scheduled": 0, "schedule-failed": 1}
    assert "changed after it was planned" in fails(entry)
    assert stored(entry).state == "in-review"


def test_who_may_no_longer_publish_publishes_nothing():
    entry = make_recommendation(state="draft")
    author = planned(entry, publish=2)
    author.groups.clear()
    assert "may no longer publish" in fails(entry)


def test_an_entry_with_a_pending_copy_is_not_withdrawn():
    entry = make_recommendation()
    planned(entry, withdraw=2)
    make_working_copy(entry)
    assert "pending copy" in fails(entry)
    assert stored(entry).state == "published"


def test_a_withdrawal_that_waited_for_a_copy_does_not_follow_its_publication():
    entry = make_recommendation()
    planned(entry, withdraw=2)
    copy = make_working_copy(entry)
    assert "pending copy" in fails(entry)
    client = sign_in("reviewer")
    for page in ("change", "review", "schedule"):
        said = client.get(admin_url(page, copy.pk)).content.decode()
        assert "The entry itself was to be withdrawn on" in said, page
        assert admin_url("schedule", entry.pk) in said, page
    with pytest.raises(schedule.Refused, match="plan the withdrawal of the entry itself"):
        planned(copy, withdraw=9)
    editor = sign_in("editor")
    in_chinese = editor.get(admin_url("change", entry.pk), headers={"accept-language": "zh-hans"}).content.decode()
    assert "未能执行" in in_chinese
    assert "It has a pending copy" not in in_chinese
    translation.activate("en")
    actions.publish(entry=stored(copy), at=moment(4))
    assert stored(entry).withdraw_at is None
    assert schedule.run(at=moment(5)) == []
    assert stored(entry).state == "published"


@pytest.mark.parametrize(
    ("state", "moments"),
    [
        ("draft", {"publish": -1}),
        ("draft", {"publish": 5, "withdraw": 4}),
        ("draft", {"withdraw": 4}),
        ("published", {"publish": 4}),
        ("archived", {"publish": 4}),
    ],
)
def test_plans_that_cannot_be_are_refused(state, moments):
    entry = make_recommendation(state=state)
    with pytest.raises(schedule.Refused):
        planned(entry, **moments)
    assert stored(entry).publish_at is None


def form(client, entry):
    url = admin_url("schedule", entry.pk)
    return Form(client, url, client.get(url))


def test_reviewer_plans_on_the_desk_and_the_form_shows_it():
    entry = make_recommendation(state="draft")
    client = sign_in("reviewer")
    page = form(client, entry)
    tomorrow = timezone.localtime() + dt.timedelta(days=1)
    page["publish_at"] = tomorrow.strftime("%Y-%m-%dT%H:%M")
    assert page.press("").url == admin_url("change", entry.pk)
    assert stored(entry).publish_at == tomorrow.replace(second=0, microsecond=0)
    assert "It is published on" in client.get(admin_url("change", entry.pk)).content.decode()
    Recommendation.objects.filter(pk=entry.pk).update(summary_en="")
    page = form(client, entry)
    assert [str(need.line) for need in page.response.context["needs"] if not need.is_met] == ["a summary in English"]
    assert "a summary in English" in " ".join(messages_of(page.press("")))
    page = form(client, entry)
    page["publish_at"] = "2001-01-01T00:00"
    assert "in the past" in page.press("").content.decode()
    assert stored(entry).publish_at is not None
    page = form(client, entry)
    page["publish_at"] = ""
    page.press("")
    assert stored(entry).publish_at is None


def test_an_editor_plans_nothing():
    entry = make_recommendation(state="draft")
    assert sign_in("editor").get(admin_url("schedule", entry.pk)).status_code == 403


def test_command_says_what_it_did_and_what_failed(capsys):
    good, bad = make_recommendation(state="draft"), make_recommendation(state="draft")
    for entry in (good, bad):
        planned(entry, publish=2)
    Recommendation.objects.filter(pk=bad.pk).update(title_en="")
    call_command("run_schedule")
    said = capsys.readouterr()
    assert said.out == f"publish: {good}\n"
    assert "a title in English" in said.err
    with pytest.raises(CommandError, match="more than 0"):
        call_command("run_schedule", "--pause", "0")
