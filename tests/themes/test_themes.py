"""Vocabularies, terms and the glossary."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from common.grammar import FIXED_FACETS, RESERVED_PARAMETERS
from tests.factories import make_glossary_entry, make_term, make_vocabulary
from themes.models import GlossaryEntry, Term, Vocabulary

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("slug", sorted(RESERVED_PARAMETERS))
def test_vocabulary_may_not_take_the_name_of_another_filter(slug):
    with pytest.raises(ValidationError, match="is the name of another filter"):
        Vocabulary(slug=slug, name_en="X").full_clean()


def test_vocabulary_of_another_name_is_valid():
    assert Vocabulary(slug="instrument", name_en="X").full_clean() is None
    assert set(FIXED_FACETS) < RESERVED_PARAMETERS
    assert {"q", "sort", "page", "include", "view"} <= RESERVED_PARAMETERS


def test_vocabularies_come_by_position_and_terms_as_entered():
    second, first = make_vocabulary(position=2), make_vocabulary(position=1)
    b, a, c = make_term(vocabulary=second), make_term(vocabulary=first), make_term(vocabulary=second)
    assert list(Vocabulary.objects.in_order()) == [first, second]
    assert list(Term.objects.in_order()) == [a, b, c]


def test_names_are_those_of_the_language():
    vocabulary = make_vocabulary(name_en="Sector", name_zh_hans="领域")
    term = make_term(vocabulary=vocabulary, label_en="Finance", label_zh_hans="金融")
    word = make_glossary_entry(term_en="Sandbox", term_zh_hans="沙盒")
    assert (str(vocabulary), str(term), str(word)) == ("Sector", "Sector: Finance", "Sandbox")
    with translation.override("zh-hans"):
        assert (str(vocabulary), str(term), str(word)) == ("领域", "领域：金融", "沙盒")


def test_natural_keys_lead_back():
    term, other = make_term(slug="same"), make_term(slug="same")
    word = make_glossary_entry()
    assert Term.objects.get_by_natural_key(*term.natural_key()) == term
    assert Term.objects.get_by_natural_key(*other.natural_key()) == other
    assert Vocabulary.objects.get_by_natural_key(*term.vocabulary.natural_key()) == term.vocabulary
    assert GlossaryEntry.objects.get_by_natural_key(*word.natural_key()) == word
