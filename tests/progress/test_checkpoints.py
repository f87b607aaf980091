"""Checkpoints: what the source says comes next."""

from __future__ import annotations

import pytest
from django.utils import translation

from progress.models import Checkpoint
from tests.factories import make_checkpoint, make_recommendation, make_section

pytestmark = pytest.mark.django_db


def test_checkpoints_come_as_they_follow_one_another(django_assert_num_queries):
    late = make_checkpoint(position=2, section=make_section(code="S6"))
    soon = make_checkpoint(position=1, section=make_section(code="S5"))
    with django_assert_num_queries(1):
        found = list(Checkpoint.objects.in_order())
        assert [step.locator for step in found] == ["S5 ¶1", "S6 ¶1"]
        assert {step.section.source.slug for step in found} == {"the-source"}
    assert found == [soon, late]


def test_natural_key_leads_back_and_the_name_is_in_the_language():
    step = make_checkpoint(title_en="Budget", title_zh_hans="预算")
    assert Checkpoint.objects.get_by_natural_key(*step.natural_key()) == step
    assert str(step) == "Budget"
    with translation.override("zh-hans"):
        assert str(step) == "预算"


def test_entries_know_their_checkpoints():
    entry, other = make_recommendation(), make_recommendation()
    step = make_checkpoint()
    step.recommendations.add(entry)
    assert list(entry.checkpoints.in_order()) == [step]
    assert list(other.checkpoints.in_order()) == []
