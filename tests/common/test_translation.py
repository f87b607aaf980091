"""Text in two columns, read in the language in force, with the other where it is empty."""

import pytest
from django.utils import translation

from cities.models import City
from common.translation import Text, in_language, other_language, site_language


@pytest.mark.parametrize(
    ("active", "expected"),
    [("en", "en"), ("en-gb", "en"), ("zh-hans", "zh-hans"), ("zh-cn", "zh-hans"), ("fr", "en")],
)
def test_site_language_is_one_of_two(active, expected):
    with translation.override(active):
        assert site_language() == expected


def test_site_language_is_english_where_translation_is_off():
    with translation.override(None):
        assert site_language() == "en"


def test_other_language_is_the_other_one():
    assert (other_language("en"), other_language("zh-hans")) == ("zh-hans", "en")


@pytest.mark.parametrize(("language", "expected"), [("en", "Foshan"), ("zh-hans", "佛山")])
def test_text_is_read_in_the_language_in_force(language, expected):
    city = City(name_en="Foshan", name_zh_hans="佛山")
    with translation.override(language):
        assert city.name == expected
        assert city.name.lang == language
        assert city.name.is_fallback is False


@pytest.mark.parametrize(
    ("language", "names", "text", "lang"),
    [
        ("zh-hans", {"name_en": "Foshan"}, "Foshan", "en"),
        ("en", {"name_zh_hans": "佛山"}, "佛山", "zh-hans"),
    ],
)
def test_missing_text_falls_back_and_says_so(language, names, text, lang):
    with translation.override(language):
        name = City(**names).name
    assert (name, name.lang, name.is_fallback) == (text, lang, True)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_text_missing_in_both_languages_is_empty_and_no_fallback(language):
    text = in_language(City(), "name", language)
    assert (text, text.lang, text.is_fallback) == ("", language, False)


def test_text_is_a_string():
    text = Text("佛山", "zh-hans")
    assert isinstance(text, str)
    assert f"{text}!" == "佛山!"


def test_accessor_on_the_class_is_the_accessor_itself():
    assert City.name is City.__dict__["name"]
