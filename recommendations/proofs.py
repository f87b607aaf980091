"""Whether the phrases of entries stand where their locators say, as far as the checks of their sources tell."""

from __future__ import annotations

from collections.abc import Iterable

from recommendations.models import Evidence, Recommendation
from sources.checks import Checks
from sources.choices import BROKEN

#: Rows written at once; a database takes only so many parameters.
BATCH = 500


def refresh_proofs(entries: Iterable[Recommendation | int] | None = None) -> int:
    """Have ``Evidence.proof`` of ``entries`` (of all, working copies included, by default) say what is known.

    Entries or their ids.

    Returns how many pieces changed. The text of no entry does, so no version is made.
    """
    rows = Evidence.objects.select_related("section").order_by("pk")
    if entries is not None:
        rows = rows.filter(recommendation__in=list(entries))
    checks = Checks(rows.order_by().values_list("section__source", flat=True).distinct())
    changed = 0
    stale: dict[str, list[int]] = {}
    for piece in rows.iterator(chunk_size=BATCH):
        proof = checks.of(piece)
        if proof != piece.proof:
            stale.setdefault(proof.value, []).append(piece.pk)
    for value, pks in stale.items():
        for start in range(0, len(pks), BATCH):
            changed += Evidence.objects.filter(pk__in=pks[start : start + BATCH]).update(proof=value)
    return changed


def broken(entry: Recommendation) -> list[Evidence]:
    """The evidence of ``entry`` whose phrase was not found where its locator says."""
    return list(Evidence.objects.filter(recommendation=entry, proof__in=BROKEN).in_order())
