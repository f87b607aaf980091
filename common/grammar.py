"""Words of the filter grammar that no vocabulary may take as its slug."""

#: The facets the product itself has, in the order they stand on the page; vocabularies come after them.
FIXED_FACETS = ("report", "pillar", "basis", "reach", "status", "city", "area", "source")

#: Every parameter that browse, matrix, exports, feeds and the API know by a fixed name.
RESERVED_PARAMETERS = frozenset(
    {
        *FIXED_FACETS,
        "q", "sort", "include", "page", "per_page", "view", "rows", "cols", "cursor",
        "fields", "lang", "since", "format", "r", "edition", "state", "number", "slug",
    }
)  # fmt: skip
