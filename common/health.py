"""Answers for machines: is the process alive, can it serve, what may be crawled."""

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common import changes
from common.context import origin_of

PLAIN = "text/plain; charset=utf-8"

#: What rooms have to say: each returns a line, or an empty string. A problem is a reason not to serve, a note is none.
problems: list[Callable[[], str]] = []
notes: list[Callable[[], str]] = []


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process is alive. Touches nothing else, so a slow database does not get it restarted."""
    return HttpResponse("ok\n", content_type=PLAIN)


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when this process can serve readers, else 503 with one line that says why."""
    problem = find_problem()
    said = problem or "; ".join(["ok", *filter(None, (note() for note in notes))])
    return HttpResponse(f"{said}\n", content_type=PLAIN, status=503 if problem else 200)


def find_problem() -> str:
    """Return why the site cannot serve, or an empty string. Where the database is, is not given away."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        untold = [] if pending else changes.missing()
        found = [] if pending else [problem() for problem in problems]
    except DatabaseError:
        return "the database does not answer"
    if pending:
        return f"{len(pending)} migrations are not applied: run manage.py migrate"
    if untold:
        return f"{len(untold)} triggers of the content version are missing: run manage.py migrate"
    return next(filter(None, found), "")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Everything public may be read by robots; the editors' desk is no use to them."""
    lines = ["User-agent: *", "Disallow: /admin/", f"Sitemap: {origin_of(request)}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type=PLAIN)
