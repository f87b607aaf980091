"""A changed slug of any public thing redirects for good, as a path and as a filter value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.validators import slug_re
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect

from common.models import FormerSlug


class SlugMoved(Exception):
    """The thing asked for is there under another slug, which is this exception's argument."""


def remember_slug(*, instance: models.Model, former: str) -> None:
    """Keep ``former`` as an old name of ``instance``; a thing that takes a name anew owns it again."""
    current = instance.slug  # type: ignore[attr-defined]
    kind = instance._meta.label_lower
    with transaction.atomic():
        FormerSlug.objects.filter(kind=kind, slug=current).delete()
        if former and former != current:
            FormerSlug.objects.update_or_create(kind=kind, slug=former, defaults={"object_id": instance.pk})


def is_name_of_another(instance: models.Model, slug: str) -> bool:
    """Whether ``slug`` is what another object of the same kind used to be called: its old address leads there."""
    former = FormerSlug.objects.for_model(type(instance)).filter(slug=slug).exclude(object_id=instance.pk or 0)
    owners = former.values("object_id")
    return type(instance)._default_manager.filter(pk__in=owners).exists()


def current_slugs(
    model: type[models.Model], slugs: Iterable[str], *, among: Iterable[int] | None = None
) -> dict[str, str]:
    """Which of ``slugs`` are former names of a ``model`` object, each with the name it has now.

    ``among`` are the ids of the objects that count, where not all do.
    """
    # What cannot be a slug is not asked for: one database refuses text with a NUL in it.
    asked = [slug for slug in slugs if slug_re.match(slug)]
    former = FormerSlug.objects.for_model(model).filter(slug__in=asked)
    if among is not None:
        former = former.filter(object_id__in=list(among))
    rows = dict(former.values_list("slug", "object_id"))
    now = dict(model._default_manager.filter(pk__in=rows.values()).values_list("pk", "slug"))
    return {slug: now[pk] for slug, pk in rows.items() if now.get(pk)}


def get_by_slug(queryset: models.QuerySet[Any], slug: str) -> Any:
    """The object of ``queryset`` with ``slug``.

    Raises ``SlugMoved`` where that is its former slug, ``Http404`` where there is none.
    """
    found = queryset.filter(slug=slug).first()
    if found is not None:
        return found
    # What cannot be a slug is not asked for: one database refuses text with a NUL in it.
    former = FormerSlug.objects.for_model(queryset.model).filter(slug=slug).first() if slug_re.match(slug) else None
    moved = queryset.filter(pk=former.object_id).first() if former else None
    if moved is not None and moved.slug:
        raise SlugMoved(moved.slug)
    raise Http404(f"{queryset.model._meta.verbose_name}: {slug}")


def redirect_to_slug(request: HttpRequest, former: str, current: str) -> HttpResponsePermanentRedirect:
    """The same address with ``current`` in the place of ``former``."""
    before, _, after = request.path.rpartition(f"/{former}/")
    path = f"{before}/{current}/{after}"
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)
