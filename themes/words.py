"""The glossary in order: under letters in English, under the letters of pinyin in Chinese."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from pypinyin import Style, lazy_pinyin

from common.models import FormerSlug
from common.translation import site_language
from themes.models import GlossaryEntry

#: Where a word begins with no letter.
NO_LETTER = "#"


@dataclass(frozen=True, slots=True)
class Word:
    """A word with the anchors that older addresses of it end in."""

    entry: GlossaryEntry
    former: list[str]


@dataclass(frozen=True, slots=True)
class Letter:
    """The words under one letter; ``anchor`` is the id of its heading, which no slug can be."""

    letter: str
    words: list[Word]

    @property
    def anchor(self) -> str:
        return f"letter:{self.letter if self.letter != NO_LETTER else 'other'}"


def sort_key(text: str) -> str:
    """What ``text`` is sorted by: plain small letters, of Chinese those of its pinyin with the tones."""
    spelt = " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True)) if text else ""
    plain = unicodedata.normalize("NFKD", spelt.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def letter_of(text: str) -> str:
    """The capital letter that ``text`` stands under."""
    first = sort_key(text)[:1].upper()
    return first if "A" <= first <= "Z" else NO_LETTER


def letters(entries: Iterable[GlossaryEntry]) -> list[Letter]:
    """``entries`` by the letters of the page's language; what has no letter comes last."""
    former: dict[int, list[str]] = {}
    for slug, pk in FormerSlug.objects.for_model(GlossaryEntry).order_by("slug").values_list("slug", "object_id"):
        former.setdefault(pk, []).append(slug)
    grouped: dict[str, list[Word]] = {}
    for entry in sorted(entries, key=lambda entry: (sort_key(_here(entry)), entry.pk)):
        grouped.setdefault(letter_of(_here(entry)), []).append(Word(entry, former.get(entry.pk, [])))
    return [Letter(letter, grouped[letter]) for letter in sorted(grouped, key=lambda c: (c == NO_LETTER, c))]


def _here(entry: GlossaryEntry) -> str:
    """The word in the language the page is sorted in, or in the other one where it lacks it."""
    pair = (entry.term_zh_hans, entry.term_en)
    return next(filter(None, pair if site_language() == "zh-hans" else reversed(pair)), "")
