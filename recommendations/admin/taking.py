"""Files that editors take along: streamed, and on record where entries are in them."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, StreamingHttpResponse

from recommendations.export_files import FORMS
from recommendations.querysets import RecommendationQuerySet
from recommendations.spreadsheet import export
from staff import audit
from staff.choices import Act


def as_file(pieces: Iterable[str | bytes], form: str, name: str) -> StreamingHttpResponse:
    """``pieces`` as the file ``name`` of the kind that ``form``, its ending, says."""
    response = StreamingHttpResponse(pieces, content_type=FORMS[form].content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def entries_as_file(
    request: HttpRequest, entries: RecommendationQuerySet, form: str, name: str
) -> StreamingHttpResponse:
    """``entries`` with every column, to be changed and imported again; the audit log says who took them."""
    audit.note(request, Act.EXPORT, f"{name}.{form}", request.META.get("QUERY_STRING", "")[:200])
    return as_file(export.FORMS[form](entries), form, name)
