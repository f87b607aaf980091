"""What recommendations are about: vocabularies of terms, each a facet, and the words of the field."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from common.grammar import RESERVED_PARAMETERS
from common.keeping import kept
from common.translation import Translated
from themes.querysets import GlossaryEntryQuerySet, TermQuerySet, VocabularyQuerySet, WordGroupQuerySet


def validate_not_reserved(slug: str) -> None:
    """Raise ``ValidationError`` where ``slug`` is the name of another parameter of the filter grammar."""
    if slug in RESERVED_PARAMETERS:
        raise ValidationError(
            _("“%(slug)s” is the name of another filter; choose a different slug."),
            code="reserved",
            params={"slug": slug},
        )


class Vocabulary(models.Model):
    """A set of terms. Its slug is the parameter of a facet: adding a vocabulary adds a facet."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True, validators=[validate_not_reserved])
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    name_en = models.CharField(_("name (English)"), max_length=120)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=120, blank=True)
    question_en = models.CharField(_("question it answers (English)"), max_length=300, blank=True)
    question_zh_hans = models.CharField(_("question it answers (Chinese)"), max_length=300, blank=True)

    name = Translated()
    question = Translated()

    objects = VocabularyQuerySet.as_manager()
    history = kept()

    class Meta:
        verbose_name = _("vocabulary")
        verbose_name_plural = _("vocabularies")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(slug__in=sorted(RESERVED_PARAMETERS)), name="vocabulary_slug_not_reserved"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def get_absolute_url(self) -> str:
        return f"{reverse('themes:index')}#{self.slug}-terms"


class Term(models.Model):
    """One value of a vocabulary."""

    vocabulary = models.ForeignKey(
        Vocabulary, verbose_name=_("vocabulary"), on_delete=models.PROTECT, related_name="terms"
    )
    slug = models.SlugField(_("slug"), max_length=120)
    label_en = models.CharField(_("label (English)"), max_length=160)
    label_zh_hans = models.CharField(_("label (Chinese)"), max_length=160, blank=True)
    definition_en = models.TextField(_("definition (English)"), blank=True)
    definition_zh_hans = models.TextField(_("definition (Chinese)"), blank=True)

    label = Translated()
    definition = Translated()

    objects = TermQuerySet.as_manager()
    history = kept()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        constraints = [
            models.UniqueConstraint(fields=["vocabulary", "slug"], name="term_slug_once_a_vocabulary"),
        ]

    def __str__(self) -> str:
        return f"{self.vocabulary}{pgettext('list', ': ')}{self.label}"

    def natural_key(self) -> tuple[str, str]:
        return (self.vocabulary.slug, self.slug)

    natural_key.dependencies = ["themes.vocabulary"]  # type: ignore[attr-defined]

    def get_absolute_url(self) -> str:
        return reverse("themes:term", args=[self.vocabulary.slug, self.slug])


class GlossaryEntry(models.Model):
    """A word of the field and what it means."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    term_en = models.CharField(_("word (English)"), max_length=160)
    term_zh_hans = models.CharField(_("word (Chinese)"), max_length=160, blank=True)
    definition_en = models.TextField(_("definition (English)"))
    definition_zh_hans = models.TextField(_("definition (Chinese)"), blank=True)

    term = Translated()
    definition = Translated()

    objects = GlossaryEntryQuerySet.as_manager()
    history = kept()

    class Meta:
        verbose_name = _("glossary entry")
        verbose_name_plural = _("glossary entries")

    def __str__(self) -> str:
        return self.term

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def get_absolute_url(self) -> str:
        return f"{reverse('themes:glossary')}#word-{self.slug}"


class WordGroup(models.Model):
    """Words that mean the same to a reader who searches: whoever looks for one finds the others too."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    words = models.TextField(
        _("words"), help_text=_("One word or phrase a line, in either language. Search takes each for all of them.")
    )

    objects = WordGroupQuerySet.as_manager()
    history = kept()

    class Meta:
        verbose_name = _("words that mean the same")
        verbose_name_plural = _("words that mean the same")

    def __str__(self) -> str:
        return " · ".join(self.lines)

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.words.splitlines() if line.strip()]

    def natural_key(self) -> tuple[str]:
        return (self.slug,)
