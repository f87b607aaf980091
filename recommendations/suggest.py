"""What a reader may be about to type: titles, themes, cities and words of the glossary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from cities.models import City
from common.translation import HTML_LANG, site_language
from recommendations.filters import plain
from recommendations.models import Recommendation, SearchWord
from recommendations.query import MAX_QUERY_CHARACTERS, Clause, Query, parse
from recommendations.sets import EntrySet
from recommendations.tokens import Phrase, Token, fold, is_han, tokens
from themes.models import GlossaryEntry, Term

_THEME = pgettext_lazy("suggestion", "Theme")
_CITY = pgettext_lazy("suggestion", "City")
_GLOSSARY = pgettext_lazy("suggestion", "Glossary")
_RECOMMENDATION = pgettext_lazy("suggestion", "Recommendation")

MAX_TITLES = 4
MAX_SUGGESTIONS = 8
#: Words of the glossary that are looked up, for no entry may have them.
MAX_LOOKED_UP = 4
#: Words that occur which the last word typed may be the beginning of.
MAX_WORDS = 40


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text to search for, the language it is in, and what it is the name of."""

    text: str
    lang: str
    kind: str | Promise


@dataclass(frozen=True, slots=True)
class _Beginning:
    """What was typed: whole words, and the last one, of which more may follow."""

    words: tuple[Token, ...]
    last: str

    @property
    def is_chinese(self) -> bool:
        return is_han(self.last)


def _read(text: str) -> _Beginning | None:
    text = plain(text[:MAX_QUERY_CHARACTERS]).strip('"“” ')
    found = list(tokens(text))
    if not found:
        return None
    last = found[-1]
    return _Beginning(tuple(found[:-1]), fold(text[last.start : last.end]))


def suggestions(text: str, entries: EntrySet) -> list[Suggestion]:
    """Up to ``MAX_SUGGESTIONS`` names that ``text`` is the beginning of: names first, then titles of ``entries``.

    Each finds something. Every word typed begins a word of the name; of a Chinese name it is any part.
    """
    typed = _read(text)
    if typed is None:
        return []
    titles = list(_titles(typed, entries))
    names = islice(_names(typed, entries), MAX_SUGGESTIONS - len(titles))
    found = {name.text: name for name in names}
    return [*found.values(), *(title for title in titles if title.text not in found)]


def _names(typed: _Beginning, entries: EntrySet) -> Iterator[Suggestion]:
    """Themes and cities of ``entries`` and words of the glossary that they say; those first that begin as typed."""
    tagged, touched = entries.counts("term"), entries.counts("city")
    terms = Term.objects.filter(pk__in=tagged).order_by("pk").values_list("label_en", "label_zh_hans")
    cities = City.objects.filter(pk__in=touched).order_by("pk").values_list("name_en", "name_zh_hans")
    glossary = GlossaryEntry.objects.order_by("pk").values_list("term_en", "term_zh_hans")
    names = [*_beginning(typed, terms, _THEME), *_beginning(typed, cities, _CITY)]
    words = islice(_beginning(typed, glossary, _GLOSSARY), MAX_LOOKED_UP)
    names += [name for name in words if entries.found_by(parse(name.text)).count()]
    yield from sorted(names, key=lambda name: not _folded(name.text)[0].startswith(typed.last))


def _beginning(typed: _Beginning, pairs: Iterable[tuple[str, str]], kind: str | Promise) -> Iterator[Suggestion]:
    """Those of ``pairs``, each a name in both languages, that begin as typed."""
    for pair in pairs:
        for lang, name in zip(HTML_LANG.values(), pair, strict=True):
            if name and _begins(typed, name):
                yield Suggestion(name, lang, kind)


@lru_cache(maxsize=16_384)
def _folded(name: str) -> tuple[str, frozenset[str], tuple[str, ...]]:
    """A name folded, its words as matched, and its words as written."""
    found = list(tokens(name))
    written = tuple(fold(name[token.start : token.end]) for token in found)
    return fold(name), frozenset(token.word for token in found), written


def _begins(typed: _Beginning, name: str) -> bool:
    whole, words, written = _folded(name)
    if not all(token.word in whole if token.is_han else token.word in words for token in typed.words):
        return False
    return typed.last in whole if typed.is_chinese else any(word.startswith(typed.last) for word in written)


def _titles(typed: _Beginning, entries: EntrySet) -> Iterator[Suggestion]:
    """Titles of entries, by number, in the language of what was typed."""
    ends = [Phrase((word,)) for word in _endings(typed)]
    if not ends:
        return
    query = Query(tuple(Clause((Phrase((token.word,)),)) for token in typed.words))
    found = entries.titled(ends).found_by(query).first(MAX_TITLES)
    is_chinese = typed.is_chinese or (not typed.last.isalpha() and site_language() == "zh-hans")
    for entry in found:
        in_order = [(entry.title_zh_hans, "zh-Hans"), (entry.title_en, "en")][:: 1 if is_chinese else -1]
        title, lang = next(pair for pair in in_order if pair[0])
        yield Suggestion(title, lang, _RECOMMENDATION)


def _endings(typed: _Beginning) -> list[str]:
    """The words, as matched, that the last one typed may become."""
    if typed.is_chinese:
        return [typed.last]
    words = [token.word for token in tokens(typed.last)]
    if len(typed.last) > 1:
        key = typed.last.encode()
        occurring = SearchWord.objects.filter(is_han=False, key__gte=key, key__lt=key + b"\xff").order_by("key")
        words += [token.word for word in occurring.values_list("word", flat=True)[:MAX_WORDS] for token in tokens(word)]
    return list(dict.fromkeys(words))


def as_json(text: str) -> dict[str, list[dict[str, str]]]:
    """The suggestions for ``text`` among what readers see, for a script."""
    found = suggestions(text, Recommendation.public_set())
    return {"suggestions": [{"text": s.text, "lang": s.lang, "kind": str(s.kind)} for s in found]}
