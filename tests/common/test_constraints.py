"""Every named constraint, both ways, on whatever database this run is for."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from tests.common.constraint_cases import CASES

pytestmark = pytest.mark.django_db

OUR_APPS = {name for name in settings.INSTALLED_APPS if (settings.BASE_DIR / name).is_dir()}


def named_constraints() -> dict[str, type[Model]]:
    return {
        constraint.name: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in OUR_APPS
        for constraint in model._meta.constraints
    }


def apply(row: Model, values: dict) -> None:
    """Change ``row``; beside one that is frozen, which nothing changes, add another."""
    with transaction.atomic():
        if getattr(row, "is_frozen", False):
            kept = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
            type(row)._default_manager.create(**kept | values)
            return
        changed = type(row)._default_manager.filter(pk=row.pk).update(**values)
    assert changed == 1


def names_constraint(error: IntegrityError, name: str, model: type[Model]) -> bool:
    """Whether ``error`` is of that constraint. SQLite names the columns of a unique one instead."""
    constraint = next(c for c in model._meta.constraints if c.name == name)
    by_name = {field.name: field.column for field in model._meta.concrete_fields}
    columns = ", ".join(f"{model._meta.db_table}.{by_name[name]}" for name in getattr(constraint, "fields", ()))
    return name in str(error) or (bool(columns) and f"UNIQUE constraint failed: {columns}" == str(error))


def test_every_named_constraint_has_a_case():
    assert set(CASES) == set(named_constraints())
    assert {"recommendations", "cities", "progress", "common"} <= OUR_APPS


@pytest.mark.parametrize("name", sorted(CASES))
def test_constraint_takes_what_is_right_and_refuses_what_is_wrong(name):
    case = CASES[name]()
    model = named_constraints()[name]
    assert case.accepted
    assert case.refused
    for row, values in case.accepted:
        with transaction.atomic():
            apply(row, values)
            connection.check_constraints()
            transaction.set_rollback(True)
    for row, values in case.refused:
        assert isinstance(row, model)
        with pytest.raises(IntegrityError) as caught:
            apply(row, values)
        assert names_constraint(caught.value, name, model), f"{values}: {caught.value}"


@pytest.mark.parametrize("name", sorted(CASES))
def test_constraint_is_in_the_database_by_its_name(name):
    model = named_constraints()[name]
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    assert name in found
