"""A page of the site read link by link, and written again with other links; all else stays byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from html.parser import HTMLParser

Attributes = list[tuple[str, str | None]]

#: Attributes that hold an address, by which a page leads on or is made up.
ADDRESSES = ("href", "src", "action", "formaction", "poster")


class Links(HTMLParser):
    """Collects what a page leads to and what it is made up of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.pages: list[str] = []
        self.parts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = dict(attrs)
        if tag in {"a", "area"} and given.get("href"):
            self.pages.append(given["href"] or "")
        elif tag == "link" and given.get("href") and (given.get("rel") or "") not in {"canonical", "alternate"}:
            self.parts.append(given["href"] or "")
        elif given.get("src"):
            self.parts.append(given["src"] or "")


#: (tag, its attributes) → the attributes to write, or None where the tag is left out.
ChangeTag = Callable[[str, Attributes], Attributes | None]
#: The text of a page → the text to write.
ChangeText = Callable[[str], str]


class Rewriter(HTMLParser):
    """Writes a page again. ``before`` says what goes in front of an end tag, ``after`` what follows a start tag."""

    def __init__(
        self, html: str, *, tag: ChangeTag, text: ChangeText, after: dict[str, str], before: dict[str, str]
    ) -> None:
        super().__init__(convert_charrefs=False)
        self.change_tag, self.change_text = tag, text
        self.after, self.before = dict(after), dict(before)
        self.out: list[str] = []
        self.feed(html)
        self.close()

    @property
    def html(self) -> str:
        return "".join(self.out)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        changed = self.change_tag(tag, attrs)
        if changed is None:
            return
        as_it_was = self.get_starttag_text() or ""
        self.out.append(as_it_was if changed == attrs else start_tag(tag, changed, closed=as_it_was.endswith("/>")))
        self.out.append(self.after.pop(tag, ""))

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.out.append(f"{self.before.pop(tag, '')}</{tag}>")

    def handle_data(self, data: str) -> None:
        self.out.append(self.change_text(data))

    def handle_entityref(self, name: str) -> None:
        self.out.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.out.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.out.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.out.append(f"<!{decl}>")


def start_tag(tag: str, attrs: Attributes, *, closed: bool = False) -> str:
    """The text of a start tag."""
    written = "".join(f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in attrs)
    return f"<{tag}{written}{'/' if closed else ''}>"
