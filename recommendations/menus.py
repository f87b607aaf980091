"""What a reader may choose from above the results: views, sizes of a page, orders, files, and what values mean."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from recommendations.facets import Label, Mode

VIEWS: tuple[tuple[str, Label], ...] = (
    ("cards", gettext_lazy("Cards")),
    ("table", gettext_lazy("Table")),
    ("matrix", gettext_lazy("Matrix")),
)
PAGE_SIZES = (10, 20, 50, 100)
DEFAULT_PAGE_SIZE = 20
SORTS: tuple[tuple[str, Label], ...] = (
    ("relevance", gettext_lazy("Best match")),
    ("number", gettext_lazy("Number")),
    ("updated", gettext_lazy("Newest change")),
    ("title", gettext_lazy("Title")),
)
#: Ending, name and use of the files a filter is taken along in, in the order of the menu.
FILES: tuple[tuple[str, str, Label], ...] = (
    ("xlsx", "Excel", gettext_lazy("spreadsheet with types and links")),
    ("csv", "CSV", gettext_lazy("spreadsheet, all matches")),
    ("json", "JSON", gettext_lazy("one document")),
    ("jsonl", "JSON Lines", gettext_lazy("one entry a line")),
    ("ris", "RIS", gettext_lazy("EndNote, Zotero")),
    ("bib", "BibTeX", gettext_lazy("LaTeX, Zotero")),
    ("md", "Markdown", gettext_lazy("text to read or quote")),
)
#: What the values chosen of one facet may be turned into.
MODES: tuple[tuple[Mode, Label], ...] = (
    (Mode.ANY, gettext_lazy("any of these")),
    (Mode.ALL, gettext_lazy("all of these")),
    (Mode.NOT, gettext_lazy("none of these")),
)
