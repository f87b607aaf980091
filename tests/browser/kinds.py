"""One address of every kind of page: those named here, and whatever else the URLconf has, found by its links."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve
from django.utils import translation

from tests.walk import page_names

#: Kinds of page that have a name: what they show depends on the query, or on which thing they are about.
PAGES = (
    "/",
    "/recommendations/",
    "/recommendations/?view=table",
    "/recommendations/?view=matrix",
    "/recommendations/?view=matrix&rows=pillar&cols=city",
    "/recommendations/?q=service&pillar=talent&basis=stated",
    "/recommendations/?q=xyzzy&pillar=talent",
    "/recommendations/?q=telemedecine+after-sales+-visa",
    "/recommendations/?q=artifical+inteligence",
    "/recommendations/?pillar=nonsense",
    "/recommendations/core-city-finance-for-neighbouring-factories/",
    "/recommendations/expertise-for-the-underserved-periphery/",
    "/compare/?r=fintech-sandbox&r=core-city-finance-for-neighbouring-factories&r=9&r=nonsense",
    "/areas/greater-bay-area/",
    "/pillars/",
    "/pillars/talent/",
    "/cities/",
    "/cities/foshan/",
    "/cities/hong-kong/",
    "/about/",
    "/embed/?pillar=talent&view=matrix",
    "/nothing-here/",
)

HREF = re.compile(r'<a\b[^>]*\bhref="([^"#]*)')


def every_kind(site: str) -> tuple[str, ...]:
    """``PAGES``, and the first address that leads to each kind of page that is not among them.

    Raises ``LookupError`` where no page of the site leads to a kind, for then no reader finds it either.
    """
    missing = set(page_names()) - {name_of(path) for path in PAGES}
    found = []
    for path in _by_links(site):
        if not missing:
            break
        if (name := name_of(path)) in missing:
            missing.remove(name)
            found.append(path)
    if missing:
        raise LookupError(f"no link leads to {', '.join(sorted(missing))}")
    return (*PAGES, *found)


def name_of(path: str) -> str:
    """The full name of the view at ``path``, empty where there is none."""
    with translation.override("en"):  # a test before may have left the other language in the thread
        try:
            return resolve(urlsplit(path).path).view_name
        except Resolver404:
            return ""


def _by_links(site: str) -> Iterator[str]:
    """English paths without a query, in the order a reader who follows every link meets them."""
    waiting, met = ["/"], {"/"}
    while waiting:
        path = waiting.pop(0)
        yield path
        with urllib.request.urlopen(f"{site}{path}", timeout=20) as answer:  # noqa: S310 - http, our own server
            if answer.headers.get_content_type() != "text/html":
                continue
            links = HREF.findall(answer.read().decode())
        for link in links:
            there = urlsplit(urljoin(f"{site}{path}", link))
            is_ours = f"{there.scheme}://{there.netloc}" == site and not there.path.startswith(("/zh-hans/", "/admin/"))
            if is_ours and there.path not in met:
                met.add(there.path)
                waiting.append(there.path)
