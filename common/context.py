"""What the frame around every public page needs. Reads no database, so that error pages have it too."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix
from django.utils.encoding import escape_uri_path, iri_to_uri
from django.utils.http import escape_leading_slashes

from common.site import is_renamed, site_line, site_name
from common.translation import HTML_LANG, other_language, site_language

#: What a reader of each language looks for when the page is in the other one.
LANGUAGE_NAMES = {"en": "English", "zh-hans": "简体中文"}

#: Language and country as link previews want them (Open Graph has no language without a country).
OG_LOCALES = {"en": "en_GB", "zh-hans": "zh_CN"}

#: Name of the address, or its namespace → which item of the main navigation it belongs to.
SECTIONS = {
    "recommendations": "recommendations",
    "recommendations:briefing": "cities",
    "themes": "recommendations",
    "pillars": "pillars",
    "cities": "cities",
    "progress": "progress",
    "sources": "about",
    "common": "about",
    "api_docs": "about",
    "editions": "about",
    "embed": "recommendations",
    "themes:glossary": "about",
}


def path_in(language: str, path: str) -> str:
    """The same page in ``language``: English at the root, Chinese under its prefix."""
    root = get_script_prefix()
    page = path.removeprefix(root)
    prefix = "zh-hans/"
    page = "" if page == prefix.rstrip("/") else page.removeprefix(prefix)
    moved = f"{root}{prefix if language == 'zh-hans' else ''}{page}"
    return escape_leading_slashes(escape_uri_path(moved))


def section_of(request: HttpRequest) -> str:
    """Which item of the main navigation ``request`` is under; empty at home and where nothing is."""
    match = request.resolver_match
    if match is None or match.view_name == "recommendations:home":
        return ""
    return SECTIONS.get(match.view_name) or SECTIONS.get(match.namespace, "")


def origin_of(request: HttpRequest) -> str:
    """Scheme and host of the site, for addresses that must be absolute."""
    return settings.SITE_URL or f"{request.scheme}://{request.get_host()}"


def client_of(request: HttpRequest) -> str:
    """Who asks. Behind our own proxy that is the last address of the list, which the proxy itself wrote."""
    forwarded = str(request.headers.get("X-Forwarded-For", ""))
    if settings.BEHIND_TLS_PROXY and forwarded:
        return forwarded.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def site(request: HttpRequest) -> dict[str, Any]:
    """Name, language, and the address of this page in each language."""
    language = site_language()
    other = other_language(language)
    query = request.META.get("QUERY_STRING", "")
    origin = origin_of(request)
    addresses = {code: f"{origin}{path_in(code, request.path)}" for code in HTML_LANG}
    alternate = path_in(other, request.path)
    return {
        "site_name": site_name(),
        "site_line": site_line(),
        "is_renamed": is_renamed(),
        "page_lang": HTML_LANG[language],
        "origin": origin,
        "og_locale": OG_LOCALES[language],
        "alternate_og_locale": OG_LOCALES[other],
        "section": section_of(request),
        "canonical_url": addresses[language],
        "hreflangs": [(HTML_LANG[code], address) for code, address in addresses.items()]
        + [("x-default", addresses["en"])],
        "alternate_url": f"{alternate}?{iri_to_uri(query)}" if query else alternate,
        "alternate_lang": HTML_LANG[other],
        "alternate_name": LANGUAGE_NAMES[other],
    }
