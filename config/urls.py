"""Every address of the site. Pages come in two languages: English at the root, Chinese under /zh-hans/."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from api.urls import last_pattern
from common import health
from common.crossing import open_to_all
from desk.views import search
from opendata import sitemaps
from opendata.catalog import catalog
from opendata.llms import llms
from staff import doors

handler403 = "common.views.forbidden"
handler404 = "common.views.not_found"
handler500 = "common.views.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("robots.txt", health.robots, name="robots"),
    path("sitemap.xml", open_to_all(sitemaps.sitemap), name="sitemap"),
    path("sitemap-<slug:section>.xml", open_to_all(sitemaps.part), {"sitemaps": sitemaps.PARTS}, name="sitemap_part"),
    path("llms.txt", open_to_all(llms), name="llms"),
    path("catalog.jsonld", open_to_all(catalog), name="catalog"),
    path("admin/search/", admin.site.admin_view(search), name="desk_search"),
    # These three stand before Django's own of the same address and name.
    path("admin/login/", doors.sign_in),
    path("admin/logout/", doors.sign_out),
    path("admin/password_change/", doors.change_password),
    path("admin/account/", include("staff.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("api.urls")),
    *i18n_patterns(
        path("", include("recommendations.urls")),
        path("", include("recommendations.embed_urls")),
        path("", include("pillars.urls")),
        path("", include("cities.urls")),
        path("", include("themes.urls")),
        path("", include("sources.urls")),
        path("", include("progress.urls")),
        path("", include("common.urls")),
        path("", include("api.docs_urls")),
        path("", include("opendata.urls")),
        path("", include("editions.urls")),
        prefix_default_language=False,
    ),
    last_pattern,
]
