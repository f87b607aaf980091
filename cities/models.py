"""Where recommendations apply: regions, cities, and the areas that cities form together."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cities.querysets import AreaQuerySet, CityQuerySet, MembershipQuerySet, RegionQuerySet
from common.keeping import kept
from common.translation import Translated


class Region(models.Model):
    """A part of the territory a report is about, or a neighbour outside it."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=120)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=120, blank=True)
    is_outside = models.BooleanField(
        _("outside the territory"),
        default=False,
        help_text=_("Its cities are counted apart from the territory's own, as Hong Kong and Macao are."),
    )

    name = Translated()

    objects = RegionQuerySet.as_manager()
    history = kept()

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


class City(models.Model):
    """A city, with its place on the tile map (row 0 is north) where it has one."""

    code = models.CharField(
        _("code"), max_length=12, blank=True, help_text=_("GB/T 2260 code; empty outside its scope.")
    )
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=120)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=120, blank=True)
    full_name_zh_hans = models.CharField(_("full name (Chinese)"), max_length=120, blank=True)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="cities")
    neighbours = models.ManyToManyField(
        "self", verbose_name=_("neighbours"), blank=True, help_text=_("Cities with a common land border.")
    )
    tile_row = models.PositiveSmallIntegerField(_("tile row"), null=True, blank=True)
    tile_col = models.PositiveSmallIntegerField(_("tile column"), null=True, blank=True)
    latitude = models.FloatField(
        _("latitude"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        _("longitude"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    geonames_id = models.PositiveIntegerField(_("GeoNames id"), null=True, blank=True)

    name = Translated()

    objects = CityQuerySet.as_manager()
    history = kept()

    class Meta:
        verbose_name = _("city")
        verbose_name_plural = _("cities")
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=~models.Q(code=""), name="city_code_once_where_there_is_one"
            ),
            models.UniqueConstraint(fields=["tile_row", "tile_col"], name="city_tile_once"),
            models.CheckConstraint(
                condition=models.Q(tile_row__isnull=True, tile_col__isnull=True)
                | models.Q(tile_row__isnull=False, tile_col__isnull=False),
                name="city_tile_whole_or_none",
            ),
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True) | models.Q(latitude__gte=-90, latitude__lte=90),
                name="city_latitude_in_degrees",
            ),
            models.CheckConstraint(
                condition=models.Q(longitude__isnull=True) | models.Q(longitude__gte=-180, longitude__lte=180),
                name="city_longitude_in_degrees",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    natural_key.dependencies = ["cities.region"]  # type: ignore[attr-defined]

    def get_absolute_url(self) -> str:
        return reverse("cities:detail", args=[self.slug])


class Area(models.Model):
    """Cities that are planned together: a metropolitan area, or the Bay Area."""

    class Kind(models.TextChoices):
        METROPOLITAN_AREA = "metropolitan-area", _("Metropolitan area")
        BAY_AREA = "bay-area", _("Bay area")

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    name_en = models.CharField(_("name (English)"), max_length=160)
    name_zh_hans = models.CharField(_("name (Chinese)"), max_length=160, blank=True)
    cities = models.ManyToManyField(City, through="Membership", related_name="areas")

    name = Translated()

    objects = AreaQuerySet.as_manager()
    history = kept()

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["metropolitan-area", "bay-area"]), name="area_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def get_absolute_url(self) -> str:
        return reverse("cities:area", args=[self.slug])


class Membership(models.Model):
    """A city's place in an area. A linked city is touched by the area's measures but is not a member."""

    class Role(models.TextChoices):
        CORE = "core", _("Core")
        MEMBER = "member", _("Member")

    class Extent(models.TextChoices):
        FULL = "full", _("Whole city")
        PARTIAL = "partial", _("Part of the city")
        LINKED = "linked", _("Linked, not a member")

    #: The extents through which what covers the area covers the city.
    COVERING = (Extent.FULL.value, Extent.PARTIAL.value)

    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.CASCADE, related_name="memberships")
    city = models.ForeignKey(City, verbose_name=_("city"), on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role, help_text=_("Our reading."))
    extent = models.CharField(_("extent"), max_length=10, choices=Extent)
    note_en = models.CharField(_("note (English)"), max_length=300, blank=True)
    note_zh_hans = models.CharField(_("note (Chinese)"), max_length=300, blank=True)

    note = Translated()

    objects = MembershipQuerySet.as_manager()
    history = kept()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["area", "city"], name="membership_city_once_an_area"),
            models.CheckConstraint(condition=models.Q(role__in=["core", "member"]), name="membership_role_known"),
            models.CheckConstraint(
                condition=models.Q(extent__in=["full", "partial", "linked"]), name="membership_extent_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.city} – {self.area}"

    def natural_key(self) -> tuple[str, str]:
        return (self.area.slug, self.city.slug)

    natural_key.dependencies = ["cities.area", "cities.city"]  # type: ignore[attr-defined]
