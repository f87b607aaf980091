from django.urls import path

from recommendations import views
from recommendations.home import home

app_name = "recommendations"

urlpatterns = [
    path("", home, name="home"),
    path("recommendations/", views.browse, name="browse"),
    path("recommendations/suggest", views.suggest, name="suggest"),
    path("recommendations/export.csv", views.export_csv, name="export_csv"),
    path("recommendations/<slug:slug>/", views.detail, name="detail"),
]
