"""Text that exists in English and in Simplified Chinese, in explicit columns (``title_en``, ``title_zh_hans``)."""

from __future__ import annotations

from typing import Any, overload

from django.db import models
from django.utils.translation import get_language

#: Column suffix of each language the site is served in, and the BCP 47 tag that marks its text in HTML.
COLUMN_SUFFIX = {"en": "en", "zh-hans": "zh_hans"}
HTML_LANG = {"en": "en", "zh-hans": "zh-Hans"}
#: What ``lang=`` says for each text in every language.
BOTH = "both"
#: What programs call Simplified Chinese besides.
CHINESE = {"zh", "zh-cn", "zh-sg", "zh-hans-cn", "zh-hans-sg"}


class Text(str):
    """A string that knows which language it is written in.

    ``lang`` is the language code (``en`` or ``zh-hans``); ``is_fallback`` is true where the reader's own
    language had nothing and the other one is shown instead.
    """

    __slots__ = ("is_fallback", "lang")
    lang: str
    is_fallback: bool

    def __new__(cls, value: str, lang: str, *, is_fallback: bool = False) -> Text:
        text = super().__new__(cls, value)
        text.lang = lang
        text.is_fallback = is_fallback
        return text


def site_language() -> str:
    """The language in force: ``en`` or ``zh-hans``."""
    language = (get_language() or "en").lower()
    return "zh-hans" if language.startswith("zh") else "en"


def language_named(given: str) -> str:
    """What ``lang=`` means: ``en``, ``zh-Hans``, ``both``, however it is spelt; empty where it is none of these."""
    name = given.lower()
    known = {tag.lower(): tag for tag in (*HTML_LANG.values(), BOTH)}
    return known.get("zh-hans" if name in CHINESE else name, "")


def sentence_gap() -> str:
    """What stands between two sentences: a space in English; a Chinese stop brings its own room."""
    return "" if site_language() == "zh-hans" else " "


def other_language(language: str) -> str:
    """The site's other language."""
    return "en" if language == "zh-hans" else "zh-hans"


def in_language(owner: Any, name: str, language: str) -> Text:
    """``name`` of ``owner`` in ``language``, or in the other language where it is empty."""
    value = getattr(owner, f"{name}_{COLUMN_SUFFIX[language]}")
    if value:
        return Text(value, language)
    other = other_language(language)
    value = getattr(owner, f"{name}_{COLUMN_SUFFIX[other]}")
    return Text(value, other, is_fallback=True) if value else Text("", language)


def untranslated(model: type[models.Model]) -> models.Q | None:
    """Finds the rows of ``model`` with a text in one language that the other lacks; none where it has no such texts."""
    columns = {field.name for field in model._meta.concrete_fields}
    names = [name.removesuffix("_en") for name in sorted(columns) if name.endswith("_en")]
    found = models.Q()
    for name in names:
        english, chinese = f"{name}_en", f"{name}_zh_hans"
        if chinese in columns:
            found |= models.Q(**{english: ""}) ^ models.Q(**{chinese: ""})
    return found or None


def names_in_chinese(model: type[models.Model]) -> list[str]:
    """The Chinese columns of texts that ``model`` always has in English: its names, by which readers know it."""
    needed = {field.name for field in model._meta.concrete_fields if field.name.endswith("_en") and not field.blank}
    pairs = {f"{name.removesuffix('_en')}_zh_hans" for name in needed}
    return [field.name for field in model._meta.concrete_fields if field.name in pairs]


class Translated:
    """Reads a bilingual pair of columns in the language in force: ``name = Translated()`` beside ``name_en``."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Translated: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Text: ...
    def __get__(self, instance: object | None, owner: type) -> Text | Translated:
        if instance is None:
            return self
        return in_language(instance, self.name, site_language())
