"""What editors write: a recommendation, its evidence and the cities it is linked to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from common.days import in_the_age_of_sites, not_in_the_future
from common.translation import Translated
from recommendations.choices import Basis, LinkBasis, Reach, State, Status
from recommendations.querysets import COPY_MARK, CityLinkQuerySet, EvidenceQuerySet, RecommendationQuerySet
from sources.choices import Proof
from sources.models import Citation

if TYPE_CHECKING:
    from pillars.models import Pillar
    from recommendations.sets import EntrySet

#: What an entry's slug looks like.
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

#: Slugs that stand for something else under /recommendations/, or under the address of an edition.
RESERVED_SLUGS = ("export", "suggest", "changes")

#: The highest number an entry may have: the same on every database, and no report is longer.
MAX_NUMBER = 9_999_999
NUMBER_OUT_OF_RANGE = _("A number is between 1 and %(most)s.")
NO_SLUG = _("Write a slug in lower-case letters, digits and single hyphens.")

#: The bilingual texts of an entry, in reading order.
BODY = ("problem", "action", "outcome", "measure")
TEXTS = ("title", "summary", *BODY)
TEXT_COLUMNS = tuple(f"{name}_{suffix}" for name in TEXTS for suffix in ("en", "zh_hans"))


class Recommendation(models.Model):
    """One recommendation of a report.

    A row with ``working_copy_of`` is a pending edit of a published entry: it has no slug and no number
    of its own and no reader sees it.
    """

    report = models.ForeignKey(
        "pillars.Report", verbose_name=_("report"), on_delete=models.PROTECT, related_name="recommendations"
    )
    number = models.PositiveIntegerField(_("number"), null=True, blank=True)
    slug = models.SlugField(_("slug"), max_length=120, null=True, blank=True, unique=True)
    # Only what readers do not see may lack one; the type is what every page of theirs can rely on.
    pillar: models.ForeignKey[Pillar, Pillar] = models.ForeignKey(  # type: ignore[misc]
        "pillars.Pillar",
        verbose_name=_("pillar"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="recommendations",
    )
    title_en = models.CharField(_("title (English)"), max_length=300, blank=True)
    title_zh_hans = models.CharField(_("title (Chinese)"), max_length=300, blank=True)
    summary_en = models.TextField(_("summary (English)"), blank=True)
    summary_zh_hans = models.TextField(_("summary (Chinese)"), blank=True)
    problem_en = models.TextField(_("problem (English)"), blank=True)
    problem_zh_hans = models.TextField(_("problem (Chinese)"), blank=True)
    action_en = models.TextField(_("what would be done (English)"), blank=True)
    action_zh_hans = models.TextField(_("what would be done (Chinese)"), blank=True)
    outcome_en = models.TextField(_("what success would look like (English)"), blank=True)
    outcome_zh_hans = models.TextField(_("what success would look like (Chinese)"), blank=True)
    measure_en = models.TextField(_("how to follow it (English)"), blank=True)
    measure_zh_hans = models.TextField(_("how to follow it (Chinese)"), blank=True)
    basis = models.CharField(_("basis"), max_length=20, choices=Basis, default=Basis.INFERRED)
    reach = models.CharField(_("reach"), max_length=20, choices=Reach, default=Reach.PROVINCE)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.DRAFT, editable=False)
    status = models.CharField(
        _("status"),
        max_length=30,
        choices=Status,
        default=Status.NO_FOLLOW_UP_FOUND,
        editable=False,
        help_text=_("Derived from the newest published update; never set by hand."),
    )
    terms = models.ManyToManyField("themes.Term", verbose_name=_("terms"), blank=True, related_name="recommendations")
    related = models.ManyToManyField(
        "self", verbose_name=_("related"), blank=True, symmetrical=False, related_name="related_from"
    )
    reviewed_on = models.DateField(
        _("reviewed on"), null=True, blank=True, validators=[not_in_the_future, in_the_age_of_sites]
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    changed_at = models.DateTimeField(
        _("changed at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Newest change that readers can see."),
    )
    working_copy_of = models.OneToOneField(
        "self",
        verbose_name=_("working copy of"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="working_copy",
    )

    # What is planned for it: no part of what an entry says, so in no version.
    publish_at = models.DateTimeField(_("publish at"), null=True, blank=True, editable=False)
    withdraw_at = models.DateTimeField(_("withdraw at"), null=True, blank=True, editable=False)
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("scheduled by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    scheduled_version = models.PositiveIntegerField(_("version to publish"), null=True, blank=True, editable=False)
    schedule_problem = models.TextField(
        _("why the schedule failed"), default="", db_default="", blank=True, editable=False
    )

    title = Translated()
    summary = Translated()
    problem = Translated()
    action = Translated()
    outcome = Translated()
    measure = Translated()

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        permissions = [
            ("submit_recommendation", _("Can send recommendations for review")),
            ("publish_recommendation", _("Can publish recommendations")),
            ("archive_recommendation", _("Can archive recommendations")),
            ("restore_recommendation", _("Can take recommendations out of the archive")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="recommendation_number_once_a_report"),
            models.CheckConstraint(
                condition=Q(working_copy_of__isnull=False, slug__isnull=True, number__isnull=True)
                | Q(working_copy_of__isnull=True, slug__isnull=False, number__isnull=False),
                name="recommendation_name_of_its_own_unless_copy",
            ),
            models.CheckConstraint(
                condition=Q(working_copy_of__isnull=True) | Q(state__in=["draft", "in-review"]),
                name="recommendation_copy_never_public",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True) | Q(number__gte=1), name="recommendation_number_positive"
            ),
            models.CheckConstraint(
                condition=Q(slug__isnull=True) | ~Q(slug__in=["", *RESERVED_SLUGS]),
                name="recommendation_slug_not_reserved",
            ),
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="recommendation_basis_known"),
            models.CheckConstraint(condition=Q(reach__in=Reach.values), name="recommendation_reach_known"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="recommendation_state_known"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="recommendation_status_known"),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False, changed_at__isnull=False),
                name="recommendation_published_has_moments",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(pillar__isnull=False),
                name="recommendation_published_has_pillar",
            ),
            models.CheckConstraint(
                condition=Q(publish_at__isnull=True)
                | Q(withdraw_at__isnull=True)
                | Q(withdraw_at__gt=models.F("publish_at")),
                name="recommendation_withdrawn_after_published",
            ),
        ]

    def __str__(self) -> str:
        label = self.title or self.slug or "–"
        return f"{self.number}. {label}" if self.number else str(label)

    def natural_key(self) -> tuple[str]:
        """Its slug; of a working copy, the slug of its original with a mark that no slug can end in."""
        original = self.working_copy_of
        return (f"{original.slug}{COPY_MARK}" if original else self.slug or "",)

    natural_key.dependencies = [  # type: ignore[attr-defined]
        "pillars.report",
        "pillars.pillar",
        "themes.term",
        "cities.city",
        "sources.sourcesection",
    ]

    def clean(self) -> None:
        super().clean()
        problems: dict[str, Any] = {}
        if self.number is not None and not 1 <= self.number <= MAX_NUMBER:
            problems["number"] = NUMBER_OUT_OF_RANGE % {"most": MAX_NUMBER}
        if self.slug and not SLUG.fullmatch(self.slug):
            problems["slug"] = NO_SLUG
        elif self.slug in RESERVED_SLUGS:
            problems["slug"] = _("“%(slug)s” is kept for the site itself; choose another.") % {"slug": self.slug}
        if self.pillar_id and self.report_id and self.pillar.report_id != self.report_id:
            problems["pillar"] = _("This pillar belongs to another report.")
        if problems:
            raise ValidationError(problems)

    def get_absolute_url(self) -> str:
        return reverse("recommendations:detail", args=[self.slug])

    @property
    def is_public(self) -> bool:
        """Whether any reader may see it."""
        return self.state == State.PUBLISHED

    @property
    def original(self) -> Recommendation:
        """The entry itself: of a working copy, what it is a copy of."""
        return self.working_copy_of or self

    def get_basis(self) -> Basis:
        return Basis(self.basis)

    @classmethod
    def public_set(cls) -> EntrySet:
        """What readers see, to be counted and listed by what it has. The rooms below reach it by this."""
        from recommendations.index.sets import public_set

        return public_set()


class Evidence(Citation):
    """A passage that supports an entry, and how."""

    recommendation = models.ForeignKey(
        Recommendation, verbose_name=_("recommendation"), on_delete=models.CASCADE, related_name="evidence"
    )
    supports = models.CharField(
        _("supports"), max_length=20, choices=Basis, help_text=_("The basis this passage can carry.")
    )
    note_en = models.TextField(_("note (English)"), blank=True)
    note_zh_hans = models.TextField(_("note (Chinese)"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    proof = models.CharField(
        _("check of the phrase"),
        max_length=20,
        choices=Proof,
        default=Proof.UNCHECKED,
        db_default=Proof.UNCHECKED,
        editable=False,
        help_text=_("Derived from the checks there were of its source; never set by hand."),
    )

    note = Translated()

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "section", "paragraph", "key_phrase"], name="evidence_once_an_entry"
            ),
            models.CheckConstraint(condition=Q(supports__in=Basis.values), name="evidence_supports_known"),
            models.CheckConstraint(condition=Q(proof__in=Proof.values), name="evidence_proof_known"),
        ]

    def __str__(self) -> str:
        return f"{self.locator}{pgettext('list', ': ')}{self.key_phrase}"

    def natural_key(self) -> tuple[str, str, str, str, str]:
        return (
            *self.recommendation.natural_key(),
            *self.section.natural_key(),
            self.paragraph,
            self.key_phrase,
        )

    natural_key.dependencies = ["recommendations.recommendation", "sources.sourcesection"]  # type: ignore[attr-defined]


class CityLink(models.Model):
    """What people say of an entry and a city: the article names it there, or we read it so."""

    recommendation = models.ForeignKey(
        Recommendation, verbose_name=_("recommendation"), on_delete=models.CASCADE, related_name="city_links"
    )
    city = models.ForeignKey("cities.City", verbose_name=_("city"), on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(_("basis"), max_length=20, choices=LinkBasis)
    note_en = models.CharField(_("note (English)"), max_length=300, blank=True)
    note_zh_hans = models.CharField(_("note (Chinese)"), max_length=300, blank=True)

    note = Translated()

    objects = CityLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("city link")
        verbose_name_plural = _("city links")
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "city"], name="city_link_once_an_entry"),
            models.CheckConstraint(condition=Q(basis__in=LinkBasis.values), name="city_link_basis_known"),
        ]

    def __str__(self) -> str:
        return f"{self.city} ({self.get_basis_display()})"

    def natural_key(self) -> tuple[str, str]:
        return (*self.recommendation.natural_key(), self.city.slug)

    natural_key.dependencies = ["recommendations.recommendation", "cities.city"]  # type: ignore[attr-defined]
