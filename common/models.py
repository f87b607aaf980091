"""What two rooms share and neither owns: names that things used to have."""

from django.db import models


class FormerSlugQuerySet(models.QuerySet["FormerSlug"]):
    def for_model(self, model: type[models.Model]) -> "FormerSlugQuerySet":
        return self.filter(kind=model._meta.label_lower)


class FormerSlug(models.Model):
    """A slug a public thing once had; its address and its filter value redirect for good."""

    kind = models.CharField(max_length=60, help_text="Model label, such as cities.city.")
    slug = models.CharField(max_length=120)
    object_id = models.BigIntegerField()
    changed_at = models.DateTimeField(auto_now_add=True)

    objects = FormerSlugQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "slug"], name="common_former_slug_once_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.slug}"
