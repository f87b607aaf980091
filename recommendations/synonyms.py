"""Which words count as one when a reader searches.

The editors' groups, and the two names of each term and of each word of the glossary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from recommendations.query import LITTLE_WORDS, Equivalents
from recommendations.tokens import Phrase, tokens
from themes.models import GlossaryEntry, Term, WordGroup

_LITTLE = frozenset(token.word for word in LITTLE_WORDS for token in tokens(word))


@lru_cache(maxsize=16_384)
def phrase(text: str) -> Phrase:
    """The words of ``text`` as they follow one another."""
    return Phrase(tuple(token.word for token in tokens(text)), text)


def groups() -> Iterator[list[str]]:
    """Every group of equivalents as written, the editors' own first."""
    for group in WordGroup.objects.order_by("slug"):
        yield group.lines
    yield from (list(names) for names in GlossaryEntry.objects.order_by("slug").values_list("term_en", "term_zh_hans"))
    yield from (list(names) for names in Term.objects.order_by("pk").values_list("label_en", "label_zh_hans"))


def equivalents(written: Iterable[list[str]] | None = None) -> Equivalents:
    """Words as matched → the phrases that mean the same, for ``recommendations.query.parse``."""
    # Little words are no part of what is looked up: a query has lost its own by then.
    found: dict[tuple[str, ...], dict[Phrase, None]] = {}
    for group in groups() if written is None else written:
        phrases = dict.fromkeys(phrase(text) for text in group if phrase(text).parts)
        for one in phrases:
            others = found.setdefault(tuple(part for part in one.parts if part not in _LITTLE), {})
            others.update((other, None) for other in phrases if other != one)
    return {words: tuple(others) for words, others in found.items() if words and others}
