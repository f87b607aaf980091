"""The public pages of the heart: browse and one entry."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from cities.models import City
from common.conditional import etag_of_state, named, named_by_content
from common.context import origin_of
from common.slugs import SlugMoved
from common.tilemap import TileMap
from recommendations import citations, entry_page, jump
from recommendations.export import WISHES, Shape, file_name, matrix_file_name
from recommendations.export_files import FORMS
from recommendations.filters import SHOWN, RecommendationFilterSet
from recommendations.index.answers import answers_for
from recommendations.index.keeping import keeper
from recommendations.markdown import twin_text
from recommendations.matrix import Matrix
from recommendations.models import EntryVersion, Recommendation
from recommendations.parameters import repeated
from recommendations.querysets import RecommendationQuerySet
from recommendations.reading import Reading
from recommendations.stored import is_part, stored
from recommendations.suggest import as_json
from recommendations.timeline import timeline
from recommendations.withdrawn import answers_moved_and_gone, get_entry

CSV = "text/csv; charset=utf-8"


@stored
def browse(request: HttpRequest) -> HttpResponse:
    """Every entry, narrowed by the filter in the address."""
    entry = jump.target(request.GET, Recommendation.objects.published())
    if entry:
        return _vary_on_htmx((HttpResponseClientRedirect if is_part(request) else redirect)(entry.get_absolute_url()))
    reading = Reading(request.GET)
    if reading.filterset.moved:
        return redirect_moved(request, reading.filterset)
    template = "recommendations/_browse.html" if is_part(request) else "recommendations/browse.html"
    return _vary_on_htmx(render(request, template, {"reading": reading}))


def _vary_on_htmx(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ("HX-Request",))
    return response


def suggest(request: HttpRequest) -> JsonResponse:
    """What the reader may be about to type, for the search box."""
    return JsonResponse(as_json(request.GET.get("q", "")), json_dumps_params={"ensure_ascii": False})


def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The same filter, every match, as a file of ``kind``."""
    etag = etag_of_state(request)
    filterset = RecommendationFilterSet(request.GET, beside=(*SHOWN, *WISHES), is_exact=True)
    if filterset.moved:
        return redirect_moved(request, filterset)
    form = FORMS[kind]
    shape = Shape.read(request.GET, is_table=form.is_table)
    if problems := [*filterset.problems, *shape.problems]:
        return refuse(problems)
    # A HEAD has no body: nothing is begun that no one would read to its end.
    body = () if request.method == "HEAD" else form.write(filterset, shape, origin_of(request))
    response = StreamingHttpResponse(body, content_type=form.content_type)
    response["Content-Disposition"] = f'attachment; filename="{file_name(kind)}"'
    return named(request, response, etag) if etag else response


@named_by_content
@keeper.one_state()
def matrix_csv(request: HttpRequest) -> HttpResponse:
    """The matrix of the same filter as a spreadsheet's text."""
    filterset = RecommendationFilterSet(request.GET, is_exact=True)
    if filterset.moved:
        return redirect_moved(request, filterset)
    matrix = Matrix(request.GET, filterset, answers_for(filterset))
    if problems := [*filterset.problems, *matrix.problems]:
        return refuse(problems)
    response = HttpResponse(matrix.csv(), content_type=CSV)
    response["Content-Disposition"] = f'attachment; filename="{matrix_file_name()}"'
    return response


def redirect_moved(request: HttpRequest, filterset: RecommendationFilterSet) -> HttpResponse:
    """To the same address with the names its values have now."""
    data = request.GET.copy()
    for (name, former), now in filterset.moved.items():
        data.setlist(name, [now if value == former else value for value in data.getlist(name)])
    return redirect(f"{request.path}?{data.urlencode()}", permanent=True)


def refuse(problems: list[str]) -> HttpResponse:
    """A file cannot say beside its rows what was left out of its filter, so that there is none."""
    return HttpResponse("\n".join(problems) + "\n", status=400, content_type="text/plain; charset=utf-8")


