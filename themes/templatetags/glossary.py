"""Words explained where they are read."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.loader import get_template
from django.utils.html import conditional_escape, linebreaks
from django.utils.safestring import SafeString, mark_safe

from common.translation import Text, site_language
from themes.gloss import Glossary
from themes.models import GlossaryEntry

register = template.Library()

#: Where an answer keeps what it has explained so far.
KEPT_AS = "_glossary"


@register.simple_tag(takes_context=True)
def glossed(context: Any, text: str, *, paragraphs: bool = False) -> SafeString:
    """``text`` with the page's first use of each glossary word made a button that explains it.

    Not for headings, links and key phrases. With ``paragraphs`` its line breaks are kept, as ``linebreaks`` does.
    """
    language = text.lang if isinstance(text, Text) and text.lang else site_language()
    parts = [
        _explained(piece, entry, language) if entry else conditional_escape(piece)
        for piece, entry in _glossary_of(context).pieces(str(text), language)
    ]
    marked = mark_safe("".join(parts))  # noqa: S308 - every part is escaped
    return SafeString(linebreaks(marked, autoescape=False)) if paragraphs else marked


def _glossary_of(context: Any) -> Glossary:
    """The glossary of this answer; of this rendering, where nothing was asked."""
    request = getattr(context, "request", None)
    if request is None:
        return context.render_context.setdefault(KEPT_AS, Glossary())
    if not hasattr(request, KEPT_AS):
        setattr(request, KEPT_AS, Glossary())
    found: Glossary = getattr(request, KEPT_AS)
    return found


def _explained(word: str, entry: GlossaryEntry, language: str) -> str:
    """The word with its explanation, in one line: it stands within a paragraph."""
    context = {"word": word, "entry": entry, "is_other": language != site_language()}
    html = get_template("themes/_gloss.html").render(context)
    return " ".join(html.split())
