"""One edition from beginning to end: walk the site, write its pages, their parts and the single file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.db.models import Max
from django.http import Http404, HttpRequest
from django.test import RequestFactory
from django.urls import get_resolver
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.moments import written
from editions import folder
from editions.browse import browse_page
from editions.pages import Offline, static_file
from editions.rewriting import Links
from editions.single import single_file, single_name
from editions.static import static_body
from editions.walk import Address, Answer, Walk, file_of
from recommendations.models import Recommendation

LANGUAGES = {"en": "/", "zh-hans": "/zh-hans/"}
#: Addresses of other files in a stylesheet.
_CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)")

Say = Callable[[str], None]


def export_site(place: Path, *, base_url: str, say: Say) -> None:
    """Write the whole public site to ``place``. Raises ``folder.NotOurs`` with the reason, in one line.

    The same database, program and ``base_url`` give the same bytes: no date but the data's own is written.
    """
    with folder.replaced(place) as made:
        walk = walked(say)
        content = digest(walk)
        notice = {language: notice_text(language, content) for language in LANGUAGES}
        offline = Offline(walk, base_url, notice, single_name())
        for address, answer in walk.answers.items():
            file = file_of(address, answer)
            folder.write(made, file, offline.page(address, answer, file) if answer.is_page else offline.file(answer))
        write_not_found(made, walk, offline)
        write_static(made, walk.parts)
        single = single_file(notice, base_url=base_url)
        folder.write(made, single_name(), single)
        changed = changed_at()
        facts = {"edition": single_name(), "content": content, "base_url": base_url}
        files = folder.mark(made, facts | {"changed_at": written(changed) if changed else None})
        size = sum((made / name).stat().st_size for name in folder.files_in(made))
    say(f"{place}: {files} files, {size / 1e6:.1f} MB, content {content}")
    say(f"{single_name()}: {len(single) / 1e3:.0f} kB, both languages in one file")


def walked(say: Say) -> Walk:
    """The site, gone through from the front page of each language."""
    walk = Walk(tuple(LANGUAGES.values()), instead={"recommendations:browse": browse_page})
    with translation.override(settings.LANGUAGE_CODE):
        for number, address in enumerate(walk.run(), start=1):
            if number == 1 or number % 50 == 0:
                say(f"{number} pages and files read, now {address.url}")
    for address in sorted(walk.missing, key=lambda address: address.url):
        say(f"nothing at {address.url}, though a page leads there")
    return walk


def digest(walk: Walk) -> str:
    """What stands for the content of every page and file: equal content, equal digest."""
    whole = sha256()
    for address, answer in sorted(walk.answers.items(), key=lambda item: item[0].url):
        whole.update(f"{address.url}\n{len(answer.body)}\n".encode())
        whole.update(answer.body)
    return whole.hexdigest()[:12]


def changed_at() -> dt.datetime | None:
    """The newest change of an entry that readers see."""
    found: dt.datetime | None = Recommendation.objects.published().aggregate(newest=Max("changed_at"))["newest"]
    return timezone.localtime(found) if found else None


def notice_text(language: str, content: str) -> str:
    """What every page says of the edition it is in."""
    with translation.override(language):
        changed = changed_at()
        if changed is None:
            return _("It holds no entry yet (content %(content)s).") % {"content": content}
        return _(
            "the entries as they stood after their newest change, on %(date)s (content %(content)s). "
            "What came later is not in it."
        ) % {"date": date_format(changed), "content": content}


def write_not_found(made: Path, walk: Walk, offline: Offline) -> None:
    """The page a static host shows where there is none, in each language."""
    handler: Any = get_resolver().resolve_error_handler(404)
    for language, start in LANGUAGES.items():
        with translation.override(language):
            address = Address(f"{start}404.html")
            request: HttpRequest = RequestFactory(headers={"host": walk.host}).get(address.path, secure=True)
            response = handler(request, exception=Http404())
            file = address.path.lstrip("/")
            answer = Answer("text/html", response.content)
            folder.write(made, file, offline.page(address, answer, file))
            for part in Links(response.content.decode()).parts:
                if part.startswith(settings.STATIC_URL):
                    walk.parts.setdefault(unquote(part))


def write_static(made: Path, parts: dict[str, None]) -> None:
    """The static files that pages are made up of, and what their stylesheets name in turn."""
    waiting, done = sorted(parts), set()
    while waiting:
        path = waiting.pop()
        if path in done:
            continue
        done.add(path)
        body = static_body(path.removeprefix(settings.STATIC_URL))
        folder.write(made, static_file(path), body)
        if path.endswith(".css"):
            named = (Path(path).parent / link.partition("#")[0].partition("?")[0] for link in css_links(body))
            waiting += [str(other) for other in named]


def css_links(body: bytes) -> list[str]:
    """The files a stylesheet names, relative to it."""
    return [link for link in _CSS_URL.findall(body.decode()) if not link.startswith(("data:", "#", "http"))]
