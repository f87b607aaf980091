"""The first reading of a file: whether it can be read to its end, how long it is, and which entries are in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recommendations import actions
from recommendations.importing.encoding import opened, other_encoding
from recommendations.importing.kinds import KINDS, VERSION
from recommendations.importing.reading import Row, Unreadable, rows_of
from recommendations.models.entry import MAX_NUMBER

#: Rows between two words on how far it is.
PAUSE = 5_000


@dataclass(slots=True)
class Survey:
    """What is known of a file before the first row goes in; of its content only names are kept.

    ``coming`` are the entries that others above them name as related; ``highest`` is the last number a report's
    entries are given in it.
    """

    rows: int = 0
    coming: set[str] = field(default_factory=set)
    highest: dict[str, int] = field(default_factory=dict)


def look_through(path: Path, say: Callable[[int, int], None]) -> Survey:
    """Read ``path`` once. Raises ``Unreadable`` where it cannot be read to its end, or not one row of it be used."""
    if wrong := other_encoding(path):
        raise Unreadable(wrong)
    survey, first_problem, seen, good = Survey(), "", set[str](), 0
    with opened(path) as file:
        for row in rows_of(path, file):
            survey.rows += 1
            if survey.rows == 1 and row.data.get("kind") == "format":
                _refuse_version(row)
                continue
            problem = _problem(row)
            good += not problem
            first_problem = first_problem or (problem and f"line {row.line}: {problem}")
            if row.data.get("kind") == "recommendation":
                _note(row.data, survey, seen)
            if survey.rows % PAUSE == 0:
                say(survey.rows, 0)
    if not good:
        raise Unreadable(f"no row of it can be used; {first_problem}" if first_problem else "it holds no rows")
    survey.coming &= seen
    return survey


def _refuse_version(row: Row) -> None:
    if row.data.get("version") != VERSION:
        raise Unreadable(f"version {row.data.get('version')!r} of the format; this reads version {VERSION}")


def _problem(row: Row) -> str:
    if row.problem:
        return row.problem
    return "" if row.data.get("kind") in KINDS else f"kind: {', '.join(KINDS)} are known"


def _note(said: dict[str, Any], survey: Survey, seen: set[str]) -> None:
    """Note what an entry is called and what it names, whatever its row holds."""
    slug, report, number, related = (said.get(name) for name in ("slug", "report", "number", "related"))
    if isinstance(slug, str) and slug:
        seen.add(slug)
    else:  # one of these it will be called, unless it is here already
        seen.add(actions.slug_of_title(str(said.get("title_en", ""))))
        seen.add(f"{report}-{number}")
    if isinstance(related, list):
        survey.coming.update(other for other in related if isinstance(other, str) and other not in seen)
    if isinstance(report, str) and isinstance(number, int) and number <= MAX_NUMBER:
        survey.highest[report] = max(number, survey.highest.get(report, 0))
