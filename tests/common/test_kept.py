"""What is kept of a state of the content is gone with it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from common import kept


@pytest.fixture
def state(monkeypatch):
    """What the content and the connection are said to be in."""
    said = SimpleNamespace(now=1, in_atomic_block=False)
    monkeypatch.setattr(kept, "changes", SimpleNamespace(current=lambda: said.now))
    monkeypatch.setattr(kept, "connection", said)
    return said


def test_is_worked_out_once_in_each_state(state):
    numbers, made = kept.KeptByState(), []

    def make():
        made.append(state.now)
        return len(made)

    assert [numbers.get("a", make), numbers.get("a", make), numbers.get("b", make)] == [1, 1, 2]
    state.now = 2
    assert [numbers.get("a", make), numbers.get("a", make)] == [3, 3]
    state.now = None
    assert [numbers.get("a", make), numbers.get("a", make)] == [4, 5]
    state.now, state.in_atomic_block = 2, True
    assert numbers.get("a", make) == 6
    assert made == [1, 1, 2, None, None, 2]


def test_what_is_written_meanwhile_is_not_taken_for_what_was(state):
    numbers = kept.KeptByState()

    def make():
        state.now = 2
        numbers.get("other", lambda: "newer")
        return "half new"

    assert numbers.get("a", make) == "half new"
    assert numbers.get("a", lambda: "new") == "new"
