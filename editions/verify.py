"""Whether an edition still is what was frozen, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from common import frozen
from editions.models import Edition, EditionFile, EditionSeal
from editions.records import digest_of, read


def gone(name: str | None = None) -> list[str]:
    """The editions (or the one called ``name``) that were frozen and are no longer there, a line each."""
    seals = EditionSeal.objects.exclude(name__in=Edition.objects.values("name")).order_by("name")
    found = seals.filter(name=name) if name else seals
    return [f"{seal.name}: it was frozen with the manifest {seal.digest}, and is gone" for seal in found]


def unguarded() -> list[str]:
    """What the database no longer does to keep editions as they are, a line each."""
    return [f"the trigger {name} is missing or off: run manage.py migrate" for name in frozen.missing()]


def faults(edition: Edition) -> Iterator[str]:
    """What is not as it was, a line each; nothing where all is well."""
    if sha256(edition.manifest.encode()).hexdigest() != edition.digest:
        yield "the manifest is not the one that was frozen"
        return  # nothing that it says of the rest can be believed
    if not EditionSeal.objects.filter(name=edition.name, digest=edition.digest).exists():
        yield "it is not the one that was sealed when it was frozen"
    told = (edition.facts["edition"], edition.facts["frozen_at"])
    if told != (edition.name, edition.frozen_at.isoformat()):
        yield f"it was frozen as {told[0]} at {told[1]}, and says {edition.name} at {edition.frozen_at.isoformat()}"
    yield from _faults_of_files(edition)
    yield from _faults_of_records(edition)


def _faults_of_files(edition: Edition) -> Iterator[str]:
    wanted = {file["name"]: file for file in edition.facts["files"]}
    found = {file.name: file for file in edition.files.order_by("pk")}
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            yield f"{name} is missing"
        elif name not in wanted:
            yield f"{name} was added"
        else:
            yield from _faults_of(found[name], wanted[name])


def _faults_of_records(edition: Edition) -> Iterator[str]:
    count = edition.records().count()
    if not count == edition.entry_count == edition.facts["entries"]:
        yield f"{count} records are found where there were {edition.facts['entries']}"
    for piece in edition.records().iterator(chunk_size=100):
        try:
            data = read(bytes(piece.body))
            is_its_own = (data["id"], data["slug"], digest_of(data)) == (piece.entry, piece.slug, piece.digest)
        except (ValueError, TypeError, KeyError):
            yield f"the record of {piece.slug} cannot be read"
        else:
            if not is_its_own:
                yield f"the record of {data['slug']} is filed under another name"


def _faults_of(file: EditionFile, wanted: dict[str, Any]) -> Iterator[str]:
    size, digest = wanted["size"], wanted["sha256"]
    read, whole = 0, sha256()
    try:
        for chunk in file.chunks():
            read += len(chunk)
            whole.update(chunk)
    except TypeError:
        yield f"{file.name} holds something other than bytes"
        return
    if (read, whole.hexdigest()) != (size, digest) or (file.size, file.digest) != (size, digest):
        yield f"{file.name} has {read} bytes with SHA-256 {whole.hexdigest()}, where {size} with {digest} were frozen"
    if file.content_type != wanted["content_type"]:
        yield f"{file.name} is said to be {file.content_type}, where {wanted['content_type']} was frozen"
