"""Which language a program wants the texts in: one of the two, with the other where it has nothing, or both."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from common.translation import BOTH, COLUMN_SUFFIX, HTML_LANG, in_language, language_named
from recommendations.filters import plain

#: What ``lang=`` may be, and the code of that language within the site.
WANTED = {**{tag: code for code, tag in HTML_LANG.items()}, BOTH: BOTH}


class Words:
    """Reads texts in ``language``: ``en``, ``zh-hans`` or ``both``."""

    def __init__(self, language: str) -> None:
        self.language = language

    @property
    def site_language(self) -> str:
        """The language of what the site itself says."""
        return "en" if self.language == BOTH else self.language

    @property
    def header(self) -> str:
        """The value of Content-Language."""
        return ", ".join(HTML_LANG.values()) if self.language == BOTH else HTML_LANG[self.language]

    def texts(self, owner: Any, *names: str) -> dict[str, Any]:
        """``names`` of ``owner``; ``fallback`` lists those that are in the other language for want of this one.

        In both languages, a text is an object by language, and what is missing is empty.
        """
        if self.language == BOTH:
            found: dict[str, Any] = {name: self._pair(owner, name) for name in names}
            return {**found, "fallback": []}
        texts = {name: in_language(owner, name, self.language) for name in names}
        return {**texts, "fallback": [name for name, text in texts.items() if text.is_fallback]}

    @staticmethod
    def _pair(owner: Any, name: str) -> dict[str, str]:
        return {tag: getattr(owner, f"{name}_{COLUMN_SUFFIX[code]}") for code, tag in HTML_LANG.items()}


def asked_for(request: HttpRequest) -> Words:
    """What ``lang=`` says where it says a language, or else what the browser or program prefers."""
    named = language_named(request.GET.get("lang", ""))
    return Words(WANTED[named] if named else preferred(request))


def problems_of(request: HttpRequest) -> list[str]:
    """What is wrong with the value of ``lang=``, in a sentence."""
    given = request.GET.get("lang", "")
    if not given or language_named(given):
        return []
    said = _("“%(value)s” is not a language; choose one of %(known)s.")
    return [said % {"value": plain(given)[:80], "known": ", ".join(WANTED)}]


def preferred(request: HttpRequest) -> str:
    """The first language of Accept-Language that the site has; else the first that it does not rule out (``q=0``)."""
    wishes = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    ruled_out = {_variant(code) for code, weight in wishes if weight == 0}
    wanted = [_variant(code) for code, weight in wishes if weight]
    return next((code for code in [*wanted, *HTML_LANG] if code and code not in ruled_out), "en")


def _variant(code: str) -> str:
    """The language of the site that ``code`` asks for; empty where it has none."""
    try:
        return get_supported_language_variant(code)
    except LookupError:
        return ""
