"""Which network address a request is from."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest

from common.context import client_of


def address_of(request: HttpRequest) -> str | None:
    """The address, or nothing where what is said to be one is none."""
    try:
        return str(ipaddress.ip_address(client_of(request)))
    except ValueError:
        return None
