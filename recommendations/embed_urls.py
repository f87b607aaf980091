from django.urls import path

from recommendations import embed

app_name = "embed"

urlpatterns = [
    path("embed/", embed.code, name="code"),
    path("embed/recommendations/", embed.recommendations, name="recommendations"),
]
