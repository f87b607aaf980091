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


#: What costs seconds to make, and is made anew by each worker that needs it.
COSTLY = ("site", "walked", "edition")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Tests that share something costly go to one worker; a wrapper, for pytest-xdist reads the marks early."""
    for item in items:
        for name in COSTLY:
            if name in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(name))
                break
    return (yield)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Each test starts in English: a request leaves its language behind in the thread."""
    with translation.override("en"):
        yield
