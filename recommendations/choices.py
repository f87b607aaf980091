"""The closed lists of the field, each with its words and, where it needs one, its meaning."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Basis(TextChoices):
    """How firmly the source supports an entry."""

    STATED = "stated", _("Stated")
    IMPLIED = "implied", _("Implied")
    INFERRED = "inferred", _("Inferred")

    @property
    def mark(self) -> str:
        """``s``, ``m`` or ``f``: the class that draws its square, full, half or dashed."""
        return {Basis.STATED: "s", Basis.IMPLIED: "m", Basis.INFERRED: "f"}[self]

    @property
    def meaning(self) -> str | Promise:
        return {
            Basis.STATED: _("The article attributes this to the recommendations or findings themselves."),
            Basis.IMPLIED: _(
                "The article describes this as part of the strategy, or names the barrier it would remove."
            ),
            Basis.INFERRED: _("Our own division or reading of a broader point in the article."),
        }[self]


class Reach(TextChoices):
    """Where an entry applies."""

    PROVINCE = "province", _("Province-wide")
    METROPOLITAN = "metropolitan", _("Metropolitan areas")
    BAY_AREA = "bay-area", _("Greater Bay Area")
    CITY = "city", _("Particular cities")


class State(TextChoices):
    """Where an entry is in its editorial life."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in-review", _("In review")
    PUBLISHED = "published", _("Published")
    ARCHIVED = "archived", _("Archived")


class Step(TextChoices):
    """What was done when a version was made."""

    SAVED = "saved", _("Saved")
    SUBMITTED = "submitted", _("Sent for review")
    RETURNED = "returned", _("Returned to its editor")
    PUBLISHED = "published", _("Published")
    ARCHIVED = "archived", _("Archived")
    UNARCHIVED = "unarchived", _("Taken out of the archive")
    RESTORED = "restored", _("Former version restored")
    DISCARDED = "discarded", _("Pending copy discarded")
    BULK = "bulk", _("Changed with others")
    TAKEN_BACK = "taken-back", _("Taken back with others")
    LOADED = "loaded", _("Loaded")


#: Steps of one who does not write the entry: a draft stays that of whoever does.
WORDLESS = (Step.RETURNED, Step.BULK, Step.TAKEN_BACK, Step.ARCHIVED, Step.UNARCHIVED)


class Status(TextChoices):
    """What became of a recommendation, as far as dated sources say."""

    NO_FOLLOW_UP_FOUND = "no-follow-up-found", _("No follow-up found")
    UNDER_CONSIDERATION = "under-consideration", _("Under consideration")
    ADOPTED = "adopted", _("Adopted")
    IN_PROGRESS = "in-progress", _("In progress")
    PARTLY_IMPLEMENTED = "partly-implemented", _("Partly implemented")
    IMPLEMENTED = "implemented", _("Implemented")
    SET_ASIDE = "set-aside", _("Set aside")


class LinkBasis(TextChoices):
    """Why an editor links an entry to a city."""

    NAMED = "named", _("Named in the article")
    EDITORIAL = "editorial", _("Our reading")


class CoverageBasis(TextChoices):
    """Why an entry touches a city, strongest first."""

    NAMED = "named", _("Named in the article")
    EDITORIAL = "editorial", _("Our reading")
    METROPOLITAN = "metropolitan", _("Covered through its metropolitan area")
    BAY_AREA = "bay-area", _("Covered through the Bay Area")
