"""When that was said otherwise which pages show of entries and of what they rest on: as far as the data keep it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import Count, Model

from recommendations.models import EntryVersion

#: Versions read at most; where more entries were edited, nothing is known in time.
MOST = 20_000

Moment = dt.datetime
Moments = dict[int, Moment]
Document = dict[str, Any]

#: Fields by which other pages name a thing; the rest is on its own page alone.
NAMING = ("slug", "number", "code", "name", "short_name", "label", "title", "body", "url", "language", "term")
#: What no page that is dated shows.
NOT_SHOWN = {"city": {"code", "full_name_zh_hans", "latitude", "longitude", "geonames_id"}}


def newest(*moments: Moment | None) -> Moment | None:
    """The newest of what is known."""
    return max(filter(None, moments), default=None)


def add(found: Moments, pk: int | None, moment: Moment | None) -> None:
    """Take ``moment`` into ``found`` where it is newer."""
    if pk is not None and moment is not None:
        found[pk] = max(moment, found.get(pk, moment))


# What entries rest on


def renamed(model: type[Model]) -> Moments:
    """Id of a ``model`` → when it was last named otherwise; a thing that was only made has not been."""
    return _differing(model, [name for name in _shown(model) if _is_naming(name)])


def retold(model: type[Model]) -> Moments:
    """Id of a ``model`` → when anything of it that pages show was last changed."""
    return _differing(model, _shown(model))


def made_or_gone(model: type[Model], *, made: bool = False) -> Moment | None:
    """When one of ``model`` was last taken away, or, where asked, made."""
    rows: Any = model.history.filter(history_type__in="+-" if made else "-")  # type: ignore[attr-defined]
    found: Moment | None = rows.order_by("-history_date").values_list("history_date", flat=True).first()
    return found


def _shown(model: type[Model]) -> list[str]:
    hidden = NOT_SHOWN.get(str(model._meta.model_name), set())
    return [str(f.attname) for f in model._meta.concrete_fields if f.name not in hidden]


def _is_naming(name: str) -> bool:
    return name.removesuffix("_en").removesuffix("_zh_hans") in NAMING


def _differing(model: type[Model], columns: list[str]) -> Moments:
    key = str(model._meta.pk.attname)
    history: Any = model.history  # type: ignore[attr-defined]
    rows = history.order_by(key, "history_date", "history_id").values_list(
        key, "history_type", "history_date", *columns
    )
    found: Moments = {}
    for pk, past in groupby(rows.iterator(), key=lambda row: row[0]):
        last: Any = None
        for _pk, kind, moment, *values in past:
            # Without an earlier one it is not known what it said before, only that it was changed.
            if kind == "~" and values != last:
                add(found, pk, moment)
            last = values
    return found


# Entries


def named_as(document: Document) -> Hashable:
    """What names an entry on another page."""
    texts = document["texts"]
    return (document["number"], document["slug"], document["pillar"], texts["title_en"], texts["title_zh_hans"])


def shared_as(document: Document) -> Hashable:
    """What an entry can share with another one."""
    return (document["pillar"], *document["terms"], *(row["city"] for row in document["cities"]))


def carded_as(document: Document) -> Hashable:
    """What lists of whole entries show of one."""
    texts = document["texts"]
    places = (*document["terms"], "", *(row["city"] for row in document["cities"]))
    return (
        named_as(document),
        document["basis"],
        document["reach"],
        texts["summary_en"],
        texts["summary_zh_hans"],
        places,
    )


@dataclass
class Told:
    """When entries that were public more than once said something otherwise; the others did when they came."""

    named: Moments = field(default_factory=dict)
    shared: Moments = field(default_factory=dict)
    carded: Moments = field(default_factory=dict)
    #: Slug of a pillar, and ``vocabulary/term``, → when an entry last left it.
    left: dict[str, Moment] = field(default_factory=dict)
    #: When an entry last took another number, or came to another pillar.
    renumbered: Moment | None = None
    regrouped: Moment | None = None


def told() -> Told | None:
    """What the versions of entries tell; ``None`` where there are too many to be read."""
    public = EntryVersion.objects.ever_public().order_by()
    often = public.values("entry").annotate(times=Count("pk")).filter(times__gt=1)
    if sum(times for _pk, times in often.values_list("entry", "times")[:MOST]) > MOST:
        return None
    rows = public.filter(entry__in=often.values("entry")).order_by("entry_id", "number")
    columns = ("entry_id", "public_from", "public_until", "document")
    found = Told()
    for pk, versions in groupby(rows.values_list(*columns).iterator(chunk_size=500), key=lambda row: row[0]):
        _read(found, pk, versions)
    return found


def _read(found: Told, pk: int, versions: Iterable[tuple[int, Moment, Moment | None, Document]]) -> None:
    kinds: list[tuple[Moments, Callable[[Document], Hashable]]] = [
        (found.named, named_as),
        (found.shared, shared_as),
        (found.carded, carded_as),
    ]
    before: Document | None = None
    until: Moment | None = None
    for _pk, since, ends, document in versions:
        is_back = before is None or until != since  # it was not public in between
        for moments, said in kinds:
            if is_back or (before and said(before) != said(document)):
                add(moments, pk, since)
        if before:
            _note_leaving(found, before, document, since)
        before, until = document, ends


def _note_leaving(found: Told, before: Document, after: Document, moment: Moment) -> None:
    for group in {before["pillar"], *before["terms"]} - {after["pillar"], *after["terms"]}:
        found.left[group] = newest(moment, found.left.get(group)) or moment
    if before["number"] != after["number"] or before["report"] != after["report"]:
        found.renumbered = newest(found.renumbered, moment)
    if before["pillar"] != after["pillar"]:
        found.regrouped = newest(found.regrouped, moment)


def of_all(moments: Collection[Moment]) -> Moment | None:
    """The newest of all of them."""
    return max(moments, default=None)
