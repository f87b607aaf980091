"""What a page says of itself to programs, in its head. The pages are of rooms below, which know nothing of it."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from opendata import structured, structured_editions

register = template.Library()

#: What could end the element, or begin another one, within a text.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


@register.simple_tag
def entry_data(entry: Any, version: Any, origin: str) -> SafeString:
    """``entry`` for search engines and for libraries."""
    return _head(structured.entry_tags(entry, version, origin), structured.entry_graph(entry, version, origin))


@register.simple_tag
def edition_data(edition: Any, citation: str, origin: str) -> SafeString:
    """``edition`` for search engines and for libraries; ``citation`` is how to cite it, in words."""
    graph = structured_editions.edition_graph(edition, citation, origin)
    return _head(structured_editions.edition_tags(edition, origin), graph)


@register.simple_tag
def record_data(edition: Any, record: Any, citation: str, origin: str) -> SafeString:
    """The same of one record of ``edition``."""
    graph = structured_editions.record_graph(edition, record, citation, origin)
    return _head(structured_editions.record_tags(edition, record, origin), graph)


def _head(rows: list[tuple[str, str]], graph: dict[str, Any]) -> SafeString:
    tags = format_html_join("\n", '<meta name="{}" content="{}">', rows)
    return format_html('<link rel="schema.DCTERMS" href="http://purl.org/dc/terms/">\n{}\n{}', tags, json_ld(graph))


@register.simple_tag
def report_data(report: Any, origin: str) -> SafeString:
    """``report`` for search engines."""
    return json_ld(structured.report_graph(report, origin))


def json_ld(graph: dict[str, Any]) -> SafeString:
    """``graph`` as a block of data in a page: no script, so that the policy on scripts has nothing to say to it."""
    text = json.dumps(graph, ensure_ascii=False).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308 - escaped above
