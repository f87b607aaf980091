"""What readers look for in the 32 is among the first they are shown, and the same on both databases."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from django.http import QueryDict

from recommendations.filters import RecommendationFilterSet
from recommendations.models import Recommendation
from tests.recommendations.reference import World

JUDGED = tomllib.loads(Path(__file__).with_name("judged.toml").read_text(encoding="utf-8"))["query"]
SHOWN = 5


def first_five(q):
    data = QueryDict(mutable=True)
    data["q"] = q
    return list(RecommendationFilterSet(data).qs.values_list("slug", flat=True)[:SHOWN])


def rank(found, wanted):
    """1 ÷ the place of the first wanted one; 0 where none is shown."""
    return next((1 / place for place, slug in enumerate(found, start=1) if slug in wanted), 0)


@pytest.mark.usefixtures("content")
def test_judged_queries_find_what_answers_them_first(capsys):
    assert len(JUDGED) >= 60
    assert {slug for case in JUDGED for slug in case["first"]} <= set(
        Recommendation.objects.values_list("slug", flat=True)
    )
    recalls, ranks, missed = [], [], []
    world, slugs = World(), dict(Recommendation.objects.values_list("pk", "slug"))
    for case in JUDGED:
        found, wanted = first_five(case["q"]), set(case["first"])
        # A plain walk knows nothing of the database: what agrees with it is the same on both.
        assert found == [slugs[pk] for pk in world.ids([("q", case["q"])])[:SHOWN]], case["q"]
        recalls.append(len(wanted & set(found)) / len(wanted))
        ranks.append(rank(found, wanted))
        if recalls[-1] < 1 or ranks[-1] < 1:
            missed.append(f"{case['q']}: wanted {sorted(wanted)}, found {found}")
    recall, mrr = sum(recalls) / len(JUDGED), sum(ranks) / len(JUDGED)
    with capsys.disabled():
        print(f"\n{len(JUDGED)} judged queries: recall@{SHOWN} {recall:.3f}, MRR {mrr:.3f}")  # noqa: T201 - the figures are what this is for
    assert recall >= 0.95, missed
    assert mrr >= 0.9, missed
