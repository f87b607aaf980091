"""What the frame of the desk asks of a request."""

from __future__ import annotations

from typing import Any

from django import template

from staff.kept import FIELD, Kept

register = template.Library()


@register.simple_tag(takes_context=True)
def words_sent(context: Any) -> dict[str, str]:
    """What was sent to this page: left for the same in another language, it has to carry that along, and lead there."""
    request = context["request"]
    kept: Kept | None = context.get("kept")
    if kept is None and getattr(request, "csrf_processing_done", False):  # of another site's form nothing is carried
        kept = Kept.of(request)
    if kept is None:
        return {"next": request.get_full_path()}
    return {"name": FIELD, "value": kept.packed, "next": kept.path}
