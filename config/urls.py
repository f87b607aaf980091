"""Every address of the site. Pages come in two languages: English at the root, Chinese under /zh-hans/."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from common import health

handler404 = "common.views.not_found"
handler500 = "common.views.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("robots.txt", health.robots, name="robots"),
    path("admin/", admin.site.urls),
    *i18n_patterns(
        path("", include("recommendations.urls")),
        path("", include("pillars.urls")),
        path("", include("cities.urls")),
        path("", include("themes.urls")),
        path("", include("sources.urls")),
        path("", include("progress.urls")),
        path("", include("common.urls")),
        prefix_default_language=False,
    ),
]
