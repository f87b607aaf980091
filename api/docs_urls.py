from django.urls import path

from api.documentation import documentation

app_name = "api_docs"

urlpatterns = [
    path("api/v1/docs/", documentation, name="docs"),
]
