from django.urls import path, register_converter

from common.crossing import open_to_all
from editions import views
from editions.models import NAME


class EditionName:
    """A month, and more after a hyphen; other addresses under /editions/ are none."""

    regex = NAME

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class FileName(EditionName):
    """The name of a file; it has an ending, so that no entry's address is taken for one."""

    regex = r"[a-z0-9-]+\.[a-z0-9]+"


register_converter(EditionName, "edition")
register_converter(FileName, "file")

app_name = "editions"

urlpatterns = [
    path("editions/", views.index, name="list"),
    path("editions/<edition:name>/", views.edition, name="edition"),
    path("editions/<edition:name>/changes/", views.changes, name="changes"),
    path("editions/<edition:name>/<file:file>", open_to_all(views.download), name="file"),
    path("editions/<edition:name>/<slug:slug>/", views.entry, name="entry"),
]