@answers_moved_and_gone
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One entry with its evidence, within the reader's filter; ``edition`` leads to it as it stood in that one."""
    if problems := repeated(request.GET, ["edition"]):
        return refuse(problems)
    if edition := request.GET.get("edition"):
        return _in_edition(edition, slug)
    entry = get_entry(_visible(request).for_detail(), slug)
    response = render(request, "recommendations/detail.html", entry_context(request, entry))
    if not entry.is_public:
        patch_cache_control(response, private=True, no_store=True)
    return response


def _in_edition(edition: str, slug: str) -> HttpResponse:
    """To the record that an edition has of an entry; the editions are of a room above, known by its address."""
    try:
        return redirect("editions:entry", edition, slug)
    except NoReverseMatch:
        raise Http404(f"no edition is called {edition}") from None


@answers_moved_and_gone
@named_by_content
def cite(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """The reference to one entry as a file for a reference manager; ``kind`` is ``bib`` or ``ris``."""
    entry = get_entry(Recommendation.objects.published().for_list(), slug)
    version = EntryVersion.objects.filter(entry=entry).public_now().first()
    write, content_type = citations.FILES[kind]
    text = write(entry, version, f"{origin_of(request)}{entry.get_absolute_url()}")
    response = HttpResponse(text, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{entry.slug}.{kind}"'
    return response


@answers_moved_and_gone
@named_by_content
def markdown(request: HttpRequest, slug: str) -> HttpResponse:
    """One entry as Markdown."""
    try:
        entry = get_entry(Recommendation.objects.published().for_detail(), slug)
    except SlugMoved as moved:
        return redirect("recommendations:markdown", str(moved), permanent=True)
    version = EntryVersion.objects.filter(entry=entry).public_now().first()
    return HttpResponse(twin_text(entry, version, origin_of(request)), content_type=FORMS["md"].content_type)


def entry_context(request: HttpRequest, entry: Recommendation) -> dict[str, Any]:
    """What the page of ``entry`` shows, as :func:`detail` serves it; ``entry`` is loaded ``for_detail``."""
    carried = Reading(request.GET)
    before, after = carried.answers.neighbours(entry)
    version = EntryVersion.objects.filter(entry=entry).public_now().first()
    permalink = f"{origin_of(request)}{entry.get_absolute_url()}"
    return {
        "entry": entry,
        "evidence": list(entry.evidence.all()),
        "touched": entry_page.touched_cities(entry),
        "is_province_wide": entry.reach == "province",
        "tilemap": TileMap.build(City.objects.select_related("region").in_order(), marks=entry_page.city_marks(entry)),
        "terms_by_vocabulary": entry_page.terms_by_vocabulary(entry),
        "related": entry_page.related_entries(entry),
        "previous": before,
        "next": after,
        "previous_url": f"{before.get_absolute_url()}{carried.entry_query}" if before else "",
        "next_url": f"{after.get_absolute_url()}{carried.entry_query}" if after else "",
        "back_url": f"{reverse('recommendations:browse')}{carried.entry_query}" if carried.entry_query else "",
        **history_context(entry),
        "version": version,
        "notice": entry_page.notice(entry),
        "untranslated": entry_page.untranslated_fields(entry),
        "citation": citations.plain(entry, version, permalink),
        "citations": citations.styles(entry, version, permalink, read_on=timezone.localdate()),
        "permalink": permalink,
    }


def history_context(entry: Recommendation) -> dict[str, Any]:
    """What became of ``entry``, for its page."""
    events = timeline(entry)
    return {"events": events, "has_updates": any(event.update for event in events)}


def _visible(request: HttpRequest) -> RecommendationQuerySet:
    """What this reader may open. A request without a session cookie does not touch the session."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return Recommendation.objects.visible_to(request.user)
    return Recommendation.objects.published()
