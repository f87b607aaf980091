"""Editions: the published content as it stood on a day, kept byte for byte.

They live in the database, so that every machine of a site has them and a backup of it is a backup of them. Their rows
are written once (``common.frozen``); what a file consists of is cut in pieces, so that none is ever read whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property

#: What an edition may be called: a month, and more after a hyphen where a month has several.
NAME = r"[0-9]{4}-(?:0[1-9]|1[0-2])(?:-[a-z0-9]+)*"
#: The file with every record, whose pieces are found by the name of the entry.
RECORDS = "recommendations.json"
#: Pieces read at a time.
BATCH = 20


class EditionQuerySet(models.QuerySet["Edition"]):
    def newest_first(self) -> EditionQuerySet:
        return self.order_by("-frozen_at", "-pk")


class Edition(models.Model):
    """A name, the moment it was frozen, and its manifest: every file with its size and SHA-256.

    ``digest`` is that of the manifest, so that it stands for every byte of the edition.
    """

    is_content = False
    is_frozen = True

    name = models.CharField(max_length=40, unique=True)
    frozen_at = models.DateTimeField()
    entry_count = models.PositiveIntegerField()
    manifest = models.TextField()
    digest = models.CharField(max_length=64)

    objects = EditionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @cached_property
    def facts(self) -> dict[str, Any]:
        """The manifest, read."""
        found: dict[str, Any] = json.loads(self.manifest)
        return found

    def get_absolute_url(self) -> str:
        return reverse("editions:edition", args=[self.name])

    def records(self) -> models.QuerySet[EditionPiece]:
        """The pieces that are a record each, in order."""
        return EditionPiece.objects.filter(file__edition=self, file__name=RECORDS, entry__isnull=False).order_by(
            "position"
        )


class EditionSeal(models.Model):
    """That there is an edition of this name, and its digest; apart from it, so that one taken away is missed."""

    is_content = False
    is_frozen = True

    name = models.CharField(max_length=40, unique=True)
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name


class EditionFile(models.Model):
    """One file of an edition. Its size and digest stand in the manifest as well."""

    is_content = False
    is_frozen = True

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=80)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "name"], name="edition_file_once_an_edition")]

    def __str__(self) -> str:
        return f"{self.edition_id}: {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("editions:file", args=[self.edition.name, self.name])

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, piece by piece."""
        last = -1
        while True:
            rows = self.pieces.filter(position__gt=last).order_by("position").values_list("position", "body")
            found = list(rows[:BATCH])
            for last, body in found:  # noqa: B007 - the next batch begins after it
                yield bytes(body)
            if len(found) < BATCH:
                return


class EditionPiece(models.Model):
    """A stretch of a file; of the records, one entry: its id, slug, and the digest of what it says."""

    is_content = False
    is_frozen = True

    file = models.ForeignKey(EditionFile, on_delete=models.PROTECT, related_name="pieces")
    position = models.PositiveIntegerField()
    body = models.BinaryField()
    entry = models.BigIntegerField(null=True)
    slug = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "position"], name="edition_piece_once_a_place")]
        indexes = [models.Index(fields=["file", "slug"], name="edition_piece_slug")]

    def __str__(self) -> str:
        return f"{self.file_id}: {self.position}"
