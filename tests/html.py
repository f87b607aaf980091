"""Pages read as a browser reads them, and strictly: HTML that is not right fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from django.test import Client

LANGUAGES = {"en": "en", "zh-hans": "zh-Hans"}


def parse(html: str) -> Element:
    """The tree of a whole page; raises ``ParseError`` at the first thing that is not valid HTML."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root: Element = parser.parse(html)
    for element in root.iter():
        element.tag = str(element.tag).rpartition("}")[2]  # drawings have a name space of their own
    return root


def text_of(element: Element) -> str:
    """All text in ``element``, spaces made single."""
    return " ".join("".join(element.itertext()).split())


def classes(element: Element) -> set[str]:
    return set(element.get("class", "").split())


@dataclass
class Page:
    """One answer of the site."""

    url: str
    response: Any

    @property
    def status(self) -> int:
        return int(self.response.status_code)

    @property
    def language(self) -> str:
        return "zh-hans" if self.url.startswith("/zh-hans/") else "en"

    @cached_property
    def html(self) -> str:
        return str(self.response.content.decode())

    @cached_property
    def root(self) -> Element:
        return parse(self.html)

    def all(self, tag: str, *, cls: str = "") -> list[Element]:
        """Every element with this tag, and this class if one is given."""
        return [element for element in self.root.iter(tag) if not cls or cls in classes(element)]

    @property
    def scripts(self) -> list[Element]:
        """What a browser may run; a block of data is nothing it runs."""
        return [element for element in self.all("script") if element.get("type") != "application/ld+json"]

    def by_id(self, name: str) -> Element:
        return next(element for element in self.root.iter() if element.get("id") == name)

    @cached_property
    def ids(self) -> list[str]:
        return [element.attrib["id"] for element in self.root.iter() if "id" in element.attrib]

    @property
    def title(self) -> str:
        return text_of(self.all("title")[0])

    def meta(self, name: str) -> list[str]:
        return [e.get("content", "") for e in self.all("meta") if e.get("name") == name]

    def links(self, rel: str) -> list[Element]:
        return [element for element in self.all("link") if rel in element.get("rel", "").split()]

    @property
    def hrefs(self) -> list[str]:
        return [element.get("href", "") for element in self.all("a")]

    @property
    def main_text(self) -> str:
        return text_of(self.by_id("main"))

    def texts_by_language(self) -> Iterator[tuple[str, str]]:
        """Each piece of text with the language its nearest marked ancestor says it is in."""
        yield from _texts(self.root, "")


def _texts(element: Element, lang: str) -> Iterator[tuple[str, str]]:
    lang = element.get("lang", lang)
    if element.tag not in {"script", "style"}:
        if element.text and element.text.strip():
            yield lang, " ".join(element.text.split())
        for child in element:
            yield from _texts(child, lang)
            if child.tail and child.tail.strip():
                yield lang, " ".join(child.tail.split())


def fetch(client: Client, url: str, **headers: str) -> Page:
    """The page at ``url``; a redirect is not followed."""
    return Page(url, client.get(url, headers=headers))
