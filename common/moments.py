"""How a moment is written wherever a program reads it: in the API, in every file, in what pages say of themselves."""

from __future__ import annotations

import datetime as dt

from django.core.serializers.json import DjangoJSONEncoder

_encoder = DjangoJSONEncoder()


def written(moment: dt.datetime) -> str:
    """``moment`` in UTC, to the millisecond: ``2026-01-05T12:00:00.250Z``."""
    return str(_encoder.default(moment.astimezone(dt.UTC)))
