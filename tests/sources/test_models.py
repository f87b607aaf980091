"""Sources, sections and what a citation may be."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from recommendations.models import Evidence
from sources.models import SourceSection, validate_key_phrase, validate_paragraph
from tests.factories import make_section, make_source


def is_refused(validate, value):
    try:
        validate(value)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize("phrase", ["one", "one two three four five six seven eight", "数据要流动起来"])
def test_key_phrase_of_up_to_eight_words_is_taken(phrase):
    assert not is_refused(validate_key_phrase, phrase)


def test_key_phrase_of_nine_words_is_refused():
    with pytest.raises(ValidationError, match=r"at most 8 words.* this one has 9"):
        validate_key_phrase("one two three four five six seven eight nine")
    with pytest.raises(ValidationError, match=r"at most 8 words.* this one has 9"):
        validate_key_phrase("推动" * 8 + "了")
    validate_key_phrase("推动" * 7 + " AI")


@pytest.mark.parametrize("paragraph", ["¶1", "¶12", "b1", "b10"])
def test_paragraph_is_a_mark_and_a_number(paragraph):
    assert not is_refused(validate_paragraph, paragraph)


@pytest.mark.parametrize("paragraph", ["", "1", "¶", "¶0", "¶01", "p1", "¶1 ", "¶1\n", "¶1,b2"])
def test_other_spelling_of_a_paragraph_is_refused(paragraph):
    assert is_refused(validate_paragraph, paragraph)


def test_locator_is_section_and_paragraph():
    assert Evidence(section=SourceSection(code="S3.1"), paragraph="¶1").locator == "S3.1 ¶1"


@pytest.mark.parametrize(("language", "text"), [("en", "S1 Boats"), ("zh-hans", "S1 船")])
def test_section_reads_as_code_and_title(language, text):
    with translation.override(language):
        assert str(SourceSection(code="S1", title_en="Boats", title_zh_hans="船")) == text


def test_section_without_a_title_reads_as_its_code():
    assert str(SourceSection(code="L")) == "L"


@pytest.mark.django_db
def test_sections_come_in_the_order_of_the_text():
    source = make_source(title_en="The harbour")
    codes = ["S2", "S1", "L"]
    for code in codes:
        make_section(source=source, code=code)
    make_section(code="S1")
    assert [section.code for section in source.sections.in_order()] == codes
    assert str(source) == "The harbour"


@pytest.mark.django_db
def test_natural_keys_lead_back():
    section = make_section()
    make_section(source=make_source(), code=section.code)
    assert SourceSection.objects.get_by_natural_key(*section.natural_key()) == section
    source = section.source
    assert type(source).objects.get_by_natural_key(*source.natural_key()) == source
