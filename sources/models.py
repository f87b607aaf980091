"""Where we read it: sources, their sections, and citations of a passage in them."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.days import in_the_age_of_sites, not_in_the_future
from common.keeping import kept
from common.lines import length_in_words
from common.translation import Translated
from sources.querysets import SourceQuerySet, SourceSectionQuerySet

#: A key phrase is a pointer into a text, never a copy of it.
MAX_PHRASE_WORDS = 8

validate_paragraph = RegexValidator(
    r"^(¶|b)[1-9][0-9]*\Z",
    _("Write ¶ and the number of a paragraph, or b and the number of a bullet: ¶1, b2."),
)


def validate_key_phrase(phrase: str) -> None:
    """Raise ``ValidationError`` where ``phrase`` is longer than eight words, or sixteen Chinese characters."""
    count = length_in_words(phrase)
    if count > MAX_PHRASE_WORDS:
        raise ValidationError(
            _(
                "A key phrase has at most %(limit)s words, two Chinese characters counting as one; this one has "
                "%(count)s."
            ),
            code="too_long",
            params={"limit": MAX_PHRASE_WORDS, "count": count},
        )


class Source(models.Model):
    """A document that recommendations or follow-up are read from."""

    class Kind(models.TextChoices):
        NEWS_ARTICLE = "news-article", _("News article")
        GOVERNMENT_REPORT = "government-report", _("Government report")
        GOVERNMENT_DOCUMENT = "government-document", _("Government document")
        GOVERNMENT_PAGE = "government-page", _("Government page")
        WHITE_PAPER = "white-paper", _("White paper")
        COMMENTARY = "commentary", _("Commentary")
        OTHER = "other", _("Other")

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=40, choices=Kind)
    title_en = models.CharField(_("title (English)"), max_length=300)
    title_zh_hans = models.CharField(_("title (Chinese)"), max_length=300, blank=True)
    publisher_en = models.CharField(_("publisher (English)"), max_length=200, blank=True)
    publisher_zh_hans = models.CharField(_("publisher (Chinese)"), max_length=200, blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=12, help_text=_("BCP 47 tag of its text, such as en."))
    published_on = models.DateField(
        _("published on"), null=True, blank=True, help_text=_("Empty where unknown."), validators=[not_in_the_future]
    )
    retrieved_on = models.DateField(
        _("retrieved on"), null=True, blank=True, validators=[not_in_the_future, in_the_age_of_sites]
    )
    note_en = models.TextField(_("note (English)"), blank=True)
    note_zh_hans = models.TextField(_("note (Chinese)"), blank=True)

    title = Translated()
    publisher = Translated()
    note = Translated()

    objects = SourceQuerySet.as_manager()
    history = kept()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def get_absolute_url(self) -> str:
        return reverse("sources:detail", args=[self.slug])

    @property
    def is_relied_on(self) -> bool:
        """Whether something that readers see, or once saw, rests on it: an entry, an update, a checkpoint, a report."""
        shown = ("published", "archived")
        return (
            self.reports.exists()
            or self.updates.filter(is_published=True).exists()
            or self.sections.filter(checkpoint_citations__isnull=False).exists()
            or self.sections.filter(evidence_citations__recommendation__state__in=shown).exists()
        )


class SourceSection(models.Model):
    """A part of a source that a locator can name: S3.1."""

    source = models.ForeignKey(Source, verbose_name=_("source"), on_delete=models.CASCADE, related_name="sections")
    code = models.CharField(_("code"), max_length=20)
    title_en = models.CharField(_("title (English)"), max_length=200, blank=True)
    title_zh_hans = models.CharField(_("title (Chinese)"), max_length=200, blank=True)
    heading = models.CharField(
        _("heading"),
        max_length=120,
        blank=True,
        validators=[validate_key_phrase],
        help_text=_("First words of the heading it stands under in the source; empty for the part before any heading."),
    )

    title = Translated()

    objects = SourceSectionQuerySet.as_manager()
    history = kept()

    class Meta:
        verbose_name = _("section of a source")
        verbose_name_plural = _("sections of a source")
        constraints = [
            models.UniqueConstraint(fields=["source", "code"], name="section_code_once_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()

    def natural_key(self) -> tuple[str, str]:
        return (self.source.slug, self.code)

    natural_key.dependencies = ["sources.source"]  # type: ignore[attr-defined]

    @property
    def anchor(self) -> str:
        """Its id on the page of its source: the code, with what an address would escape spelt out."""
        return "at-" + re.sub(r"[^A-Za-z0-9.-]", lambda found: f"_{ord(found[0]):x}", self.code)

    def get_absolute_url(self) -> str:
        return f"{self.source.get_absolute_url()}#{self.anchor}"


class Citation(models.Model):
    """A pointer to a passage: section, paragraph and a key phrase found there. For rooms to build on."""

    section = models.ForeignKey(
        SourceSection, verbose_name=_("section"), on_delete=models.PROTECT, related_name="%(class)s_citations"
    )
    paragraph = models.CharField(
        _("paragraph"),
        max_length=8,
        validators=[validate_paragraph],
        help_text=_("¶1 or b2 (b for a bullet)."),
    )
    key_phrase = models.CharField(
        _("key phrase"),
        max_length=200,
        validators=[validate_key_phrase],
        help_text=_("At most eight words, in Chinese sixteen characters, letter for letter as in the source."),
    )

    class Meta:
        abstract = True

    @property
    def locator(self) -> str:
        """Where the phrase stands: ``S3.1 ¶1``."""
        return f"{self.section.code} {self.paragraph}"


class PhraseCheck(models.Model):
    """That a phrase was looked for at its place in one particular text, and whether it is there.

    ``digest`` is ``sources.passages.phrase_digest``: of neither the text nor the phrase is anything kept.
    """

    is_content = False  # for the desk; what readers see of a phrase is the phrase

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="phrase_checks")
    text_sha256 = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    is_found = models.BooleanField()
    checked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("check of a phrase")
        verbose_name_plural = _("checks of phrases")
        constraints = [
            models.UniqueConstraint(fields=["source", "digest"], name="phrase_check_once_a_phrase"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.digest[:12]}"
