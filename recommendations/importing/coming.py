"""Links to entries that come later in the file: they are in the version of the one, and wait for the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping


class Coming:
    """Which entries (ids) wait for which slugs."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[int]] = {}

    def wait(self, pk: int, slugs: Iterable[str]) -> None:
        """The entry ``pk`` is to be linked to ``slugs`` once they are there."""
        for slug in slugs:
            self._waiting.setdefault(slug, []).append(pk)

    def arrive(self, ids: Mapping[str, int]) -> list[tuple[int, int]]:
        """The links, from and to, that can be written now that the entries ``ids`` (slug → id) are there."""
        if not self._waiting:
            return []
        return [(pk, there) for slug, there in ids.items() for pk in self._waiting.pop(slug, ())]

    def left(self) -> dict[int, list[str]]:
        """Entry → what it still waits for."""
        found: dict[int, list[str]] = defaultdict(list)
        for slug, waiting in self._waiting.items():
            for pk in waiting:
                found[pk].append(slug)
        return dict(found)
