"""The browse page of an edition: every entry's card, and what a script needs to narrow them there."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.translation import site_language
from recommendations.choices import Reach
from recommendations.derive import searched_texts, title_key
from recommendations.facets import Facet
from recommendations.menus import SORTS
from recommendations.models import Recommendation
from recommendations.reading import Reading
from recommendations.tokens import fold, tokens


def browse_page(request: HttpRequest) -> str:
    """The page in the language in force."""
    entries = list(Recommendation.objects.published().for_list().in_order())
    reading = Reading(QueryDict())
    context = {
        "reading": reading,
        "entries": entries,
        "sorts": [(key, label, f"-{key}" if key != "relevance" else "") for key, label in SORTS],
        "data": filter_data(entries, reading.filterset.facets),
    }
    return render_to_string("editions/browse.html", context, request)


def filter_data(entries: list[Recommendation], facets: list[Facet]) -> dict[str, Any]:
    """What static/js/offline.js reads: facets, entries in the order of their cards, stems, and its words."""
    return {
        "facets": [
            {
                "name": facet.name,
                "label": str(facet.label),
                "spatial": facet.is_place,
                "values": {option.slug: str(option.label) for option in facet.options},
            }
            for facet in facets
        ],
        "entries": _rows(entries, facets),
        "stems": _stems(entries),
        "words": {
            "text": _("Text"),
            "remove": _("Remove filter"),
            "clear": _("Clear all"),
            "province": _("province-wide"),
            "colon": pgettext("list", ": "),
            "comma": pgettext("list", ", "),
            "unknown": _("“%(value)s” is not a value of %(facet)s; it was left out."),
            "without": _("Without %(facet)s %(value)s"),
        },
    }


def _rows(entries: list[Recommendation], facets: list[Facet]) -> list[dict[str, Any]]:
    values: dict[int, dict[str, list[str]]] = defaultdict(dict)
    for facet in facets:
        for pk, slug in sorted(facet.pairs(Recommendation.objects.published())):
            values[pk].setdefault(facet.name, []).append(slug)
    language = site_language()
    titles = _ranks([title_key(_sorted_by(entry, language), language) for entry in entries])
    changes = _ranks([(entry.changed_at or entry.created_at) for entry in entries], newest_first=True)
    return [
        {
            "slug": entry.slug,
            "values": values[entry.pk],
            "province": entry.reach == Reach.PROVINCE,
            "title_rank": titles[place],
            "updated_rank": changes[place],
            "text": [_words(texts) for texts in _texts(entry)],
        }
        for place, entry in enumerate(entries)
    ]


def _sorted_by(entry: Recommendation, language: str) -> str:
    first, second = entry.title_en, entry.title_zh_hans
    return (second or first) if language == "zh-hans" else (first or second)


def _texts(entry: Recommendation) -> tuple[list[str], list[str], list[str]]:
    return searched_texts(entry, [row.city for row in entry.coverage.all()])


def _words(texts: list[str]) -> str:
    """The words of ``texts`` between single spaces, a run of Chinese whole, as the script looks for them."""
    return f" {' '.join(token.word for text in texts for token in tokens(text))} "


def _ranks(keys: list[Any], *, newest_first: bool = False) -> list[int]:
    """The place of each key among the different ones; equal keys have equal places."""
    place = {key: n for n, key in enumerate(sorted(set(keys), reverse=newest_first))}
    return [place[key] for key in keys]


def _stems(entries: list[Recommendation]) -> dict[str, str]:
    """English words of the entries → what they are found by, where that differs."""
    found = {}
    for entry in entries:
        for text in (text for texts in _texts(entry) for text in texts):
            for token in tokens(text):
                word = fold(text[token.start : token.end])
                if not token.is_han and word != token.word:
                    found[word] = token.word
    return dict(sorted(found.items()))
