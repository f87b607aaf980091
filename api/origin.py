"""Where this site is, for addresses that must be whole."""

from django.conf import settings
from django.http import HttpRequest


def origin_of(request: HttpRequest) -> str:
    """Scheme and host of the site, without a path."""
    return settings.SITE_URL or f"{request.scheme}://{request.get_host()}"
