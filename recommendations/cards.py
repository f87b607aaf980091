"""Loads what the cards of a page of results show, and no more: three queries, and no row of reference data twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cities.models import City
from pillars.models import Pillar
from recommendations.models import CityLink, Recommendation
from themes.models import Term


@dataclass(frozen=True, slots=True)
class Reference:
    """What entries refer to, by id; terms in the order in which they are shown."""

    pillars: dict[int, Pillar]
    cities: dict[int, City]
    terms: dict[int, Term]
    #: How a part of a card looks, by what it shows (``recommendations.templatetags.reading.look``).
    looks: dict[object, str] = field(default_factory=dict)
    #: The same of whole cards (``card`` there).
    card_looks: dict[object, str] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Reference:
        terms = Term.objects.select_related("vocabulary").in_order()
        return cls(Pillar.objects.in_bulk(), City.objects.in_bulk(), {term.pk: term for term in terms})


def load_cards(ids: Sequence[int], reference: Reference) -> list[Recommendation]:
    """Published entries in the order of ``ids`` with pillar, terms and linked cities loaded, as ``for_list`` does.

    Raises ``KeyError`` where one refers to what ``reference`` does not have.
    """
    entries = Recommendation.objects.published().in_bulk(ids)
    terms = _grouped(Recommendation.terms.through.objects.filter(recommendation__in=ids), "term_id")
    links = _grouped(CityLink.objects.filter(recommendation__in=ids).order_by("city_id", "pk"), "city_id")
    rank = {pk: place for place, pk in enumerate(reference.terms)}
    for pk, entry in entries.items():
        entry.looks = reference.looks  # type: ignore[attr-defined]
        entry.card_looks = reference.card_looks  # type: ignore[attr-defined]
        entry.pillar = reference.pillars[entry.pillar_id or 0]
        entry._prefetched_objects_cache = {  # type: ignore[attr-defined]
            "terms": [reference.terms[term] for term in sorted(terms[pk], key=rank.__getitem__)],
            "city_links": [CityLink(city=reference.cities[city]) for city in links[pk]],
        }
    return [entries[pk] for pk in ids if pk in entries]


def _grouped(rows: Any, column: str) -> dict[int, list[int]]:
    """Entry id → what stands in ``column`` of its ``rows``."""
    found: dict[int, list[int]] = defaultdict(list)
    for entry, value in rows.values_list("recommendation_id", column):
        found[entry].append(value)
    return found
