"""What a language model should know of the site before it reads it: llms.txt."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from common.conditional import named_by_content
from common.context import origin_of
from editions.models import Edition
from pillars.models import Report
from recommendations.export_files import FORMS, about
from recommendations.markdown import one_line
from recommendations.models import Recommendation

#: Entries named one by one; of more, the exports tell.
MAX_NAMED = 200
#: Which of the addresses above have a Chinese twin; the others have one address for both languages.
IN_CHINESE = (
    "the same pages, Markdown, data files, feeds and editions under /zh-hans/; the API with lang=zh-Hans. "
    "The catalogue, the API schema and this file have one address for both languages"
)


@named_by_content
def llms(request: HttpRequest) -> HttpResponse:
    """A table of contents in Markdown, after llmstxt.org."""
    origin = origin_of(request)
    entries = Recommendation.objects.published().in_order()
    said = about()
    lines = [f"# {said['title']}", "", f"> {said['provenance']}", "", f"Licence: {said['licence']}.", ""]
    lines += [
        "Each entry is an editorial reading: stated, implied or inferred. Cite the site as its author.",
        "",
    ]
    lines += ["## Reports", ""]
    for report in Report.objects.in_order():
        lines.append(f"- [{one_line(report.title)}]({origin}{report.get_absolute_url()}): {one_line(report.body)}")
    lines += ["", "## Recommendations", ""]
    for entry in entries[:MAX_NAMED]:
        address = f"{origin}{reverse('recommendations:markdown', args=[entry.slug])}"
        lines.append(f"- [{entry.number}. {one_line(entry.title)}]({address})")
    if (rest := entries.count() - MAX_NAMED) > 0:
        whole = f"[every entry as one file]({origin}{reverse('recommendations:export_md')})"
        lines += ["", f"{rest} more entries are not named here: {whole}, or page by page from the API below."]
    lines += ["", "## Data", ""]
    lines += [f"- [{kind}]({origin}{reverse(f'recommendations:export_{kind}')}): every entry" for kind in FORMS]
    lines += [f"- [Catalogue]({origin}{reverse('catalog')}): DCAT"]
    lines += [f"- [Feed]({origin}{reverse('opendata:feed_recommendations')}): new and changed entries"]
    lines += [f"- [Feed]({origin}{reverse('opendata:feed_updates')}): what became of them"]
    lines += [
        f"- [API]({origin}{reverse('api_docs:docs')}): JSON, read-only, no key; filters, facets, changes",
        f"- [API schema]({origin}{reverse('api:schema')}): OpenAPI 3.1",
        "",
        "## Editions",
        "",
        f"- [Editions]({origin}{reverse('editions:list')}): the content as it stood on given days, with checksums",
    ]
    editions = Edition.objects.newest_first()
    for edition in editions[:MAX_NAMED]:
        day = timezone.localdate(edition.frozen_at).isoformat()
        lines.append(f"- [{edition.name}]({origin}{edition.get_absolute_url()}): frozen on {day}")
    if (rest := editions.count() - MAX_NAMED) > 0:
        lines += ["", f"{rest} earlier editions are not named here: the list of editions has all of them."]
    lines += ["", "## Optional", "", f"- [About]({origin}{reverse('common:about')}): provenance, method, licence"]
    lines += [f"- [Chinese]({origin}/zh-hans/): {IN_CHINESE}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
