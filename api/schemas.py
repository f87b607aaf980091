"""The shapes of what the API answers, for its schema. The items themselves are made in ``api.items``.

Descriptions are English here; the documentation page shows them in the reader's language.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_noop
from ninja import Schema
from pydantic import ConfigDict, Field

from recommendations.choices import Basis, CoverageBasis, Reach, Status


class InBoth(Schema):
    """A text in both languages; empty where there is none."""

    en: str
    zh_hans: str = Field(alias="zh-Hans")


Text = str | InBoth


def said(text: str, choices: type[TextChoices] | None = None) -> Any:
    """A field with what is said of it, and the closed list its values are of."""
    return Field(description=text, json_schema_extra={"enum": list(choices.values)} if choices else None)


FALLBACK = gettext_noop("The texts that are in the other language, because the one asked for has none.")
URL = gettext_noop("Its page on this site, in the language asked for; null where it has none.")
NUMBER = gettext_noop("The number it has in its report.")
COUNT = gettext_noop("How many published recommendations it has.")


class Item(Schema):
    """Something with a name of its own. With ``fields`` it says only what was asked for, and its names."""

    model_config = ConfigDict(extra="forbid")

    slug: str = said(gettext_noop("Its name in addresses and filters."))
    number: int = said(gettext_noop("Its place in its list, from 1: one that comes before it moves it."))
    fallback: list[str] = said(FALLBACK)


class ReportItem(Item):
    title: Text
    body: Text = said(gettext_noop("The body that issued it."))
    summary: Text
    provenance_note: Text
    stated_total: int | None = said(gettext_noop("How many recommendations the report says it makes."))
    published_on: dt.date | None
    source: str | None = said(gettext_noop("Slug of the source it was read in."))
    recommendation_count: int = said(COUNT)
    url: str | None = said(URL)


class PillarItem(Item):
    number: int = said(NUMBER)
    report: str
    name: Text
    short_name: Text
    summary: Text
    question: Text = said(gettext_noop("The question it answers."))
    recommendation_count: int = said(COUNT)
    url: str | None = said(URL)


class RegionOfCity(Schema):
    slug: str
    name: Text
    fallback: list[str] = said(FALLBACK)
    is_outside: bool = said(gettext_noop("Whether it lies outside the territory and is counted apart."))


class AreaOfCity(Schema):
    slug: str
    role: str
    extent: str


class CityItem(Item):
    code: str = said(gettext_noop("GB/T 2260 code; empty outside its scope."))
    name: Text
    region: RegionOfCity
    latitude: float | None
    longitude: float | None
    neighbours: list[str] = said(gettext_noop("Slugs of the cities with a common land border."))
    areas: list[AreaOfCity]
    recommendation_count: int = said(gettext_noop("How many published recommendations touch it."))
    url: str | None = said(URL)


class CityOfArea(Schema):
    slug: str
    role: str
    extent: str = said(gettext_noop("Whether the whole city belongs to it, a part, or it is only linked."))
    note: Text
    fallback: list[str] = said(FALLBACK)


class AreaItem(Item):
    kind: str
    name: Text
    cities: list[CityOfArea]
    recommendation_count: int = said(gettext_noop("How many published recommendations touch a member city."))
    url: str | None = said(URL)


class VocabularyItem(Item):
    name: Text
    question: Text
    terms: list[str] = said(gettext_noop("Slugs of its terms: the values of the filter of its name."))


class TermItem(Item):
    vocabulary: str = said(gettext_noop("Slug of its vocabulary: the two together name it."))
    label: Text
    definition: Text
    recommendation_count: int = said(COUNT)
    url: str | None = said(URL)


class SectionOfSource(Schema):
    code: str = said(gettext_noop("What a locator calls it, such as S3.1."))
    title: Text
    fallback: list[str] = said(FALLBACK)


class SourceItem(Item):
    kind: str
    title: Text
    publisher: Text
    note: Text
    address: str = said(gettext_noop("Where it was published; empty where unknown."))
    language: str
    published_on: dt.date | None
    retrieved_on: dt.date | None
    sections: list[SectionOfSource]
    recommendation_count: int = said(gettext_noop("How many published recommendations cite it."))
    url: str | None = said(URL)


class Passage(Schema):
    source: str
    section: str
    paragraph: str
    locator: str = said(gettext_noop("Section and paragraph, as the site writes it: S3.1 ¶1."))
    key_phrase: str = said(gettext_noop("A few words that stand there, in the language of the source."))


class CheckpointItem(Item):
    kind: str
    state: str
    date: dt.date | None = said(gettext_noop("Null where the source gives none."))
    title: Text
    summary: Text
    passage: Passage
    recommendations: list[str] = said(gettext_noop("Slugs of the recommendations it concerns."))
    url: str | None = said(URL)


class GlossaryItem(Item):
    term: Text
    definition: Text


# Recommendations


class PillarOfEntry(Schema):
    slug: str
    number: int
    name: Text
    fallback: list[str] = said(FALLBACK)


class TermOfEntry(Schema):
    vocabulary: str
    slug: str
    label: Text
    fallback: list[str] = said(FALLBACK)


class CityOfEntry(Schema):
    slug: str
    name: Text
    basis: str = said(gettext_noop("Why it is touched, by the strongest reason."), CoverageBasis)
    note: Text
    fallback: list[str] = said(FALLBACK)


class EvidenceOfEntry(Passage):
    supports: str = said(gettext_noop("The basis this passage can carry."), Basis)
    note: Text
    fallback: list[str] = said(FALLBACK)


class RecommendationItem(Item):
    id: int = said(gettext_noop("What changes call it by; it stays when the slug changes."))
    number: int = said(NUMBER)
    report: str
    pillar: PillarOfEntry
    title: Text
    summary: Text
    problem: Text
    action: Text = said(gettext_noop("What would be done."))
    outcome: Text = said(gettext_noop("What success would look like."))
    measure: Text = said(gettext_noop("How to follow it."))
    basis: str = said(gettext_noop("How firmly the source supports it."), Basis)
    reach: str = said(gettext_noop("How widely it applies."), Reach)
    status: str = said(gettext_noop("What became of it, as far as dated sources say."), Status)
    terms: list[TermOfEntry]
    cities: list[CityOfEntry] = said(gettext_noop("The cities it touches; province-wide ones name none for that."))
    evidence: list[EvidenceOfEntry]
    related: list[str] = said(gettext_noop("Slugs of the recommendations the editors relate it to."))
    reviewed_on: dt.date | None
    published_at: dt.datetime
    changed_at: dt.datetime = said(gettext_noop("The newest change that readers can see."))
    url: str | None = said(URL)


class VersionOfEntry(Schema):
    version: int
    public_from: dt.datetime
    public_until: dt.datetime | None = said(gettext_noop("Null for the version that is public now."))


class UpdateOfEntry(Schema):
    slug: str
    happened_on: dt.date
    title: Text
    summary: Text
    fallback: list[str] = said(FALLBACK)
    source: str
    locator: str
    status: str = said(gettext_noop("The status it leaves the recommendation in; empty where it says none."))


class RecommendationDetail(RecommendationItem):
    version: int | None = said(gettext_noop("The number of the version that is public now."))
    history: list[VersionOfEntry] = said(gettext_noop("Its public versions, the newest first."))
    checkpoints: list[str] = said(gettext_noop("Slugs of the checkpoints that concern it."))
    updates: list[UpdateOfEntry] = said(gettext_noop("What happened to it, the newest first."))


# Envelopes


class FacetValue(Schema):
    slug: str
    label: Text
    count: int


class FacetOfList(Schema):
    name: str = said(gettext_noop("The parameter that filters by it."))
    label: Text
    values: list[FacetValue]


class Envelope(Schema):
    count: int = said(gettext_noop("How many there are in all, whatever the page."))
    facets: list[FacetOfList] = said(
        gettext_noop("Each filter with its values and how many there would be; empty for lists that have none.")
    )
    next: str | None = said(gettext_noop("The address of the next page; null on the last."))


class RecommendationList(Envelope):
    results: list[RecommendationItem]
    suggestion: str | None = said(
        gettext_noop(
            "Where a word of q is in no recommendation: q with the nearest words that are. It is not searched for; "
            "null where there is nothing to suggest."
        )
    )


class Changes(Schema):
    version: str = said(gettext_noop("What to ask with next time, once all pages are read."))
    is_reset: bool = said(
        gettext_noop("True where this cannot be told as a difference: fetch everything anew with the lists.")
    )
    lists: list[str] = said(
        gettext_noop(
            "The other lists that may say something else now, a name or a count of recommendations: fetch these anew."
        )
    )
    changed: list[RecommendationItem] = said(
        gettext_noop("Recommendations as they are now: put each in the place of the one with its id.")
    )
    deleted: list[int] = said(gettext_noop("Ids of what readers no longer see: take them away, if they are there."))
    next: str | None = said(gettext_noop("The address of the next page; null on the last."))


class Start(Schema):
    lists: dict[str, str] = said(gettext_noop("Each list with its address."))
    schema_url: str
    documentation_url: str
    version: str | None = said(gettext_noop("The version of the content, as changes know it."))


class ProblemDetails(Schema):
    """RFC 9457."""

    type: str = said(gettext_noop("The kind of problem: the same address everywhere, to be compared, not opened."))
    title: str
    status: int
    detail: str
    errors: list[str] = said(gettext_noop("A sentence for each thing that is wrong."))
    documentation_url: str = said(gettext_noop("What the documentation says of this kind."))
