"""The public site walked as a reader would walk it, through Django's own handler: no network, no list of pages."""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation

from common.context import path_in
from editions.rewriting import Links
from recommendations.menus import PAGE_SIZES

#: What the site calls itself while it is walked; every absolute address in it can be told by the odd port.
PORT = 32032
#: Rooms whose pages answer a reader there and then; a copy on paper or disk can only name the live site.
LIVE_ONLY = frozenset({"admin", "api", "api_docs", "editions", "embed", "feedback"})
BROWSE = "recommendations:browse"
#: Parameters that say how the entries are shown and narrow nothing.
PRESENTATION = frozenset({"view", "rows", "cols", "page", "per_page"})
#: How many entries a page of such a view holds, whatever the link asked for.
LARGEST_PAGE = max(PAGE_SIZES)
#: Copies of one page under different queries that are kept; the rest are left to the live site.
MAX_VARIANTS = 300
#: A file's name says its query while the name stays shorter than this.
MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class Address:
    """A page or file of the site: its path, and its query where that makes it another page."""

    path: str
    query: str = ""

    @property
    def url(self) -> str:
        return f"{quote(self.path)}?{self.query}" if self.query else quote(self.path)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads: an address, what stays behind it, or only the live site."""

    address: Address | None
    suffix: str = ""
    live: str = ""


@dataclass(slots=True)
class Answer:
    """What the site says at an address."""

    content_type: str
    body: bytes

    @property
    def is_page(self) -> bool:
        return self.content_type.startswith("text/html")


def language_of(path: str) -> str:
    """The language of the page at ``path``."""
    return translation.get_language_from_path(path) or settings.LANGUAGE_CODE


def match_of(path: str) -> ResolverMatch | None:
    """Which view answers at ``path``; none where no view does."""
    with translation.override(language_of(path)):
        try:
            return resolve(path)
        except Resolver404:
            return None


def walking_host() -> str:
    """A host name this site answers to, with a port that stands in none of its texts."""
    known = [host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*"]
    return f"{known[0] if known else 'localhost'}:{PORT}"


@dataclass
class Walk:
    """The whole site from its front pages: every page and file that a link leads to, in the order they are met."""

    starts: tuple[str, ...]
    #: Name of a view → what is written in place of its page without a query.
    instead: dict[str, Callable[[HttpRequest], str]] = field(default_factory=dict)
    answers: dict[Address, Answer] = field(default_factory=dict)
    moved: dict[Address, str] = field(default_factory=dict)
    missing: set[Address] = field(default_factory=set)
    parts: dict[str, None] = field(default_factory=dict)
    variants: dict[str, int] = field(default_factory=dict)
    matches: dict[str, ResolverMatch | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.host = walking_host()
        self.origin = f"https://{self.host}"
        self.client = Client(headers={"host": self.host})

    def run(self) -> Iterator[Address]:
        """Go through it all; yields each address once it is read."""
        waiting = deque(Address(start) for start in self.starts)
        met = set(waiting)
        while waiting:
            address = waiting.popleft()
            answer = self._ask(address)
            if answer is not None:
                self.answers[address] = answer
                yield address
            for other in self._found_in(address, answer) if answer else self._after_redirect(address):
                if other not in met:
                    met.add(other)
                    waiting.append(other)

    def _ask(self, address: Address) -> Answer | None:
        response: Any = self.client.get(address.url, secure=True)
        if response.status_code in {301, 302, 307, 308}:
            self.moved[address] = response.headers["Location"]
            return None
        if response.status_code != 200:
            self.missing.add(address)
            return None
        body = b"".join(response.streaming_content) if response.streaming else response.content
        return Answer(response.headers.get("Content-Type", ""), self._instead(address) or body)

    def _instead(self, address: Address) -> bytes:
        match = match_of(address.path)
        if address.query or match is None or match.view_name not in self.instead:
            return b""
        request = RequestFactory(headers={"host": self.host}).get(address.url, secure=True)
        request.resolver_match = match
        with translation.override(language_of(address.path)):
            return self.instead[match.view_name](request).encode()

    def _after_redirect(self, address: Address) -> list[Address]:
        target = self.target(self.moved[address], address) if address in self.moved else None
        return [target.address] if target and target.address else []

    def _found_in(self, address: Address, answer: Answer) -> Iterator[Address]:
        if not answer.is_page:
            return
        links = Links(answer.body.decode())
        for link in links.parts:
            split = urlsplit(urljoin(f"{self.origin}{address.url}", link))
            if split.netloc == self.host and split.path.startswith(settings.STATIC_URL):
                self.parts.setdefault(unquote(split.path))
        for link in [*links.pages, *links.parts]:
            target = self.target(link, address)
            if target and target.address and self._is_wanted(target.address, address):
                yield target.address

    def _is_wanted(self, found: Address, page: Address) -> bool:
        """Whether to read ``found``. One choice of a page leads to its twin, but not on to every other choice."""
        if not found.query or found in self.answers:
            return True
        is_same_page = path_in("en", found.path) == path_in("en", page.path)
        if page.query and is_same_page and found.query != page.query and not _is_view(found):
            return False
        self.variants[found.path] = self.variants.get(found.path, 0) + 1
        return self.variants[found.path] <= MAX_VARIANTS

    def target(self, link: str, page: Address) -> Target | None:
        """Where ``link`` on ``page`` leads; None where it leaves the site or stays on the page."""
        split = urlsplit(urljoin(f"{self.origin}{page.url}", link.strip()))
        own = {self.host, urlsplit(settings.SITE_URL).netloc} - {""}
        if split.scheme not in {"http", "https"} or split.netloc not in own or link.startswith("#"):
            return None
        fragment = f"#{split.fragment}" if split.fragment else ""
        path = unquote(split.path) or "/"
        live = f"{quote(path)}{f'?{split.query}' if split.query else ''}{fragment}"
        if path.startswith(settings.STATIC_URL):
            return None
        match = self._match(path)
        if match is None:
            return Target(Address(path), fragment, live)  # Django may know it with a slash behind it
        if LIVE_ONLY & {*match.app_names, *match.namespaces}:
            return Target(None, live=live)
        address, kept = placed(path, split.query, match)
        return Target(address, f"{kept}{fragment}", live)

    def _match(self, path: str) -> ResolverMatch | None:
        if path not in self.matches:
            self.matches[path] = match_of(path)
        return self.matches[path]

    def settled(self, target: Target, page: Address) -> Target:
        """``target`` after redirects; without an address where there is nothing to be had offline."""
        for _hop in range(5):
            if target.address not in self.moved:
                break
            onward = self.target(self.moved[target.address], page)
            if onward is None:
                return Target(None, live=target.live)
            target = Target(onward.address, onward.suffix or target.suffix, onward.live)
        return target if target.address in self.answers else Target(None, live=target.live)


def placed(path: str, query: str, match: ResolverMatch) -> tuple[Address, str]:
    """The address a link with ``query`` is read at, and the query that the page's own script takes from there.

    Browse narrows by script, so its filters stay in the link. The page of a thing is the same page under any query.
    Of all else each query is a page of its own.
    """
    pairs = parse_qsl(query)
    if match.view_name == BROWSE:
        names = {name for name, _value in pairs}
        if "view" in names and names <= PRESENTATION and ("view", "cards") not in pairs:
            shown = [pair for pair in pairs if pair[0] != "per_page"]
            return Address(path, urlencode([*shown, ("per_page", LARGEST_PAGE)])), ""
        return Address(path), f"?{query}" if query else ""
    if match.kwargs and path.endswith("/"):
        return Address(path), ""
    return Address(path, query), ""


def _is_view(address: Address) -> bool:
    """Whether this is all entries in another form: there are few of these, so each leads to the others."""
    return {name for name, _value in parse_qsl(address.query)} <= PRESENTATION


def file_of(address: Address, answer: Answer) -> str:
    """Where an answer is written, relative to the edition: a page as an ``index.html`` in a folder of its own."""
    path = address.path.lstrip("/")
    folder, name = posixpath.split(path)
    wish = re.sub(r"[^\w=,.-]+", "-", address.query.replace("&", ","))
    if len(wish) > MAX_NAME or wish != address.query.replace("&", ","):
        wish = sha256(address.query.encode()).hexdigest()[:16]
    if name and not answer.is_page:
        stem, dot, ending = name.rpartition(".")
        return posixpath.join(folder, f"{stem},{wish}{dot}{ending}" if wish and stem else name)
    ending = "html" if answer.is_page else answer.content_type.partition(";")[0].rpartition("/")[2].rpartition("+")[2]
    return posixpath.join(path, f"-{wish}" if wish else "", f"index.{ending}")
