"""Keeps one index in this process and brings it up to the content's state whenever somebody asks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

from django.db import DatabaseError, connection, connections

from common import changes
from common.changes import State
from recommendations.index.bitmaps import Index
from recommendations.index.loading import build, follow, is_small

logger = logging.getLogger(__name__)

#: More changed entries than this are not followed one by one.
MOST_FOLLOWED = 500
#: How often what was read has to be read again because somebody wrote meanwhile, before the ORM answers.
TRIES = 3
#: The index of the state that this thread reads within ``Keeper.one_state``.
_pinned: ContextVar[Index | None] = ContextVar("the index of one state", default=None)


class Keeper:
    """Safe with threads: an index is never changed, and takes the place of the one before in one step."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._builder: threading.Thread | None = None
        self._starter: threading.Thread | None = None

    @property
    def held(self) -> Index | None:
        """The index as it was when somebody asked last."""
        return self._index

    def current(self) -> Index | None:
        """The index of the content as it is committed now; ``None`` where the ORM has to answer.

        That is while a large one is being built, and within a transaction: what is read there may never be so. Within
        ``one_state`` it is the index of that.
        """
        if connection.in_atomic_block:
            return _pinned.get()
        state, index = changes.current(), self._index
        if state is None or (index is not None and index.state == state):
            return index if state else None
        with self._lock:
            return self._advance()

    @contextmanager
    def one_state(self) -> Iterator[None]:
        """Whatever is read within is of one state of the content, in the index as in the database.

        Within a transaction it is what that sees.
        """
        if connection.in_atomic_block:
            yield
            return
        with ExitStack() as stack:
            index = self._pinned_in(stack)
            held = _pinned.set(index)
            stack.callback(_pinned.reset, held)
            yield

    def _pinned_in(self, stack: ExitStack) -> Index | None:
        """Begin, in ``stack``, to read one state; the index of that, where there is one."""
        for _try in range(TRIES):
            index = self.current()
            stack.enter_context(changes.snapshot())
            if index is None or changes.current() == index.state:
                return index
            stack.close()  # somebody wrote in between
        stack.enter_context(changes.snapshot())
        return None

    def _advance(self) -> Index | None:
        for _try in range(TRIES):
            new = changes.since(self._index.state) if self._index else None
            if new is None or new.entries is None or len(new.entries) > MOST_FOLLOWED:
                return self._rebuild()
            if not new.entries and self._index:
                return self._index
            index = follow(self._index, new) if self._index else None
            # An entry written while the others' places were looked up may have shown them wrongly.
            if index and changes.current() == index.state:
                self._index = index
                return index
        return None

    def _rebuild(self) -> Index | None:
        state = changes.current()
        if state is None:
            return None
        if is_small():
            index = build(state, small=True)
            self._index = index if changes.current() == state else None
            return self._index
        if self._builder is None or not self._builder.is_alive():
            self._builder = threading.Thread(target=self._build, args=[state], name="facet index", daemon=True)
            self._builder.start()
        return None

    def _build(self, state: State) -> None:
        """In a thread of its own: the index of all entries, however many."""
        try:
            self._index = build(state, small=False)
        except DatabaseError:
            logger.exception("the facet index could not be built; the database answers instead")
        finally:
            connections.close_all()

    def warm(self) -> None:
        """Begin before the first reader comes."""
        self._starter = threading.Thread(target=self._warm, name="facet index, at the start", daemon=True)
        self._starter.start()

    def settle(self) -> None:
        """Wait until nothing is being built.

        Before a fork: the child would inherit a lock that the thread which holds it is not there to give back.
        """
        if self._starter is not None:
            self._starter.join()
        if self._builder is not None:  # the starter's doing
            self._builder.join()

    def _warm(self) -> None:
        try:
            self.current()
        except DatabaseError:
            logger.warning("no facet index yet: the database does not answer")
        finally:
            connections.close_all()

    def note(self) -> str:
        """What a probe is told: whether readers wait for an index."""
        is_awaited = self._builder is not None and self._builder.is_alive()
        return "the facet index is being built; the database answers" if is_awaited else ""

    def forget(self) -> None:
        """Start again from nothing."""
        self._index = self._builder = None


keeper = Keeper()
