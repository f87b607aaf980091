"""A polite limit on how often one address asks, counted in this process, minute by minute."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass

#: Seconds after which counting starts anew.
WINDOW = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """How many requests an address has left, and in how many seconds it has all of them again."""

    limit: int
    remaining: int
    reset: int
    is_over: bool

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers writes them."""
        return {
            "RateLimit-Policy": f'"default";q={self.limit};w={WINDOW}',
            "RateLimit": f'"default";r={self.remaining};t={self.reset}',
        }


class Limiter:
    """Counts of the window at hand. What was counted before is forgotten, so that memory does not grow."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._counts: Counter[str] = Counter()

    def take(self, client: str, limit: int, now: float) -> Standing:
        """Count one request of ``client`` at ``now`` (seconds); how it stands then."""
        window = int(now // WINDOW)
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, Counter()
            self._counts[client] += 1
            taken = self._counts[client]
        return Standing(limit, max(0, limit - taken), int((window + 1) * WINDOW - now) + 1, taken > limit)
