"""What has to follow when reference data changes.

A room that derives something from the rooms below it registers here; those rooms say what changed
without knowing who listens.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.db import models

#: Takes the model and the ids of what changed; ``None`` where that can no longer be said (after a deletion).
Follower = Callable[[type[models.Model], Collection[int] | None], None]

_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Have ``follower`` called after every change of reference data. Registering it again changes nothing."""
    if follower not in _followers:
        _followers.append(follower)


def after_reference_change(model: type[models.Model], ids: Collection[int] | None) -> None:
    """Rebuild what follows from these objects of ``model`` (all of them for ``None``).

    Call it in the transaction that changed them, so that no reader sees the one without the other.
    """
    for follower in _followers:
        follower(model, ids)
