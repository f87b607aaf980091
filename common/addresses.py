"""How long an address may be: longer ones are refused in words, before the server would refuse them without any."""

from __future__ import annotations

from django.http import HttpRequest

#: The longest address that is answered, in characters as sent. The server takes a little more (``gunicorn.conf.py``).
MAX_ADDRESS = 5_000


def is_too_long(request: HttpRequest) -> bool:
    """Whether the address of ``request`` is longer than one that is answered."""
    return len(request.get_full_path()) > MAX_ADDRESS
