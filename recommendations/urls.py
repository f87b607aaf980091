from django.urls import path

from common.crossing import open_to_all
from recommendations import views
from recommendations.briefing import briefing, briefing_docx
from recommendations.compare import compare
from recommendations.export_files import FORMS
from recommendations.history import history
from recommendations.home import home
from recommendations.sharing import shared_preview

app_name = "recommendations"

urlpatterns = [
    path("", home, name="home"),
    path("recommendations/", views.browse, name="browse"),
    *[
        path(f"recommendations/export.{kind}", open_to_all(views.export), {"kind": kind}, name=f"export_{kind}")
        for kind in FORMS
    ],
    path("recommendations/suggest", views.suggest, name="suggest"),
    path("recommendations/matrix.csv", open_to_all(views.matrix_csv), name="matrix_csv"),
    path("recommendations/<slug:slug>.md", open_to_all(views.markdown), name="markdown"),
    path("recommendations/<slug:slug>/", views.detail, name="detail"),
    path("recommendations/<slug:slug>/history/", history, name="history"),
    path("recommendations/<slug:slug>/cite.bib", open_to_all(views.cite), {"kind": "bib"}, name="cite_bib"),
    path("recommendations/<slug:slug>/cite.ris", open_to_all(views.cite), {"kind": "ris"}, name="cite_ris"),
    path("preview/<str:token>/", shared_preview, name="shared_preview"),
    path("compare/", compare, name="compare"),
    path("cities/<slug:slug>/briefing/", briefing, name="briefing"),
    path("cities/<slug:slug>/briefing.docx", open_to_all(briefing_docx), name="briefing_docx"),
]
