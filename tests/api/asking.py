"""The API as a program uses it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from api import schemas
from api.lists import LISTINGS

ROOT = "/api/v1/"
#: List → the shape of one of its items.
ITEMS = {"recommendations": schemas.RecommendationItem, **{listing.name: listing.schema for listing in LISTINGS}}


def ask(path: str, **query: Any) -> Any:
    """The answer at ``path`` under the API, read; it must be one."""
    response = Client().get(path if "://" in path else f"{ROOT}{path}", query)
    assert response.status_code == 200, response.content.decode()
    assert response["Content-Type"] == "application/json"
    return response.json()


def whole(path: str, **query: Any) -> list[Any]:
    """Every item of a list, read page by page."""
    answer = ask(path, **query)
    items = list(answer["results"])
    while answer["next"]:
        answer = ask(answer["next"])
        items += answer["results"]
    assert len(items) == answer["count"]
    return items


def refused(path: str, status: int = 400, **query: Any) -> Any:
    """The problem at ``path``, read."""
    response = Client().get(f"{ROOT}{path}", query)
    assert response.status_code == status, response.content.decode()
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    schemas.ProblemDetails.model_validate(problem)
    assert problem["status"] == status
    return problem
