"""Has the database put made-up entries together: tables of what there is to choose from, one of choices, joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from typing import Any

from django.db import connection, models

from common.bulk import insert_into
from recommendations.models import CityLink, Coverage, EntryVersion, Evidence, Recommendation, SearchText
from recommendations.models.entry import BODY
from recommendations.synthetic.stock import SLUG, Stock
from recommendations.synthetic.words import Line, line
from recommendations.tokens import GAP

#: The tables that are filled.
WRITTEN = (Recommendation, Recommendation.terms.through, CityLink, Coverage, Evidence, EntryVersion, SearchText)
BATCH = 50_000
#: Stands between the terms of two texts.
BETWEEN = f" {GAP} "

#: Name → type.
Columns = dict[str, str]
Rows = Iterable[Sequence[Any]]


def write(stock: Stock, first: int, entries: int) -> None:
    """Put ``entries`` made of ``stock`` into their tables, with ids from ``first`` on; within a transaction."""
    tables = _tables(stock)
    statements = [_insert(model, values, source) for model, values, source in _entry_rows()]
    with connection.cursor() as cursor:
        for name, (columns, rows) in tables.items():
            _create(name, columns)
            insert_into(name, [*columns], map(tuple, rows))
        _create("chosen", _chosen())
        for batch in _ahead(batched(stock.chosen(first, entries), BATCH)):
            insert_into("chosen", [*_chosen()], batch)
            for statement in statements:
                cursor.execute(statement)
            cursor.execute("DELETE FROM chosen")
        for name in [*tables, "chosen"]:
            cursor.execute(f"DROP TABLE {name}")


def _ahead[T](batches: Iterator[T]) -> Iterator[T]:
    """``batches``, each made while the database works on the one before."""
    with ThreadPoolExecutor(1, "choosing") as beside:
        following = beside.submit(next, batches, None)
        while (batch := following.result()) is not None:
            following = beside.submit(next, batches, None)
            yield batch


def _create(name: str, columns: Columns) -> None:
    """A table that only this connection sees."""
    key = "id" if "id" in columns else "whole, place"
    told = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ({told}, PRIMARY KEY ({key}))")


def _type_of(model: type[models.Model], column: str) -> str:
    return str(model._meta.get_field(column).db_type(connection))


# What there is to choose from, and what was chosen


def _chosen() -> Columns:
    """One row an entry: which of each thing it is put together from."""
    return {
        **dict.fromkeys(["id", "number", "pillar", *_SOME], "integer"),
        **dict.fromkeys(["basis", "state", "status"], "text"),
        "moment": _type_of(Recommendation, "created_at"),
    }


#: What is chosen beside the pillar, each from the table ``some_…``.
_SOME = ("title", "summary", "body", "theme", "place", "proof")
_TOLD = {"more": "text", "json": "text"}


def _tables(stock: Stock) -> dict[str, tuple[Columns, Rows]]:
    """The lists of ``stock``, each with its place in it, from 1; ``more`` are terms as they follow upon others."""
    key = _type_of(SearchText, "title_key_en")
    text = dict.fromkeys(["en", "zh_hans", "terms", "json"], "text")
    pillars = [
        (pillar.pk, pillar.report_id, pillar.slug, pillar.report.slug, _more(line(pillar.name_en, pillar.name_zh_hans)))
        for pillar in stock.pillars
    ]
    pillar = {
        **dict.fromkeys(["pillar_id", "report_id"], "integer"),
        **dict.fromkeys(["slug", "report", "more"], "text"),
    }
    city = {"city_id": "integer", "basis": "text"}
    return {
        "some_title": (
            {"id": "integer", **text, "key_en": key, "key_zh_hans": key},
            _counted((*_text("title", t), *keys) for t, keys in zip(stock.titles, stock.title_keys, strict=True)),
        ),
        "some_summary": ({"id": "integer", **text}, _counted(_text("summary", text) for text in stock.lines)),
        "some_body": (
            {"id": "integer", **dict.fromkeys(_columns(BODY), "text"), **_TOLD},
            _counted(_body(texts) for texts in stock.bodies),
        ),
        "some_pillar": ({"id": "integer", **pillar}, _counted(pillars)),
        "some_theme": ({"id": "integer", **_TOLD}, _counted((_after(t.searched), t.json) for t in stock.themes)),
        "some_place": (
            {"id": "integer", "reach": "text", **_TOLD},
            _counted((place.reach, _after(place.searched), place.json) for place in stock.places),
        ),
        "some_proof": ({"id": "integer", **_TOLD}, _counted((_after(p.searched), p.json) for p in stock.proofs)),
        "theme_term": _parts({"term_id": "integer"}, ([(term,) for term in theme.terms] for theme in stock.themes)),
        "place_link": _parts(city, (place.links for place in stock.places)),
        "place_covered": _parts(city, (place.covered for place in stock.places)),
        "proof_passage": _parts(
            {"section_id": "integer", "key_phrase": "text"}, (proof.passages for proof in stock.proofs)
        ),
    }


def _counted(rows: Rows) -> Rows:
    return ((place, *row) for place, row in enumerate(rows, 1))


def _parts(columns: Columns, wholes: Iterable[Rows]) -> tuple[Columns, Rows]:
    rows = [(whole, place, *part) for whole, parts in enumerate(wholes, 1) for place, part in enumerate(parts, 1)]
    return {"whole": "integer", "place": "integer", **columns}, rows


def _text(name: str, text: Line) -> tuple[str, ...]:
    return text.en, text.zh_hans, text.terms, _json(name, text)


def _body(texts: list[Line]) -> tuple[str, ...]:
    told = ", ".join(_json(name, text) for name, text in zip(BODY, texts, strict=True))
    both = [said for text in texts for said in (text.en, text.zh_hans)]
    return (*both, "".join(map(_more, texts)), told)


def _json(name: str, text: Line) -> str:
    return f'"{name}_en": {text.json_en}, "{name}_zh_hans": {text.json_zh_hans}'


def _more(text: Line) -> str:
    return _after(text.terms)


def _after(terms: str) -> str:
    return terms and BETWEEN + terms


def _columns(names: Iterable[str]) -> list[str]:
    return [f"{name}_{suffix}" for name in names for suffix in ("en", "zh_hans")]


# The rows of entries


def _entry_rows() -> list[tuple[type[models.Model], dict[str, str], str]]:
    """What is filled: table, column → what stands there, and where that is joined from."""
    whole = " ".join(f"JOIN some_{name} {name} ON {name}.id = chosen.{name}" for name in ("pillar", *_SOME))
    public = "CASE WHEN chosen.state = 'published' THEN chosen.moment END"
    entry = {
        **{name: f"chosen.{name}" for name in ("id", "number", "basis", "state", "status")},
        "slug": _SLUG,
        "report_id": "pillar.report_id",
        "pillar_id": "pillar.pillar_id",
        "reach": "place.reach",
        "created_at": "chosen.moment",
        "published_at": public,
        "changed_at": public,
        **{f"{name}_{suffix}": f"{name}.{suffix}" for name in ("title", "summary") for suffix in ("en", "zh_hans")},
        **{column: f"body.{column}" for column in _columns(BODY)},
    }
    version = {
        "entry_id": "chosen.id",
        "number": "1",
        "state": "chosen.state",
        "reason": "'made up'",
        "document": _document(),
        "created_at": "chosen.moment",
        "public_from": public,
    }
    more = " || ".join(f"{name}.more" for name in ("body", "theme", "proof", "pillar", "place"))
    search = {
        "recommendation_id": "chosen.id",
        "title": "title.terms",
        "summary": "summary.terms",
        "body": f"substr({more}, {len(BETWEEN) + 1})",
        "title_key_en": "title.key_en",
        "title_key_zh_hans": "title.key_zh_hans",
    }
    city = {"recommendation_id": "chosen.id", "city_id": "part.city_id", "basis": "part.basis"}
    passage = {
        "recommendation_id": "chosen.id",
        "section_id": "part.section_id",
        "key_phrase": "part.key_phrase",
        "paragraph": "'¶1'",
        "supports": "'implied'",
        "position": "part.place",
    }
    notes = {"note_en": "''", "note_zh_hans": "''"}
    term = {"recommendation_id": "chosen.id", "term_id": "part.term_id"}
    return [
        (Recommendation, entry, whole),
        (Recommendation.terms.through, term, "JOIN theme_term part ON part.whole = chosen.theme"),
        (CityLink, city | notes, "JOIN place_link part ON part.whole = chosen.place"),
        (Coverage, city, "JOIN place_covered part ON part.whole = chosen.place"),
        (Evidence, passage | notes, "JOIN proof_passage part ON part.whole = chosen.proof"),
        (EntryVersion, version, whole),
        (SearchText, search, whole),
    ]


#: Eight digits of the id, the same on every database.
_SLUG = f"'{SLUG}-' || substr(CAST(100000000 + chosen.id AS varchar(9)), 2)"


def _insert(model: type[models.Model], values: dict[str, str], source: str) -> str:
    table, columns = model._meta.db_table, ", ".join(values)
    return f"INSERT INTO {table} ({columns}) SELECT {', '.join(values.values())} FROM chosen {source}"  # noqa: S608 - names of ours


def _document() -> str:
    """What ``snapshot`` would make of the entry, as JSON."""
    said = (
        '{"schema": 1, "report": "%s", "number": %s, "slug": "%s", "pillar": "%s", "basis": "%s", "reach": "%s", '
        '"reviewed_on": null, "texts": {%s, %s, %s}, "terms": %s, "related": [], "evidence": %s, "cities": %s}'
    )
    of = ("pillar.report", "chosen.number", _SLUG, "pillar.slug", "chosen.basis", "place.reach")
    json = (f"{name}.json" for name in ("title", "summary", "body", "theme", "proof", "place"))
    return f"CAST(format('{said}', {', '.join([*of, *json])}) AS {_type_of(EntryVersion, 'document')})"
