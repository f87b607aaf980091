"""What two rooms share and neither owns: names that things used to have, and which state the content is in."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class FormerSlugQuerySet(models.QuerySet["FormerSlug"]):
    def for_model(self, model: type[models.Model]) -> "FormerSlugQuerySet":
        return self.filter(kind=model._meta.label_lower)


class FormerSlug(models.Model):
    """A slug a public thing once had; its address and its filter value redirect for good."""

    kind = models.CharField(_("kind of thing"), max_length=60)  # a model's label, such as cities.city
    slug = models.CharField(_("slug"), max_length=120)
    object_id = models.BigIntegerField(_("its number"))
    changed_at = models.DateTimeField(_("changed at"), auto_now_add=True)

    objects = FormerSlugQuerySet.as_manager()

    class Meta:
        verbose_name = _("former slug")
        verbose_name_plural = _("former slugs")
        constraints = [
            models.UniqueConstraint(fields=["kind", "slug"], name="common_former_slug_once_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.slug}"


class ContentVersion(models.Model):
    """The state of all content, as one row: written by the triggers of ``common.triggers``, read by ``common.changes``.

    ``number`` grows with every committed write to content. Another ``epoch`` means that numbers may not be compared:
    the tables were emptied or migrated. ``mark`` is drawn anew with each number, so that a number that a restored
    database counts up to a second time is told from what it was before.
    """

    #: Not content itself: no trigger, not part of a dump that is loaded.
    is_content = False

    number = models.BigIntegerField(default=0)
    epoch = models.UUIDField(default=uuid.uuid4)
    mark = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="common_content_version_is_one_row")]

    def __str__(self) -> str:
        return f"{self.number} of {self.epoch}"


class ContentChange(models.Model):
    """What a version changed: the id of an entry, or 0 for anything else, which may show on every page.

    Of that, ``thing`` says which row of which table it was (``cities_city:7``), where a row was written by itself.
    Each version has a row at least, with its ``mark``; -1 stands for no entry.

    ``version`` is empty, and ``writer`` names the transaction, until a transaction on PostgreSQL commits: no other
    one ever sees such a row.
    """

    is_content = False

    version = models.BigIntegerField(null=True, blank=True, db_index=True)
    entry = models.BigIntegerField()
    thing = models.CharField(max_length=100, blank=True, default="", db_default="")
    writer = models.BigIntegerField(null=True, blank=True)
    mark = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["writer", "entry", "thing"],
                condition=Q(version__isnull=True),
                name="common_content_change_once_a_writer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.entry or self.thing or 'all'}"
