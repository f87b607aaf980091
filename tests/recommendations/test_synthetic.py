"""A made-up world is what the actions would have made, says that it is made up, and stays away from real content."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from common import changes
from pillars.models import Report
from recommendations import actions, derive
from recommendations.models import Coverage, EntryVersion, Recommendation, SearchText
from recommendations.synthetic import make_world
from tests.factories import moment

pytestmark = pytest.mark.django_db


def derived():
    coverage = set(Coverage.objects.values_list("recommendation", "city", "basis"))
    texts = {
        pk: [bytes(v) if isinstance(v, memoryview) else v for v in row] for pk, *row in SearchText.objects.values_list()
    }
    return coverage, texts


def test_made_up_world_is_what_the_actions_make():
    make_world(entries=300, seed=3)
    assert Recommendation.objects.count() == 300
    before = derived()
    derive.refresh()
    assert derived() == before
    assert actions.adopt(at=moment(0)) == 0
    assert EntryVersion.objects.count() == 300
    assert Recommendation.objects.published().count() == EntryVersion.objects.public_now().count() < 300
    for entry in Recommendation.objects.order_by("pk")[:5]:
        entry.full_clean()
    assert changes.missing() == []


def test_everything_made_up_says_so():
    make_world(entries=60, seed=1)
    for title_en, title_zh in Recommendation.objects.values_list("title_en", "title_zh_hans"):
        assert title_en.startswith("[Synthetic] ")
        assert title_zh.startswith("【合成】")
    assert all(report.title_en.startswith("[Synthetic]") for report in Report.objects.all())
    page = Client().get("/zh-hans/recommendations/").content.decode()
    assert page.count("【合成】") > 20


def test_same_seed_makes_the_same_world():
    def world(seed):
        make_world(entries=50, seed=seed)
        rows = list(Recommendation.objects.order_by("number").values_list("number", "title_en", "changed_at"))
        connection.check_constraints()
        call_command("flush", interactive=False, verbosity=0)
        return rows

    first = world(5)
    assert len(first) == 50
    assert world(5) == first
    assert world(6) != first


@pytest.mark.usefixtures("content")
def test_made_up_world_stays_away_from_real_content(capsys):
    with pytest.raises(CommandError, match="real entries are here"):
        call_command("make_world", entries=10)
    assert Recommendation.objects.count() == 32
    call_command("make_world", "--entries", "50", "--beside-real-content")
    assert Recommendation.objects.count() == 82
    assert "50 made-up entries" in capsys.readouterr().out
    with pytest.raises(CommandError, match="is here already"):
        call_command("make_world", "--entries", "50", "--beside-real-content")
    with pytest.raises(CommandError, match="at least 1"):
        call_command("make_world", "--entries", "0")
    assert actions.next_number(report_id=Report.objects.get(slug="synthetic-report-1").pk) > 1
