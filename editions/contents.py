"""What an edition consists of: each file as a stream of pieces, made of what readers see and of nothing else."""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.translation import HTML_LANG
from editions.models import RECORDS
from editions.records import as_json, digest_of, loaded
from editions.single import single_file, single_name
from pillars.models import Report
from recommendations.export import Shape, csv_lines
from recommendations.export_files import about
from recommendations.filters import RecommendationFilterSet
from recommendations.models import Recommendation

#: Bytes of a piece, about; a record is a piece whatever its size.
PIECE = 256 * 1024
#: Entries read at a time.
BATCH = 200
#: The version of the record's form, for who reads the file years from now.
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file; of the records, one entry."""

    body: bytes
    entry: int | None = None
    slug: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """A file to be frozen. ``pieces`` makes it anew each time; equal data give equal bytes."""

    name: str
    content_type: str
    pieces: Callable[[], Iterator[Piece]]


def contents(name: str, frozen_at: dt.datetime) -> list[Content]:
    """Every file of the edition ``name`` but its manifest."""
    return [
        Content(RECORDS, "application/json", lambda: _records(name, frozen_at)),
        Content("recommendations.csv", "text/csv; charset=utf-8", lambda: _stretches(_table())),
        Content(single_name(), "text/html; charset=utf-8", lambda: _stretches([_page(name, frozen_at)])),
    ]


def said_in_both() -> dict[str, dict[str, str]]:
    """Title, provenance and licence in each language."""
    found = {}
    for language, tag in HTML_LANG.items():
        with translation.override(language):
            found[tag] = about()
    return found


def reports() -> list[dict[str, Any]]:
    """The reports the entries are of, as files name them."""
    columns = ("title_en", "title_zh_hans", "body_en", "body_zh_hans", "provenance_note_en", "provenance_note_zh_hans")
    return list(Report.objects.in_order().values("slug", *columns, "stated_total"))


def published_ids() -> array[int]:
    """The ids of what readers see, in order."""
    return array("q", Recommendation.objects.published().in_order().values_list("pk", flat=True).iterator())


def _records(name: str, frozen_at: dt.datetime) -> Iterator[Piece]:
    """One document: what it is, then every record on a line of its own."""
    head = {"schema": SCHEMA, "edition": name, "frozen_at": frozen_at.isoformat(), "about": said_in_both()}
    head |= {"site": settings.SITE_URL, "reports": reports()}
    yield Piece(f'{as_json(head)[:-1]},"recommendations":['.encode())
    ids = published_ids()
    mark = ""
    for start in range(0, len(ids), BATCH):
        for found in loaded(Recommendation.objects.published().filter(pk__in=ids[start : start + BATCH].tolist())):
            yield Piece(f"{mark}\n{as_json(found)}".encode(), found["id"], found["slug"], digest_of(found))
            mark = ","
    yield Piece(b"\n]}\n")


def _table() -> Iterator[str]:
    """The table of every export, all columns; what it says of itself is in English."""
    with translation.override("en"):
        shape = Shape.read(QueryDict())
        yield from csv_lines(RecommendationFilterSet(QueryDict()), shape, settings.SITE_URL)


def _page(name: str, frozen_at: dt.datetime) -> str:
    """Every entry in full, both languages, as one page that opens anywhere."""
    notice = {}
    for language in HTML_LANG:
        with translation.override(language):
            day = date_format(timezone.localtime(frozen_at))
            notice[language] = _("edition %(name)s, frozen on %(date)s. What came later is not in it.") % {
                "name": name,
                "date": day,
            }
    return single_file(notice, base_url=settings.SITE_URL).decode()


def _stretches(texts: Iterable[str]) -> Iterator[Piece]:
    """``texts`` in pieces of an even size."""
    kept = bytearray()
    for text in texts:
        kept += text.encode()
        while len(kept) >= PIECE:
            yield Piece(bytes(kept[:PIECE]))
            del kept[:PIECE]
    if kept:
        yield Piece(bytes(kept))
