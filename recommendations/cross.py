"""Two facets against each other: how many entries have a value of one and a value of the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from recommendations.choices import Reach
from recommendations.facets import Counts, Facet
from recommendations.querysets import RecommendationQuerySet

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Axis:
    """One side of a cross: a facet, and those of its values that are asked for."""

    facet: Facet
    slugs: tuple[str, ...]


@dataclass(slots=True)
class Cell:
    """The entries with one value of each facet.

    ``count`` is what the filter with both values gives. ``reasons``, against cities only: coverage basis → entries that
    touch the city for it. ``besides``, against places only: province-wide entries that do not touch the place;
    ``count`` holds them only where the filter includes them.
    """

    count: int = 0
    reasons: Counts = field(default_factory=dict)
    besides: int = 0


Cross = dict[Pair, Cell]


def cross(entries: RecommendationQuerySet, rows: Axis, cols: Axis, *, include_province: bool) -> Cross:
    """(row slug, column slug) → cell, for every pair asked for; two queries however many entries there are."""
    cells: Cross = {(row, col): Cell() for row in rows.slugs for col in cols.slugs}
    touching: dict[Pair, int] = defaultdict(int)  # the province-wide among those counted
    for pair, reason, number, everywhere in _counted(entries, rows, cols):
        cells[pair].count += number
        touching[pair] += everywhere
        if reason:
            cells[pair].reasons[reason] = cells[pair].reasons.get(reason, 0) + number
    if rows.facet.is_place or cols.facet.is_place:
        everywhere_of = _everywhere(entries, rows.facet, cols.facet)
        for pair, cell in cells.items():
            cell.besides = everywhere_of(pair) - touching[pair]
            cell.count += cell.besides if include_province else 0
    return cells


def _counted(entries: RecommendationQuerySet, rows: Axis, cols: Axis) -> Iterator[tuple[Pair, str, int, int]]:
    """(pair, coverage basis or "", entries, the province-wide ones among them); a basis counts on its own row.

    Asked of the table that ties entries to the rows' values, so that the columns' values are a join of their own, also
    where both stand in the same table.
    """
    link, other = rows.facet.link, cols.facet.link
    entry, path = link.prefix, f"{link.prefix}{other.path}"
    row_keys, col_keys = _keys(rows), _keys(cols)
    wanted = {f"{link.entry}__in": entries.order_by().values("pk"), f"{link.value}__in": list(row_keys)}
    # One filter() for all: the conditions on a joined row are then about the same row.
    tied: Any = link.model._default_manager.filter(
        link.conditions, other.conditions_from(entry), **wanted, **{f"{path}__in": list(col_keys)}
    )
    reasons = ["basis"] if rows.facet.has_reasons else [f"{entry}coverage__basis"] if cols.facet.has_reasons else []
    key = link.entry if link.entry == "pk" else f"{link.entry}_id"
    counted = (
        tied.order_by()
        .values_list(link.value, path, *reasons)
        .annotate(
            number=Count(key, distinct=True),
            everywhere=Count(key, distinct=True, filter=Q(**{f"{entry}reach": Reach.PROVINCE})),
        )
    )
    for row, col, *reason, number, everywhere in counted:
        yield (row_keys[row], col_keys[col]), "".join(reason), number, everywhere


def _keys(axis: Axis) -> dict[int | str, str]:
    """Key in the database → slug, of the values asked for."""
    slugs = set(axis.slugs)
    return {option.key: option.slug for option in axis.facet.options if option.slug in slugs}


def _everywhere(entries: RecommendationQuerySet, rows: Facet, cols: Facet) -> Callable[[Pair], int]:
    """For a pair, how many province-wide entries have its value of the facet that is no place."""
    province = entries.filter(reach=Reach.PROVINCE)
    if rows.is_place and cols.is_place:
        number = province.count()
        return lambda pair: number
    other, side = (cols, 1) if rows.is_place else (rows, 0)
    counts = other.counts(province, include_province=False)
    return lambda pair: counts[pair[side]]
