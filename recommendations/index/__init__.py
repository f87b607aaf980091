"""The facet index: what every filter leaves and counts, from bitmaps in memory, as the ORM would say it."""
