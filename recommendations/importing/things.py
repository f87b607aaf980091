"""What entries rest on: found by name, made or brought up to date a batch at a time."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from cities.models import City
from common.keeping import keep_first
from common.lines import shortened
from common.models import FormerSlug
from common.upkeep import after_reference_change
from pillars.models import Pillar
from recommendations.importing.kinds import KINDS, BadRow, Kind, refuse_without
from recommendations.importing.reading import Row

#: A kind and the names that say which thing of it.
Key = tuple[str, ...]


class Things:
    """Everything entries rest on by its name; read once, and kept as the import changes it."""

    def __init__(self) -> None:
        self._known: dict[str, dict[Key, Any]] = {}

    def of(self, kind: str) -> dict[Key, Any]:
        """Key → thing, for all there are of ``kind``."""
        if kind not in self._known:
            found = KINDS[kind].model._default_manager.order_by("pk")
            if KINDS[kind].refs:
                found = found.select_related(*KINDS[kind].refs)
            self._known[kind] = {thing.natural_key(): thing for thing in found}  # type: ignore[attr-defined]
        return self._known[kind]

    def get(self, kind: str, *key: str) -> Any:
        """Raises ``BadRow`` where there is no such thing."""
        thing = self.of(kind).get(key)
        if thing is None:
            raise BadRow(f"no {kind} “{shortened('/'.join(map(str, key)))}”")
        return thing


def put_in(
    kind: Kind, rows: list[tuple[Row, dict[str, Any]]], things: Things
) -> tuple[dict[str, int], list[tuple[Row, str]]]:
    """Make the things that ``rows`` tell of, or make them say so; returns what was done, and which rows could not be.

    What a row does not mention stays as it is.
    """
    known = things.of(kind.name)
    done = {"new": 0, "changed": 0, "unchanged": 0}
    rejects: list[tuple[Row, str]] = []
    changed: list[int] = []
    for row, values in rows:
        try:
            thing, outcome = _put_one(kind, dict(values), known, things)
        except BadRow as reason:
            rejects.append((row, str(reason)))
            continue
        done[outcome] += 1
        if outcome != "unchanged" and (outcome == "changed" or kind.name == "membership"):
            changed.append(thing.area_id if kind.name == "membership" else thing.pk)
    if kind.name == "city":
        rejects += _join_neighbours(rows, known, {row.line for row, _reason in rejects})
    if changed:
        model = KINDS["area"].model if kind.name == "membership" else kind.model
        after_reference_change(model, sorted(set(changed)))
    return done, rejects


def _put_one(kind: Kind, values: dict[str, Any], known: dict[Key, Any], things: Things) -> tuple[Any, str]:
    key = tuple(values[name] for name in kind.keys)
    thing = known.get(key)
    if thing is None:
        refuse_without(kind.required, values)
    values = _as_columns(kind, values, things)
    if thing is not None:
        differing = [name for name, value in values.items() if getattr(thing, name) != value]
        if not differing:
            return thing, "unchanged"
        before = {name: getattr(thing, name) for name in differing}
    else:
        thing, differing, before = kind.model(), list(values), {}
    for name in differing:
        setattr(thing, name, values[name])
    try:
        _refuse_former(kind, thing)
        _refuse_conflicts(thing)
    except BadRow:
        for name, value in before.items():
            setattr(thing, name, value)
        raise
    if before:
        keep_first([thing])
    thing.save()
    known[key] = thing
    return thing, "changed" if before else "new"


def _as_columns(kind: Kind, values: dict[str, Any], things: Things) -> dict[str, Any]:
    """``values`` under the names of the model, things in the place of their names."""
    found = {"kind" if name == "kind_of" else name: v for name, v in values.items() if name != "neighbours"}
    for name, named in kind.refs.items():
        if found.get(name) is not None:
            found[name] = things.get(named, found[name])
    return found


def _refuse_former(kind: Kind, thing: Any) -> None:
    """Raise ``BadRow`` for a name that leads to another thing since that was renamed."""
    if thing.pk is None and kind.keys == ("slug",):
        former = FormerSlug.objects.for_model(kind.model).filter(slug=thing.slug)
        if kind.model._default_manager.filter(pk__in=former.values("object_id")).exists():
            raise BadRow(f"slug: “{thing.slug}” is what another {kind.name} used to be called")


def _refuse_conflicts(thing: models.Model) -> None:
    """Raise ``BadRow`` where a rule of the database does not let ``thing`` in."""
    if isinstance(thing, Pillar) and thing.pk and thing.recommendations.exclude(report_id=thing.report_id).exists():
        raise BadRow("report: entries of another report stand in this pillar")
    try:
        thing.validate_unique()
        thing.validate_constraints()
    except ValidationError as error:
        raise BadRow(" ".join(error.messages)) from error


def _join_neighbours(
    rows: list[tuple[Row, dict[str, Any]]], known: dict[Key, City], refused: set[int]
) -> list[tuple[Row, str]]:
    """Set the neighbours that rows name, when all cities of the batch are there."""
    rejects = []
    for row, values in rows:
        if row.line in refused or "neighbours" not in values:
            continue
        missing = [slug for slug in values["neighbours"] if (slug,) not in known]
        if missing:
            rejects.append((row, f"neighbours: no city “{shortened(missing[0])}”; the city itself went in"))
            continue
        known[(values["slug"],)].neighbours.set([known[(slug,)] for slug in values["neighbours"]])
    return rejects
