"""The folder an edition is written to: made beside its place, put there in one step, never over what is not ours."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

#: Marks a folder as an edition, and names every file of it with its digest.
MARKER = "edition.json"


class NotOurs(Exception):
    """The folder cannot be written, or holds what this program did not write; the text says which, in one line."""


@contextmanager
def replaced(place: Path) -> Iterator[Path]:
    """A new folder to write to; it takes the place of ``place`` when the block ends well, and is gone otherwise.

    Raises ``NotOurs`` before anything is written where ``place`` is not an edition, and where it cannot be written.
    """
    place = place.resolve()
    try:
        refuse_what_is_not_ours(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        made = place.with_name(f".{place.name}.new-{os.getpid()}")
        made.mkdir()
    except OSError as error:
        raise NotOurs(f"cannot write to {place} ({error.strerror}): choose a folder you may write") from error
    old = place.with_name(f".{place.name}.old-{os.getpid()}")
    try:
        yield made
        if place.exists():
            place.rename(old)
        made.rename(place)
    except OSError as error:
        if old.exists() and not place.exists():
            old.rename(place)
        raise NotOurs(f"cannot write to {place} ({error.strerror}): choose a folder you may write") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def refuse_what_is_not_ours(place: Path) -> None:
    """Raise ``NotOurs`` unless ``place`` is free, empty, or an edition that nothing was added to."""
    if not place.exists():
        return
    if not place.is_dir():
        raise NotOurs(f"{place} is a file: choose a folder")
    present = files_in(place)
    if not present and not any(place.iterdir()):
        return
    if MARKER not in present:
        raise NotOurs(f"{place} is not empty and was not made by export_site: choose another folder, or empty it")
    try:
        listed = json.loads((place / MARKER).read_text())["files"]
    except (ValueError, KeyError, TypeError):
        raise NotOurs(f"{place / MARKER} cannot be read: choose another folder, or empty this one") from None
    added = sorted(present - {MARKER} - set(listed))
    if added:
        raise NotOurs(f"{place} holds {added[0]}, which export_site did not write: move it away first")


def files_in(folder: Path) -> set[str]:
    """The files under ``folder``, relative to it, with forward slashes."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def write(folder: Path, name: str, body: bytes) -> None:
    """Write one file of an edition. Raises ``NotOurs`` where its name leads out of the folder."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise NotOurs(f"{name} would be written outside the edition")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def mark(folder: Path, facts: dict[str, Any]) -> int:
    """Write the marker: ``facts`` and the digest of every file. Returns how many files there are."""
    files = {name: sha256((folder / name).read_bytes()).hexdigest() for name in sorted(files_in(folder))}
    text = json.dumps(facts | {"files": files}, ensure_ascii=False, indent=1)
    (folder / MARKER).write_text(f"{text}\n", encoding="utf-8")
    return len(files)
