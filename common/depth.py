"""JSON nested deeper than a reader can go: a mistake or a trap, never a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class NestedTooDeep(ValueError):
    """JSON that cannot be read for its depth."""


def within_depth[Found](read: Callable[..., Found], *args: Any) -> Found:
    """What ``read(*args)`` finds. Raises ``NestedTooDeep`` where Python's own reader gives up."""
    try:
        return read(*args)
    except RecursionError:
        raise NestedTooDeep("nested too deep") from None
