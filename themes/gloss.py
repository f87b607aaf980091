"""Glossary words found in running text, the longest first, each once a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from common.translation import COLUMN_SUFFIX
from themes.models import GlossaryEntry

#: A piece of text, and the word it is the first use of on this page, if any.
Piece = tuple[str, GlossaryEntry | None]


@dataclass
class Glossary:
    """The words that a page may still explain. Belongs to one answer: what was explained is not explained again."""

    explained: set[int] = field(default_factory=set)

    @cached_property
    def entries(self) -> list[GlossaryEntry]:
        """All words; read when the first text of the page is looked through."""
        return list(GlossaryEntry.objects.order_by("pk"))

    @cached_property
    def _matchers(self) -> dict[str, Matcher]:
        return {language: Matcher(self.entries, language) for language in COLUMN_SUFFIX}

    def pieces(self, text: str, language: str) -> Iterator[Piece]:
        """``text``, cut where a word of ``language`` is used that the page has not explained yet."""
        start = 0
        for found, entry in self._matchers[language].found(text):
            if entry.pk in self.explained:
                continue
            self.explained.add(entry.pk)
            yield text[start : found.start()], None
            yield found[0], entry
            start = found.end()
        yield text[start:], None


class Matcher:
    """Finds the words of one language: English ones whole, in any case, with or without a plural s."""

    def __init__(self, entries: Iterable[GlossaryEntry], language: str) -> None:
        column = f"term_{COLUMN_SUFFIX[language]}"
        self.language = language
        self.by_word: dict[str, GlossaryEntry] = {}
        for entry in entries:
            word = _plain(getattr(entry, column))
            if word:
                self.by_word.setdefault(word, entry)
        # Of alternatives the first that fits is taken: a longer word before one that it begins with.
        words = sorted(self.by_word, key=lambda word: (-len(word), word))
        ways = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in words)
        whole = rf"(?<![\w-])({ways})s?(?![\w-])" if language == "en" else f"({ways})"
        self.pattern = re.compile(whole, re.IGNORECASE) if words else None

    def found(self, text: str) -> Iterator[tuple[re.Match[str], GlossaryEntry]]:
        """Each place in ``text`` where a word stands, with its entry; no two overlap."""
        for match in self.pattern.finditer(text) if self.pattern else ():
            yield match, self.by_word[_plain(match[1])]


def _plain(word: str) -> str:
    return " ".join(word.casefold().split())
