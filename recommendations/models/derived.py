"""What follows from an entry. Each row can be thrown away and made again by ``recommendations.derive``."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recommendations.choices import CoverageBasis
from recommendations.models.entry import Recommendation


class Coverage(models.Model):
    """An entry touches a city, for its strongest reason. Filters by city and area read this table."""

    recommendation = models.ForeignKey(Recommendation, on_delete=models.CASCADE, related_name="coverage")
    city = models.ForeignKey("cities.City", on_delete=models.CASCADE, related_name="coverage")
    basis = models.CharField(_("basis"), max_length=20, choices=CoverageBasis)

    class Meta:
        verbose_name = _("coverage")
        verbose_name_plural = _("coverage")
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "city"], name="coverage_city_once_an_entry"),
            models.CheckConstraint(condition=Q(basis__in=CoverageBasis.values), name="coverage_basis_known"),
        ]

    def __str__(self) -> str:
        return f"{self.recommendation_id}–{self.city_id}: {self.basis}"


class SearchText(models.Model):
    """The words an entry is found by, and the keys it is sorted by.

    Words are the terms of ``recommendations.tokens.index_texts`` between single spaces; each database's own full-text
    index follows them (``recommendations.fulltext``). Sort keys are bytes made in Python, because the two databases
    collate text differently.
    """

    recommendation = models.OneToOneField(
        Recommendation, on_delete=models.CASCADE, primary_key=True, related_name="search_text"
    )
    title = models.TextField()
    summary = models.TextField()
    body = models.TextField()
    title_key_en = models.BinaryField(editable=False)
    title_key_zh_hans = models.BinaryField(editable=False)

    class Meta:
        verbose_name = _("search text")
        verbose_name_plural = _("search texts")

    def __str__(self) -> str:
        return f"{self.recommendation_id}"


class SearchWord(models.Model):
    """A word or a pair of characters that occurs in some entry as written: what *did you mean* chooses from.

    ``key`` is how it sounds or is spelled, as bytes, which both databases compare alike: pinyin without tones
    for Chinese, the word itself for any other. A word stays when the last entry that has it goes, until everything is
    derived anew; whoever offers it looks whether it finds anything.
    """

    is_content = False  # derived of the entries, whose own changes are told

    word = models.CharField(max_length=64, unique=True)
    key = models.BinaryField(editable=False)
    is_han = models.BooleanField()

    class Meta:
        verbose_name = _("word that occurs")
        verbose_name_plural = _("words that occur")
        indexes = [models.Index(fields=["key"], name="search_word_key")]

    def __str__(self) -> str:
        return self.word


class Posting(models.Model):
    """The entries in which a common word or phrase stands, as bitmaps (``pyroaring``, serialised).

    True of one state of the content: ``epoch``, ``number`` and ``mark`` are its own (``common.changes``).
    """

    is_content = False  # derived of the entries, whose own changes are told

    #: Terms of ``recommendations.tokens`` between single spaces.
    phrase = models.CharField(max_length=400, primary_key=True)
    epoch = models.UUIDField()
    number = models.BigIntegerField()
    mark = models.BigIntegerField(default=0, db_default=0)
    title = models.BinaryField(editable=False)
    summary = models.BinaryField(editable=False)
    anywhere = models.BinaryField(editable=False)

    class Meta:
        verbose_name = _("posting of a common phrase")
        verbose_name_plural = _("postings of common phrases")

    def __str__(self) -> str:
        return self.phrase
