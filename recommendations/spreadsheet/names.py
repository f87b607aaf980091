"""What entries rest on, found as editors name it: by its slug, or by what it is called in either language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import cached_property

from cities.models import City
from common.lines import shortened
from pillars.models import Pillar, Report
from recommendations.choices import Basis, LinkBasis, Reach
from recommendations.models import Recommendation
from recommendations.spreadsheet.columns import in_both, normal
from recommendations.spreadsheet.problems import problem
from sources.models import Source, SourceSection
from themes.models import Term

#: A list of at most so many is named whole where a cell has none of it.
MOST_NAMED = 12


class Unknown(Exception):
    """A cell that cannot be used. ``said`` is why, without its column; ``every`` where there are several reasons."""

    def __init__(self, code: str, **params: Any) -> None:
        self.said = problem("", code, **params)
        self.every = [self.said]
        super().__init__(code)

    @classmethod
    def of(cls, every: list[dict[str, Any]]) -> Unknown:
        """All of ``every``, which is not empty, as one."""
        found = cls(every[0]["code"])
        found.said, found.every = every[0], every
        return found


def noting[Found](faults: list[dict[str, Any]], find: Callable[..., Found], *args: Any) -> Found | None:
    """What ``find`` finds; where it cannot be used its reasons are added to ``faults``, and nothing is found."""
    try:
        return find(*args)
    except Unknown as error:
        faults += error.every
        return None


class Book:
    """Things of one kind under every name they have; a slug goes before what others are called."""

    def __init__(self, things: Iterable[tuple[str, Iterable[str]]]) -> None:
        self.slugs: dict[str, None] = {}  # in their order
        self._by_name: dict[str, set[str]] = defaultdict(set)
        for slug, names in things:
            self.add(slug, names)

    def add(self, slug: str, names: Iterable[str]) -> None:
        """Have ``slug`` found too, also by ``names``; empty ones are none."""
        self.slugs[slug] = None
        for name in names:
            if name:
                self._by_name[normal(name)].add(slug)

    def find(self, value: str) -> str:
        """The slug of what ``value`` names. Raises ``Unknown``."""
        if value in self.slugs:
            return value
        found = self._by_name.get(normal(value), set()) | {slug for slug in (value.lower(),) if slug in self.slugs}
        if len(found) > 1:
            raise Unknown("several", value=shortened(value))
        if not found and 0 < len(self.slugs) <= MOST_NAMED:
            raise Unknown("not-one-of", value=shortened(value), allowed=", ".join(self.slugs))
        if not found:
            raise Unknown("no-such", value=shortened(value))
        return next(iter(found))


def _choices(choices: type[TextChoices]) -> Book:
    return Book((choice.value, in_both(choice.label)) for choice in choices)


class Names:
    """Everything a cell may name; read once an import, when it is first asked for."""

    def __init__(self) -> None:
        self._of_file: dict[str, tuple[str, ...]] = {}

    def add_entry(self, slug: str, *titles: str) -> None:
        """Have an entry of the file itself found, too."""
        self._of_file[slug] = titles
        if "entries" in vars(self):
            self.entries.add(slug, titles)

    @cached_property
    def reports(self) -> Book:
        return Book((r.slug, (r.title_en, r.title_zh_hans)) for r in Report.objects.in_order())

    @cached_property
    def pillars(self) -> Book:
        return Book(
            (p.slug, (p.name_en, p.name_zh_hans, p.short_name_en, p.short_name_zh_hans))
            for p in Pillar.objects.in_order()
        )

    @cached_property
    def report_of_pillar(self) -> dict[str, str]:
        return dict(Pillar.objects.values_list("slug", "report__slug"))

    @cached_property
    def cities(self) -> Book:
        return Book((c.slug, (c.name_en, c.name_zh_hans)) for c in City.objects.all())

    @cached_property
    def sources(self) -> Book:
        return Book((s.slug, (s.title_en, s.title_zh_hans)) for s in Source.objects.order_by("slug"))

    @cached_property
    def sections(self) -> set[tuple[str, str]]:
        return set(SourceSection.objects.values_list("source__slug", "code"))

    @cached_property
    def terms(self) -> dict[str, Book]:
        """Vocabulary → its terms."""
        found: dict[str, list[tuple[str, tuple[str, str]]]] = defaultdict(list)
        for term in Term.objects.select_related("vocabulary").in_order():
            found[term.vocabulary.slug].append((term.slug, (term.label_en, term.label_zh_hans)))
        return {vocabulary: Book(terms) for vocabulary, terms in found.items()}

    @cached_property
    def entries(self) -> Book:
        """Every entry by its titles, those of the file included."""
        found = Recommendation.objects.entries().values_list("slug", "title_en", "title_zh_hans")
        book = Book((slug or "", titles) for slug, *titles in found.iterator(chunk_size=5_000))
        for slug, titles in self._of_file.items():
            book.add(slug, titles)
        return book

    @cached_property
    def bases(self) -> Book:
        return _choices(Basis)

    @cached_property
    def reaches(self) -> Book:
        return _choices(Reach)

    @cached_property
    def link_bases(self) -> Book:
        return _choices(LinkBasis)
