from django.urls import path

from pillars import views

app_name = "pillars"

urlpatterns = [
    path("pillars/", views.pillar_list, name="list"),
    path("pillars/<slug:slug>/", views.detail, name="detail"),
    path("reports/<slug:slug>/", views.report, name="report"),
]
