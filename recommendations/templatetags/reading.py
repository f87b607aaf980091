"""How an entry is shown: matched words, and what its marks mean."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import pairwise
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from common.grammar import FIXED_FACETS
from recommendations.choices import Basis, Status
from recommendations.excerpts import Excerpt, excerpts
from recommendations.parts import FacetValue, FacetView
from recommendations.tokens import Phrase, spans

register = template.Library()

STATUS_MEANINGS: dict[str, str | Promise] = {
    Status.NO_FOLLOW_UP_FOUND: _(
        "We have found no public source that says what became of it. That does not mean that nothing was done."
    ),
    Status.UNDER_CONSIDERATION: _("A public source says that those responsible are studying it."),
    Status.ADOPTED: _("A public source says that it was accepted, or taken into a plan or a rule."),
    Status.IN_PROGRESS: _("A public source says that work on it has begun."),
    Status.PARTLY_IMPLEMENTED: _("A public source says that a part of it is in effect."),
    Status.IMPLEMENTED: _("A public source says that it is in effect."),
    Status.SET_ASIDE: _("A public source says that it will not be taken up."),
}


@register.filter
def basis_mark(value: str) -> str:
    """``s``, ``m`` or ``f``: the class that draws the square of a basis."""
    return Basis(value).mark


@register.filter
def basis_meaning(value: str) -> str | Promise:
    """What a basis says of an entry, in a sentence."""
    return Basis(value).meaning


@register.filter
def status_meaning(value: str) -> str | Promise:
    """What a status says of an entry, in a sentence."""
    return STATUS_MEANINGS[Status(value)]


#: Stand in what is kept of a value for the numbers that the filter decides; no text of ours has them.
_COUNT, _LARGEST = "\ue000", "\ue001"
#: Stands in what is kept of a card for what the filter adds to its address.
_QUERY = "\ue002"


@register.simple_tag
def facet_values(facet: FacetView, start: int = 0, stop: int | None = None) -> SafeString:
    """The values of ``facet`` from ``start`` up to ``stop``, each as ``_facet_value.html`` shows it.

    The template is asked once for each value and kept with the facet: a page has hundreds of them.
    """
    largest = str(facet.largest or 1)
    shown = (
        _look(facet, value).replace(_COUNT, str(value.count)).replace(_LARGEST, largest)
        for value in facet.values[start:stop]
    )
    return mark_safe("".join(shown))  # noqa: S308 - rendered by a template


def _look(facet: FacetView, value: FacetValue) -> str:
    key = value.slug, value.is_selected, bool(value.count)
    if key not in facet.looks:
        shown: Any = replace(value, count=_COUNT if value.count else 0)  # type: ignore[arg-type]
        context = {"value": shown, "name": facet.name, "largest": _LARGEST}
        facet.looks[key] = render_to_string("recommendations/_facet_value.html", context)
    return facet.looks[key]


#: Part of a card → its template, and what of the entry decides how it looks.
_PARTS: dict[str, tuple[str, Callable[[Any], object]]] = {
    "pillar": ("recommendations/_pillar_chip.html", lambda entry: entry.pillar_id),
    "basis": ("includes/_basis.html", lambda entry: entry.basis),
    "reach": (
        "recommendations/_reach.html",
        lambda entry: (entry.reach, tuple(link.city_id for link in entry.city_links.all())),
    ),
    "themes": ("recommendations/_themes.html", lambda entry: tuple(term.pk for term in entry.terms.all()[:3])),
}
#: Looks kept at a time: places and themes come in any combination; and whole cards, of two kilobytes each.
_MOST_LOOKS, _MOST_CARDS = 5_000, 1_500
#: What of an entry decides how its card looks, beside its parts.
_CARD_COLUMNS = ("slug", "number", "title_en", "title_zh_hans", "summary_en", "summary_zh_hans")


@register.simple_tag
def look(entry: Any, part: str) -> SafeString:
    """A part of the card of ``entry``; made once for all that look alike, where its loader keeps them."""
    template_name, showing = _PARTS[part]
    looks = getattr(entry, "looks", None)
    if looks is None:
        return SafeString(render_to_string(template_name, {"entry": entry}))
    key = part, showing(entry)
    if key not in looks:
        if len(looks) >= _MOST_LOOKS:
            looks.clear()
        looks[key] = render_to_string(template_name, {"entry": entry})
    return SafeString(looks[key])


@register.simple_tag
def card(entry: Any, query: str) -> SafeString:
    """The card of ``entry`` among results where nothing is marked; made once for all states in which it looks so."""
    cards = getattr(entry, "card_looks", None)
    context = {"entry": entry, "level": 2, "tokens": "", "query": _QUERY, "pick": True}
    if cards is None:
        return SafeString(_with_query(render_to_string("recommendations/_rec.html", context), query))
    key = (
        *(getattr(entry, column) for column in _CARD_COLUMNS),
        *(showing(entry) for _template, showing in _PARTS.values()),
    )
    if key not in cards:
        if len(cards) >= _MOST_CARDS:
            cards.clear()
        cards[key] = render_to_string("recommendations/_rec.html", context)
    return SafeString(_with_query(cards[key], query))


def _with_query(shown: str, query: str) -> str:
    return shown.replace(_QUERY, conditional_escape(query))


@register.filter
def any_selected(values: Collection[Any]) -> bool:
    """Whether one of these facet values is chosen."""
    return any(value.is_selected for value in values)


@register.filter
def vocabulary_facets(facets: Collection[Any]) -> list[Any]:
    """Those of ``facets`` that are vocabularies of terms."""
    return [facet for facet in facets if facet.name not in FIXED_FACETS]


@register.filter
def terms_of(entry: Any, vocabulary: str) -> list[Any]:
    """The terms of ``entry`` in the vocabulary with this slug; they are loaded."""
    return [term for term in entry.terms.all() if term.vocabulary.slug == vocabulary]


@register.filter
def with_next(checkpoints: Collection[Any]) -> list[tuple[Any, bool]]:
    """Each checkpoint, and whether it is the first of those ahead."""
    ahead = next((checkpoint for checkpoint in checkpoints if checkpoint.state == "upcoming"), None)
    return [(checkpoint, checkpoint is ahead) for checkpoint in checkpoints]


@register.simple_tag
def highlight(text: str, phrases: Collection[Phrase] = ()) -> SafeString:
    """``text`` with each place marked in which one of ``phrases`` stands."""
    found = spans(text, phrases) if phrases else []
    if not found:
        return conditional_escape(text)
    edges = [0, *(edge for span in found for edge in span), len(text)]
    parts = [
        format_html("<mark>{}</mark>", text[start:end]) if is_match % 2 else conditional_escape(text[start:end])
        for is_match, (start, end) in enumerate(pairwise(edges))
    ]
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped


@register.simple_tag(name="excerpts")
def excerpts_of(entry: Any, words: Collection[Phrase] = ()) -> list[Excerpt]:
    """The passages of ``entry`` that show those of ``words`` which its title and summary do not have."""
    return excerpts(entry, words) if words else []
