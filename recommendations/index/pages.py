"""Pages as they were answered, good for one state of the content."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

#: Bytes of pages that are kept; those asked for longest ago go first.
MOST_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class Page:
    """What was answered."""

    body: bytes
    headers: tuple[tuple[str, str], ...]


class Pages:
    """The pages asked for last. Safe with threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, Page] = OrderedDict()
        self._held = 0
        self._lock = Lock()

    def get(self, key: object) -> Page | None:
        with self._lock:
            page = self._kept.get(key)
            if page is not None:
                self._kept.move_to_end(key)
            return page

    def keep(self, key: object, page: Page) -> None:
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = page
            self._held += len(page.body)
            while self._held > MOST_BYTES and len(self._kept) > 1:
                self._held -= len(self._kept.popitem(last=False)[1].body)

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()
            self._held = 0
