"""Whether an edition still is what was frozen, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256

from editions.models import Edition, EditionFile
from editions.records import digest_of


def faults(edition: Edition) -> Iterator[str]:
    """What is not as it was, a line each; nothing where all is well."""
    if sha256(edition.manifest.encode()).hexdigest() != edition.digest:
        yield "the manifest is not the one that was frozen"
    wanted = {file["name"]: file for file in edition.facts["files"]}
    found = {file.name: file for file in edition.files.order_by("pk")}
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            yield f"{name} is missing"
        elif name not in wanted:
            yield f"{name} was added"
        else:
            yield from _faults_of(found[name], wanted[name]["size"], wanted[name]["sha256"])
    count = edition.records().count()
    if not count == edition.entry_count == edition.facts["entries"]:
        yield f"{count} records are found where there were {edition.facts['entries']}"
    for piece in edition.records().iterator(chunk_size=100):
        data = json.loads(bytes(piece.body).lstrip(b",\n"))
        if (data["id"], data["slug"], digest_of(data)) != (piece.entry, piece.slug, piece.digest):
            yield f"the record of {data['slug']} is filed under another name"


def _faults_of(file: EditionFile, size: int, digest: str) -> Iterator[str]:
    read, whole = 0, sha256()
    for chunk in file.chunks():
        read += len(chunk)
        whole.update(chunk)
    if (read, whole.hexdigest()) != (size, digest) or (file.size, file.digest) != (size, digest):
        yield f"{file.name} has {read} bytes with SHA-256 {whole.hexdigest()}, where {size} with {digest} were frozen"
