"""The editions: what there is, what each holds, one record of it, and what changed since."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.context import origin_of
from common.models import FormerSlug
from common.site import site_name
from common.translation import HTML_LANG, Text, site_language
from editions.comparing import Frozen, Since, Today, compare
from editions.models import Edition, EditionFile
from editions.records import Record, loaded, read
from recommendations.models import Recommendation
from recommendations.parameters import plain, repeated, unknown_parameters

#: Records named on the page of an edition; all of them are in its files.
MAX_NAMED = 500
#: Files made of the manifest itself.
MANIFEST, SUMS = "manifest.json", "sha256sums.txt"
TODAY = "today"


def index(request: HttpRequest) -> HttpResponse:
    """Every edition, the newest first."""
    return render(request, "editions/list.html", {"editions": list(Edition.objects.newest_first())})


def edition(request: HttpRequest, name: str) -> HttpResponse:
    """One edition: its files, how to cite it, what changed since, what it holds."""
    found = get_object_or_404(Edition, name=name)
    bodies = found.records().values_list("body", flat=True)[:MAX_NAMED]
    context = {
        "edition": found,
        "files": [(file, file.get_absolute_url()) for file in found.files.order_by("pk")],
        "manifest_name": MANIFEST,
        "sums_name": SUMS,
        "records": [Record(read(bytes(body))) for body in bodies],
        "comparison": compare(Frozen(found), Today(found.frozen_at)),
        "citations": citations(found, origin_of(request)),
    }
    return render(request, "editions/edition.html", context)


def citations(found: Edition, origin: str) -> list[Text]:
    """How to cite the edition, in each language, that of the page first."""
    languages = sorted(HTML_LANG, key=lambda language: language != site_language())
    said = []
    for language in languages:
        with translation.override(language):
            parts = [
                _("%(site)s, edition %(name)s") % {"site": site_name(), "name": found.name},
                _("frozen on %(date)s") % {"date": date_format(timezone.localtime(found.frozen_at))},
                _("an editorial reading of published recommendations"),
                f"SHA-256 {found.digest[:16]}",
            ]
            words = f"{pgettext('citation', ', ').join(parts)}{pgettext('citation', '. ')}"
            said.append(Text(f"{words}{origin}{found.get_absolute_url()}", language))
    return said


def entry(request: HttpRequest, name: str, slug: str) -> HttpResponse:
    """One record as it was frozen."""
    found = get_object_or_404(Edition, name=name)
    piece = found.records().filter(slug=slug).first()
    if piece is None:
        return redirect("editions:entry", name, _slug_then(found, slug))
    record = Record(read(bytes(piece.body)))
    now = next(iter(loaded(Recommendation.objects.published().filter(pk=record.data["id"]))), None)
    since = Since.of(found, record.data, now) if now else Since(False, [])
    context = {
        "edition": found,
        "record": record,
        "now": Record(now) if now else None,
        "changes": since.changes,
        "is_changed": since.is_changed,
        "citation": citation_of(record, found, origin_of(request)),
    }
    return render(request, "editions/entry.html", context)


def _slug_then(found: Edition, slug: str) -> str:
    """What the entry that is or was called ``slug`` is called in this edition. Raises ``Http404`` where it has none."""
    is_now = Recommendation.objects.filter(slug=slug).values_list("pk", flat=True)
    was_once = FormerSlug.objects.for_model(Recommendation).filter(slug=slug).values_list("object_id", flat=True)
    for pk in (*is_now, *was_once):
        if piece := found.records().filter(entry=pk).first():
            return piece.slug
    raise Http404(f"edition {found.name} has no entry {slug}")


def _named(record: Record) -> dict[str, object]:
    return {"number": record.number, "title": record.title, "site": site_name()}


def citation_of(record: Record, found: Edition, origin: str) -> str:
    """How to cite one record of an edition, in words."""
    parts = [_("“%(number)s. %(title)s”, %(site)s") % _named(record)]
    parts.append(_("edition %(name)s") % {"name": found.name})
    if record.version:
        parts.append(_("version %(number)s") % {"number": record.version})
    parts.append(_("an editorial reading, basis: %(basis)s") % {"basis": str(record.basis_label).lower()})
    words = f"{pgettext('citation', ', ').join(parts)}{pgettext('citation', '. ')}"
    return f"{words}{origin}{found.get_absolute_url()}{record.slug}/"


def changes(request: HttpRequest, name: str) -> HttpResponse:
    """What changed from one edition to another, the older first, or to today; with none that is not there."""
    found = get_object_or_404(Edition, name=name)
    others = list(Edition.objects.newest_first().exclude(pk=found.pk))
    given = request.GET.get("to", "")
    other = next((each for each in others if each.name == given), None)
    problems = [*unknown_parameters(request.GET, ("to",)), *repeated(request.GET, ["to"])]
    if other is None and given not in {"", TODAY}:
        said = _("There is no other edition “%(name)s” to compare with.") % {"name": plain(given)[:80]}
        context: dict[str, Any] = dict.fromkeys(("other", "after", "comparison"))
        context |= {"edition": found, "others": others, "before": found, "problems": [*problems, said]}
        return render(request, "editions/changes.html", context, status=404)
    before, after = found, other
    if other and (other.frozen_at, other.pk) < (found.frozen_at, found.pk):
        before, after = other, found
    context = {
        "edition": found,
        "others": others,
        "other": other,
        "before": before,
        "after": after,
        "problems": problems,
        "comparison": compare(Frozen(before), Frozen(after) if after else Today(before.frozen_at)),
    }
    return render(request, "editions/changes.html", context)


def download(request: HttpRequest, name: str, file: str) -> HttpResponseBase:
    """A file of an edition, byte for byte."""
    found = get_object_or_404(Edition, name=name)
    if file == MANIFEST:
        return _sent(request, file, HttpResponse(found.manifest, content_type="application/json"), found.digest)
    if file == SUMS:
        sums = {row["name"]: row["sha256"] for row in found.facts["files"]} | {MANIFEST: found.digest}
        body = "".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode()
        text = HttpResponse(body, content_type="text/plain; charset=utf-8")
        return _sent(request, file, text, sha256(body).hexdigest())
    kept = get_object_or_404(EditionFile, edition=found, name=file)
    # A HEAD has no body: nothing is begun that no one would read to its end.
    chunks = () if request.method == "HEAD" else kept.chunks()
    response = StreamingHttpResponse(chunks, content_type=kept.content_type, headers={"Content-Length": str(kept.size)})
    return _sent(request, file, response, kept.digest)


def _sent(request: HttpRequest, file: str, response: Any, digest: str) -> HttpResponseBase:
    """``response`` as a file to keep; it never changes, so that it is asked for once.

    It is saved under the name that its address, the manifest and the list of sums have for it.
    """
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    response["ETag"] = f'"{digest}"'
    return get_conditional_response(request, etag=f'"{digest}"', response=response) or response
