"""Pages of the site made into files that need no server: every link relative, every answer on the disk."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import quote, urljoin, urlsplit
from zipfile import ZipFile

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from editions.rewriting import ADDRESSES, Attributes, Rewriter
from editions.walk import BROWSE, Address, Answer, Target, Walk, file_of, language_of, match_of

#: ``file:`` beside 'self': whether 'self' means files beside the page differs from browser to browser when the page
#: is a file itself. On a host, ``file:`` gives a page nothing it may load.
POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' file: data:; "
    "form-action 'self' file:; base-uri 'none'"
)
#: Meta elements whose content is an address.
META_ADDRESSES = {"og:url", "og:image", "twitter:image"}


@dataclass(frozen=True)
class Offline:
    """How the answers of ``walk`` are written. ``base_url`` is the live site, without a slash; empty where none."""

    walk: Walk
    base_url: str
    notice: dict[str, str]
    #: The single file that holds every entry.
    single: str

    def page(self, address: Address, answer: Answer, file: str) -> bytes:
        """The page at ``address`` as the file ``file`` of the edition."""
        policy = f'\n    <meta http-equiv="Content-Security-Policy" content="{POLICY}">'

        def tag(name: str, attrs: Attributes) -> Attributes | None:
            return self._tag(name, attrs, address, file)

        with translation.override(language_of(address.path)):
            rewriter = Rewriter(
                answer.body.decode(),
                tag=tag,
                text=self.absolute,
                after={"head": policy},
                before={"body": self._notice(address, file)},
            )
        return rewriter.html.encode()

    def file(self, answer: Answer) -> bytes:
        """Something other than a page, with the address of the live site where the walk's own stood."""
        if answer.body.startswith(b"PK\x03\x04"):
            return self._archive(answer.body)
        try:
            return self.absolute(answer.body.decode()).encode()
        except UnicodeDecodeError:
            return answer.body  # a picture, say: no address stands in it

    def _archive(self, body: bytes) -> bytes:
        """A document that is an archive of texts (DOCX, XLSX), its parts set right in the same way."""
        made = BytesIO()
        with ZipFile(BytesIO(body)) as given, ZipFile(made, "w") as written:
            for part in given.infolist():
                written.writestr(part, self.file(Answer("", given.read(part))))
        return made.getvalue()

    def absolute(self, text: str) -> str:
        """``text`` with absolute addresses of the site as the live site's, or as paths where none is known."""
        for origin in filter(None, (self.walk.origin, settings.SITE_URL)):
            text = text.replace(origin, self.base_url)
        return text

    def _notice(self, address: Address, file: str) -> str:
        live = f"{self.base_url}{address.url}" if self.base_url else ""
        single = f"{relative(self.single, file)}#{translation.get_language()}"
        context = {"text": self.notice[translation.get_language() or "en"], "live_url": live, "single_url": single}
        return render_to_string("editions/_notice.html", context)

    def _tag(self, tag: str, attrs: Attributes, page: Address, file: str) -> Attributes | None:
        given = dict(attrs)
        attrs = [(name, value) for name, value in attrs if not name.startswith("hx-")]
        if tag == "meta":
            return self._meta(attrs, given)
        if tag == "link" and given.get("rel") in {"canonical", "alternate"}:
            return self._head_link(attrs, page)
        if tag == "form":
            return self._form(attrs, given, page, file)
        changed = []
        for name, value in attrs:
            if name in ADDRESSES and value:
                changed += self._link(tag, name, value, page, file)
            else:
                changed.append((name, self.absolute(value) if value else value))
        return changed

    def _meta(self, attrs: Attributes, given: dict[str, str | None]) -> Attributes | None:
        if META_ADDRESSES & {given.get("property"), given.get("name")} and not self.base_url:
            return None
        return [(name, self.absolute(value) if value else value) for name, value in attrs]

    def _head_link(self, attrs: Attributes, page: Address) -> Attributes | None:
        """Canonical and alternate addresses are absolute or not there at all."""
        if not self.base_url:
            return None
        url = urljoin(f"{self.walk.origin}{page.url}", dict(attrs).get("href") or "")
        return [(name, self.absolute(url) if name == "href" else value) for name, value in attrs]

    def _form(self, attrs: Attributes, given: dict[str, str | None], page: Address, file: str) -> Attributes | None:
        """The search goes to the browse page; a form that only a server answers is not shown."""
        target = self.walk.target(given.get("action") or page.url, page)
        match = match_of(target.address.path) if target and target.address else None
        is_search = (given.get("method") or "get").lower() == "get" and match and match.view_name == BROWSE
        if not is_search or target is None or target.address is None:
            return [*((name, value) for name, value in attrs if name not in {"action", "hidden"}), ("hidden", None)]
        there = self._relative(target, file)
        return [(name, there if name == "action" else value) for name, value in attrs]

    def _link(self, tag: str, name: str, value: str, page: Address, file: str) -> Attributes:
        """The attribute ``name``, leading to the file that holds what ``value`` led to."""
        if value.startswith(("#", "?")) and tag == "a" and not self._leads_elsewhere(value, page):
            return [(name, value)]
        split = urlsplit(urljoin(f"{self.walk.origin}{page.url}", value))
        if split.netloc == self.walk.host and split.path.startswith(settings.STATIC_URL):
            return [(name, relative(static_file(split.path), file))]
        target = self.walk.target(value, page)
        if target is None:
            return [(name, value)]
        settled = self.walk.settled(target, page)
        if settled.address is not None:
            return [(name, self._relative(settled, file))]
        if self.base_url:
            return [(name, f"{self.base_url}{settled.live}")]
        return [("title", _("Only on the live site"))]

    def _leads_elsewhere(self, value: str, page: Address) -> bool:
        """Whether a link that is only a query is one the page's own script does not answer."""
        match = match_of(page.path)
        return value.startswith("?") and not (match and match.view_name == BROWSE and not page.query)

    def _relative(self, target: Target, file: str) -> str:
        if target.address is None:
            raise ValueError("a link without an address has no file")
        return relative(file_of(target.address, self.walk.answers[target.address]), file) + target.suffix


def relative(there: str, here: str) -> str:
    """The way from the file ``here`` to the file ``there``, both relative to the edition."""
    return quote(posixpath.relpath(there, posixpath.dirname(here) or "."), safe="/=,.-_~")


def static_file(path: str) -> str:
    """Where a static file stands in the edition; ``path`` is its path on the site."""
    return posixpath.join("static", path.removeprefix(settings.STATIC_URL))
