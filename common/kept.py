"""What was worked out of the content, kept in this process for as long as the content stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

from django.db import connection

from common import changes
from common.changes import State


class KeptByState:
    """Values by name, all of one state of the content. Safe with threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._state: State | None = None
        self._values: dict[object, Any] = {}

    def get(self, key: object, make: Callable[[], Any]) -> Any:
        """What ``make`` gave in this state, which is asked for first: what is written meanwhile makes another one.

        Within a transaction nothing is kept: what is read there may never be so.
        """
        state = None if connection.in_atomic_block else changes.current()
        if state is None:
            return make()
        with self._lock:
            if self._state != state:
                self._state, self._values = state, {}
            if key in self._values:
                return self._values[key]
        value = make()
        with self._lock:
            if self._state == state:
                self._values[key] = value
        return value
