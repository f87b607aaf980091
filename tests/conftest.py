"""What every test may ask for."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import translation
from xdist.scheduler import LoadScopeScheduling

from tests.content import content, content_rows
from tests.walk import files, plain_pages, walked

__all__ = ["content", "content_rows", "files", "plain_pages", "walked"]


def pytest_sessionstart() -> None:
    """Pages are tested in both languages: what is compiled is not committed, so it may not be there yet."""
    call_command("compile_catalogues", verbosity=0)


#: Whose tests share what costs seconds to make: a served site, a walk through all pages, an exported edition.
TOGETHER = (
    "tests/browser/",
    ("tests/test_urls.py", "tests/test_chinese.py", "tests/test_validity.py"),
    "tests/editions/test_export_site.py",
)


class Grouped(LoadScopeScheduling):
    """Those go to one worker, any other test to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        return next((str(files) for files in TOGETHER if nodeid.startswith(files)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Grouped:
    """Our own, for pytest 9.2 no longer shows pytest-xdist's groups to its scheduler."""
    return Grouped(config, log)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Each test starts in English: a request leaves its language behind in the thread."""
    with translation.override("en"):
        yield
