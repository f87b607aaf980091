"""The single-file edition: every entry in full, both languages, in one file that opens anywhere."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from cities.models import City
from common.site import site_line, site_name, site_slug
from common.translation import HTML_LANG
from editions.static import static_text
from pillars.models import Pillar, Report
from progress.models import Checkpoint
from recommendations.choices import Basis
from recommendations.entry_page import Touched, touched_cities
from recommendations.models import Recommendation
from themes.models import GlossaryEntry, Term

#: Links to places on pages that the file has as a section of its own.
SECTIONS = {
    "glossary": re.compile(r'href="/(?:[^"]*/)?glossary/#[^"]*"'),
    "provenance": re.compile(r'href="/(?:[^"]*/)?sources/[^"]*"'),
}


@dataclass(frozen=True, slots=True)
class Whole:
    """An entry with what the file shows of it; ``cities`` are the slugs of those it touches."""

    entry: Recommendation
    touched: list[Touched]
    cities: str
    terms: list[Term]


def single_name() -> str:
    """The name of the file, made of the site's."""
    return f"{site_slug().replace('-', '')}.html"


def single_file(notice: dict[str, str], *, base_url: str) -> bytes:
    """The file. ``notice`` says in each language which edition it is; ``base_url`` is the live site, or empty.

    It has no server to send a policy, so it carries one: nothing but its own style and script, told by their digests.
    """
    style, script = static_text("css/kb.css"), static_text("js/single.js")
    parts = []
    for language in HTML_LANG:
        with translation.override(language):
            text: str = render_to_string("editions/_single_part.html", part(notice[language], base_url))
            # The mark and explained words stand in each part, an id may not.
            for name in ('"petal', '"#petal', '"gloss-'):
                text = text.replace(name, f"{name.rstrip('-')}-{language}{'-' if name.endswith('-') else ''}")
            for section, link in SECTIONS.items():
                text = link.sub(f'href="#{language}-{section}"', text)
            parts.append(mark_safe(text))  # noqa: S308 - rendered by a template
    with translation.override("en"):
        context = {"parts": parts, "style": style, "script": script, "policy": policy(style, script), "title": title()}
        return render_to_string("editions/single.html", context).encode()


def title() -> str:
    """What the site is called in each language, once where that is the same."""
    names = []
    for language in HTML_LANG:
        with translation.override(language):
            names.append(site_name())
    return " · ".join(dict.fromkeys(names))


def policy(style: str, script: str) -> str:
    """A content security policy that allows this style, this script and nothing else."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def part(notice: str, base_url: str) -> dict[str, Any]:
    """What one language of the file shows."""
    entries = [_whole(entry) for entry in Recommendation.objects.published().for_detail().in_order()]
    pillars = [
        (pillar, [whole for whole in entries if whole.entry.pillar_id == pillar.pk])
        for pillar in Pillar.objects.in_order()
    ]
    touched = {slug for whole in entries for slug in whole.cities.split()}
    language = translation.get_language() or "en"
    return {
        "code": language,
        "page_lang": HTML_LANG[language],
        "site_name": site_name(),
        "site_line": site_line(),
        "pillars": [(pillar, found) for pillar, found in pillars if found],
        "total": len(entries),
        "cities": [city for city in City.objects.in_order() if city.slug in touched],
        "reports": list(Report.objects.in_order().select_related("source")),
        "glossary": list(GlossaryEntry.objects.order_by("slug")),
        "checkpoints": list(Checkpoint.objects.in_order()),
        "bases": [(basis.value, basis.label, basis.meaning) for basis in Basis],
        "notice": notice,
        "base_url": base_url,
    }


def _whole(entry: Recommendation) -> Whole:
    cities = " ".join(row.city.slug for row in entry.coverage.all())
    return Whole(entry, touched_cities(entry), cities, list(entry.terms.all()))
