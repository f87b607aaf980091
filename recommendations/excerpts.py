"""Where an entry answers a search: the places of its words, and the passage that shows them beside the title."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.translation import Text, in_language, other_language, site_language
from recommendations.facets import Label
from recommendations.tokens import Phrase, spans, tokens

#: Characters of a passage around the first match: a Chinese one says as much in a third.
LENGTH = {"en": 180, "zh-hans": 60}
#: Passages shown at most; the rest is a click away.
MAX_SHOWN = 2

#: The texts of an entry in the order they are looked through, with the words its page has for them.
FIELDS: tuple[tuple[str, Label], ...] = (
    ("title", _("Title")),
    ("summary", _("Summary")),
    ("problem", _("Problem")),
    ("action", _("What would be done")),
    ("outcome", _("What success would look like")),
    ("measure", _("How to follow it")),
)
SHOWN = ("title", "summary")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text an entry was found by, or the part around the words; ``is_cut_…`` says on which side there is more."""

    label: Label
    text: Text
    is_cut_before: bool = False
    is_cut_after: bool = False


def excerpts(entry: Any, words: Collection[Phrase]) -> list[Excerpt]:
    """The passages of ``entry`` (loaded ``for_list``) with those of ``words`` that its shown title and summary lack."""
    missing = [word for word in words if not any(spans(getattr(entry, name), [word]) for name in SHOWN)]
    found: list[Excerpt] = []
    for label, text in _passages(entry):
        here = [word for word in missing if spans(text, [word])] if missing else []
        if here and len(found) < MAX_SHOWN:
            found.append(_cut(label, text, words))
            missing = [word for word in missing if word not in here]
    return found


def _passages(entry: Any) -> Iterator[tuple[Label, Text]]:
    """Every text an entry is found by and its card does not show in full: the reader's language first."""
    language = site_language()
    for name, label in FIELDS:
        if name not in SHOWN:
            yield label, in_language(entry, name, language)
    yield from _around(entry, language)
    other = other_language(language)
    for name, label in FIELDS:
        text = in_language(entry, name, other)
        if not text.is_fallback:
            yield label, text
    yield from _around(entry, other)


def _around(entry: Any, language: str) -> Iterator[tuple[Label, Text]]:
    """The names of what an entry is tied to, and the phrases it rests on."""
    yield _("Pillar"), in_language(entry.pillar, "name", language)
    for term in entry.terms.all():
        yield in_language(term.vocabulary, "name", site_language()), in_language(term, "label", language)
    for covered in entry.coverage.all():
        yield _("City"), in_language(covered.city, "name", language)
    for evidence in entry.evidence.all():
        tag = evidence.section.source.language.lower()
        known = next((code for code in LENGTH if tag[:2] == code[:2]), "")
        yield _("Evidence"), Text(evidence.key_phrase, known)


def _cut(label: Label, text: Text, words: Collection[Phrase]) -> Excerpt:
    """The part of ``text`` around the first of ``words`` in it, cut between words."""
    length = LENGTH.get(text.lang, LENGTH["en"])
    if len(text) <= length:
        return Excerpt(label, text)
    first = min(start for start, _end in spans(text, words))
    start = max(0, min(first - length // 3, len(text) - length))
    end = min(len(text), start + length)
    pieces = list(tokens(text))
    if start:
        start = next((piece.start for piece in pieces if start <= piece.start <= first), first)
    if end < len(text):
        end = next((piece.end for piece in reversed(pieces) if first < piece.end <= end), end)
    return Excerpt(label, Text(text[start:end].strip(), text.lang), start > 0, end < len(text))
