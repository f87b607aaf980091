"""What the site is called: as it was made, or as its settings say where it shows another report."""

from __future__ import annotations

from django.conf import settings
from django.utils.functional import lazystr
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override

from common.translation import site_language


def is_renamed() -> bool:
    """Whether the settings give the site another name than the one it was made under."""
    return bool(settings.SITE_NAMES["en"])


def site_name() -> str:
    """The name, in the language in force."""
    return settings.SITE_NAMES[site_language()] or _("Guangdong 32")


def site_line() -> str:
    """What stands under the name; nothing under another name, for it tells what this report is about."""
    return "" if is_renamed() else _("Modern services, recommendation by recommendation")


def site_slug() -> str:
    """The English name as part of a file's name or of a key."""
    with override("en"):
        return slugify(site_name()) or "site"


class _Name:
    def __str__(self) -> str:
        return site_name()


#: For what is set once and shown in every language.
lazy_site_name = lazystr(_Name())
