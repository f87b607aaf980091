"""What is known of key phrases from the checks there were: those kept with the content, and those made at the desk.

A check needs the text of a source, which nobody keeps. What stays of it is, for each phrase, a digest that ties it to
its place in that text, and whether it was found there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from sources.choices import Proof
from sources.models import Citation, PhraseCheck, Source
from sources.passages import passages, phrase_digest, plain, proofs_path, read_proofs, text_digest

#: When the checks were made that are kept with the content: before any at the desk.
BEFORE_ALL = dt.datetime(1, 1, 1, tzinfo=dt.UTC)


class Checks:
    """The checks of the sources with these ids."""

    def __init__(self, source_ids: Iterable[int]) -> None:
        ids = set(source_ids)
        #: source → digest of a text it was checked in → digest of a phrase → when that was, and whether it is there
        self.known: dict[int, dict[str, dict[str, tuple[dt.datetime, bool]]]] = {pk: {} for pk in ids}
        for source in Source.objects.filter(pk__in=ids):
            path = proofs_path(source.slug)
            if path.exists():
                kept = read_proofs(path)
                self.known[source.pk][kept["text_sha256"]] = dict.fromkeys(kept["phrases"], (BEFORE_ALL, True))
        rows = PhraseCheck.objects.filter(source__in=ids)
        for row in rows.only("source", "text_sha256", "digest", "checked_at", "is_found"):
            self.known[row.source_id].setdefault(row.text_sha256, {})[row.digest] = (row.checked_at, row.is_found)

    def of(self, citation: Citation) -> Proof:
        """What is known of the phrase of ``citation`` at its place; its section is loaded.

        Of two texts that say otherwise the one it was looked for in last decides: a source is mended and printed anew.
        """
        texts = self.known.get(citation.section.source_id, {})
        told = (phrases.get(phrase_digest(text, citation)) for text, phrases in texts.items())
        found = [one for one in told if one]
        if found:
            _at, is_found = max(found)
            return Proof.PROVED if is_found else Proof.FAILED
        return Proof.UNPROVED if texts else Proof.UNCHECKED


@transaction.atomic
def check(*, source: Source, text: str, citations: Iterable[Citation]) -> list[tuple[Citation, bool]]:
    """Look for each phrase of ``citations`` in ``text``, which is not kept; what was found is.

    Returns each with whether it is where its locator says. Raises ``UnreadableSource`` where ``text`` lacks a heading
    that the sections of ``source`` name.
    """
    cut = passages(text, source.sections.in_order())
    digest = text_digest(text)
    results = []
    for citation in citations:
        place = (citation.section.code, citation.paragraph)
        is_found = plain(citation.key_phrase) in cut.get(place, "")
        kept: dict[str, Any] = {"text_sha256": digest, "is_found": is_found, "checked_at": timezone.now()}
        PhraseCheck.objects.update_or_create(source=source, digest=phrase_digest(digest, citation), defaults=kept)
        results.append((citation, is_found))
    return results
