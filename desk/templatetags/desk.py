"""What the templates of the desk ask for: what its home shows, and cells that know their column."""

import re
from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from desk.boxes import Desk

register = template.Library()

#: How a cell of Django's list begins; that of the box which chooses a row needs no name.
CELL = re.compile(r'<t[dh](?! class="action-checkbox")(?=[ >])')


@register.simple_tag(takes_context=True)
def desk(context: Any) -> Desk:
    """The desk of whoever opened the page."""
    return Desk(context["request"])


@register.filter
def labelled(cells: Iterable[SafeString], headers: list[dict[str, Any]]) -> list[SafeString]:
    """The cells of a row of Django's list, each with the name of its column."""
    return [_named(cell, header["text"] if header else "") for cell, header in zip_longest(cells, headers)]


def _named(cell: SafeString, name: object) -> SafeString:
    label = conditional_escape(capfirst(str(name)))
    known = " data-empty" if cell.endswith((">–</td>", ">-</td>")) else ""
    return mark_safe(CELL.sub(lambda start: f'{start[0]} data-label="{label}"{known}', cell, count=1))  # noqa: S308 - escaped
