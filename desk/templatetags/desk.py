"""Lets the desk's home page ask for what it shows."""

from typing import Any

from django import template

from desk.boxes import Desk

register = template.Library()


@register.simple_tag(takes_context=True)
def desk(context: Any) -> Desk:
    """The desk of whoever opened the page."""
    return Desk(context["request"])
