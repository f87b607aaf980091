"""What an update needs before readers may see it, and where on its form each part is given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.forms.models import model_to_dict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from progress.models import Update
from recommendations.readiness import NEEDED_TEXTS, Need

NEEDED_DAY = _("the day it happened, which is not in the future")
NEEDED_SOURCE = _("its source")
NEEDED_LOCATOR = _("the place in the source that says so")
TITLES = ("title_en", "title_zh_hans")


def needs(said: Mapping[str, Any], *, today: dt.date) -> dict[str, Need]:
    """Field → what an update needs there, in the order of its form; ``said`` is what it says, by field."""
    day = said.get("happened_on")
    found: dict[str, tuple[str | Promise, bool]] = {
        "happened_on": (NEEDED_DAY, isinstance(day, dt.date) and day <= today),
        **{name: (NEEDED_TEXTS[name], bool((said.get(name) or "").strip())) for name in TITLES},
        "source": (NEEDED_SOURCE, bool(said.get("source"))),
        "locator": (NEEDED_LOCATOR, bool((said.get("locator") or "").strip())),
    }
    return {name: Need(line, f"id_{name}", is_met) for name, (line, is_met) in found.items()}


def missing_for_publication(update: Update, *, today: dt.date) -> list[str | Promise]:
    """What ``update`` still needs before it may be published, one line each; empty where nothing."""
    return [need.line for need in needs(model_to_dict(update), today=today).values() if not need.is_met]
