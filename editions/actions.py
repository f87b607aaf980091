"""Freezing an edition: all of it or none of it, of one state of the content, once and for good."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import batched
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from common import changes
from editions.contents import Content, Piece, contents, published_ids, reports, said_in_both
from editions.models import NAME, Edition, EditionFile, EditionPiece, EditionSeal
from editions.records import as_json

#: Pieces written at a time.
BATCH = 50


class CannotFreeze(Exception):
    """The edition cannot be made; the text says why, in one line."""


def freeze(*, name: str, frozen_at: dt.datetime) -> Edition:
    """The published content of this moment as the edition ``name``.

    Raises ``CannotFreeze`` for a name that is none or is taken, where nothing is published, and where the content
    changed meanwhile; nothing is kept then.
    """
    if not re.fullmatch(NAME, name):
        raise CannotFreeze(f"“{name}” is no name of an edition: write a month, such as 2026-11 or 2026-11-second")
    if Edition.objects.filter(name=name).exists():
        raise CannotFreeze(f"there is an edition {name} already, and it stays as it is: choose another name")
    if EditionSeal.objects.filter(name=name).exists():
        raise CannotFreeze(f"there was an edition {name}, and another one must not take its place: choose another name")
    before = changes.current()
    try:
        with transaction.atomic():
            edition = _written(name, frozen_at)
            if changes.current() != before:
                raise CannotFreeze("somebody changed the content meanwhile: run this again")
    except IntegrityError as error:
        raise CannotFreeze(f"an edition {name} was frozen meanwhile, and it stays as it is") from error
    return edition


def _written(name: str, frozen_at: dt.datetime) -> Edition:
    """Each file is made twice: measured first, for a row once written cannot be completed; written then."""
    files = contents(name, frozen_at)
    count = len(published_ids())
    if not count:
        raise CannotFreeze("nothing is published, so that there is nothing to freeze")
    measured = [_measured(content.pieces()) for content in files]
    manifest = as_json(
        {
            "edition": name,
            "frozen_at": frozen_at.isoformat(),
            "entries": count,
            "site": settings.SITE_URL,
            "about": said_in_both(),
            "reports": reports(),
            "files": [
                {"name": content.name, "content_type": content.content_type, **told}
                for content, told in zip(files, measured, strict=True)
            ],
        }
    )
    digest = sha256(manifest.encode()).hexdigest()
    edition = Edition.objects.create(
        name=name, frozen_at=frozen_at, entry_count=count, manifest=manifest, digest=digest
    )
    EditionSeal.objects.create(name=name, digest=digest)
    for content, told in zip(files, measured, strict=True):
        known = {"name": content.name, "content_type": content.content_type}
        file = EditionFile.objects.create(edition=edition, size=told["size"], digest=told["sha256"], **known)
        _write(file, content)
    return edition


def _measured(pieces: Iterator[Piece]) -> dict[str, Any]:
    """How many bytes ``pieces`` have, and their SHA-256."""
    size, whole = 0, sha256()
    for piece in pieces:
        size += len(piece.body)
        whole.update(piece.body)
    return {"size": size, "sha256": whole.hexdigest()}


def _write(file: EditionFile, content: Content) -> None:
    whole = sha256()
    for batch in batched(enumerate(content.pieces()), BATCH):
        rows: list[Any] = []
        for position, piece in batch:
            whole.update(piece.body)
            named = {"entry": piece.entry, "slug": piece.slug, "digest": piece.digest}
            rows.append(EditionPiece(file=file, position=position, body=piece.body, **named))
        EditionPiece.objects.bulk_create(rows)
    if whole.hexdigest() != file.digest:
        raise CannotFreeze("somebody changed the content meanwhile: run this again")
