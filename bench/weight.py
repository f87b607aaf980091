"""
What a first visit costs: compressed bytes of each kind of page with its stylesheet and scripts, as a server sends them.

`python -m bench weight http://127.0.0.1:8000` asks a running `./demo`; the limit is for the site of 32 entries.
"""

import gzip
import re
import urllib.request
from urllib.parse import urljoin

LIMIT = 60 * 1024  # bytes: HTML, stylesheet and scripts of a first view together
PATHS = (
    "",
    "recommendations/",
    "recommendations/?view=table",
    "recommendations/?view=matrix",
    "recommendations/fintech-sandbox/",
    "pillars/talent/",
    "cities/",
    "cities/guangzhou/",
    "about/",
)
LOADED = re.compile(rb"""<(?:script\b[^>]*\bsrc|link\b[^>]*\brel="stylesheet"[^>]*\bhref)="([^"]+)""")


def fetched(url: str) -> tuple[int, bytes]:
    """Return how many bytes travelled for `url`, and the text as it is read."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server
        body = answer.read()
        if answer.headers.get("Content-Encoding") != "gzip":
            return len(body), body
    return len(body), gzip.decompress(body)


def weigh(url: str) -> tuple[int, int]:
    """Return the compressed bytes of the page at `url`, and of what it loads."""
    page, html = fetched(url)
    return page, sum(fetched(urljoin(url, path.decode()))[0] for path in LOADED.findall(html))


def main(arguments: list[str]) -> int:
    """Print a table; return 1 if a page is over the limit."""
    site = (arguments or ["http://127.0.0.1:8000"])[0].rstrip("/")
    heaviest = 0
    print(f"{'page':<45} {'HTML':>8} {'loaded':>8} {'total':>8}   (bytes, compressed)")
    for prefix in ("/", "/zh-hans/"):
        for path in PATHS:
            page, loaded = weigh(f"{site}{prefix}{path}")
            heaviest = max(heaviest, page + loaded)
            print(f"{prefix + path:<45} {page:>8} {loaded:>8} {page + loaded:>8}")
    print(f"heaviest: {heaviest} of {LIMIT}")
    return int(heaviest > LIMIT)
