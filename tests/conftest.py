"""What every test may ask for."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.utils import translation

from tests.content import content, content_rows
from tests.walk import files, plain_pages, walked

__all__ = ["content", "content_rows", "files", "plain_pages", "walked"]


def pytest_sessionstart() -> None:
    """Pages are tested in both languages: what is compiled is not committed, so it may not be there yet."""
    call_command("compile_catalogues", verbosity=0)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Each test starts in English: a request leaves its language behind in the thread."""
    with translation.override("en"):
        yield
