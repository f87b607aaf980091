"""The cities: where recommendations apply, and how firmly that is said."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cities.areas import AreaOverview
from cities.models import Area, City
from cities.overview import (
    Overview,
    areas_with_members,
    groups_of,
    is_member,
    memberships_of,
    pillar_shares,
    province_wide_group,
    published_entries,
)
from common.slugs import SlugMoved, get_by_slug, redirect_to_slug
from common.tilemap import TileMap


def city_list(request: HttpRequest) -> HttpResponse:
    """Every city with how many entries touch it."""
    context = {
        "overview": Overview(),
        "areas": areas_with_members(),
        "total": published_entries().count(),
    }
    return render(request, "cities/list.html", context)


def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One city, from the closest claim to the widest."""
    try:
        city = get_by_slug(City.objects.select_related("region"), slug)
    except SlugMoved as moved:
        return redirect_to_slug(request, slug, str(moved))
    groups, everywhere = groups_of(city), province_wide_group(city)
    memberships, overview = memberships_of(city), Overview()
    neighbours = {neighbour.pk for neighbour in city.neighbours.all()}
    touching = sum(group.count for group in groups)
    context = {
        "city": city,
        "groups": groups,
        "everywhere": everywhere,
        "touching": touching,
        "applying": touching + everywhere.count,
        "total": published_entries().count(),
        "shares": pillar_shares(city),
        "memberships": memberships,
        "in_metropolitan_area": is_member(memberships, Area.Kind.METROPOLITAN_AREA),
        "in_bay_area": is_member(memberships, Area.Kind.BAY_AREA),
        "neighbours": [row for row in overview.rows if row.city.pk in neighbours],
        "named_cities": [row.city for row in overview.rows if row.reasons[0].count],
        "with_province": not city.region.is_outside,
        "inside_count": len(overview.inside),
        "tilemap": TileMap.build(
            (row.city for row in overview.rows), marks={**dict.fromkeys(neighbours, "cov"), city.pk: "on"}
        ),
    }
    return render(request, "cities/detail.html", context)


def area(request: HttpRequest, slug: str) -> HttpResponse:
    """One metropolitan area, or the Bay Area: its cities, and what touches them."""
    try:
        found = get_by_slug(Area.objects.all(), slug)
    except SlugMoved as moved:
        return redirect_to_slug(request, slug, str(moved))
    context = {"area": found, "overview": AreaOverview(found), "total": published_entries().count()}
    return render(request, "cities/area.html", context)
