"""Days that cannot be: what a date of something that was done may not say."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: Before it nobody looked through an entry of a site, or fetched a source from one: an earlier year is a slip.
FIRST_OF_SITES = dt.date(1990, 1, 1)
#: Before it nothing happened that a recommendation of today is followed up by.
FIRST_OF_EVENTS = dt.date(1900, 1, 1)

IN_THE_FUTURE = _("%(day)s is in the future; today is %(today)s.")
TOO_EARLY = _("%(day)s is too early to be true: the first day that can be is %(first)s.")


def not_in_the_future(day: dt.date) -> None:
    """Raise ``ValidationError`` where ``day`` is after today, in the site's own time zone."""
    today = timezone.localdate()
    if day > today:
        raise ValidationError(
            IN_THE_FUTURE, code="in-the-future", params={"day": day.isoformat(), "today": today.isoformat()}
        )


def in_the_age_of_sites(day: dt.date) -> None:
    """Raise ``ValidationError`` where ``day`` is before anything was read or looked through on the Web."""
    _not_before(FIRST_OF_SITES, day)


def in_the_age_of_events(day: dt.date) -> None:
    """Raise ``ValidationError`` where ``day`` is before anything that is followed here can have happened."""
    _not_before(FIRST_OF_EVENTS, day)


def _not_before(first: dt.date, day: dt.date) -> None:
    if day < first:
        raise ValidationError(TOO_EARLY, code="too-early", params={"day": day.isoformat(), "first": first.isoformat()})
