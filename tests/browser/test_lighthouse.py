"""Lighthouse on the site as it is served: its scores are reported, not held to a number."""

from __future__ import annotations

import pytest

from bench import lighthouse

pytestmark = [pytest.mark.long, pytest.mark.once]


def test_lighthouse_measures_every_page(site: str, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        assert lighthouse.main([site]) == 0
