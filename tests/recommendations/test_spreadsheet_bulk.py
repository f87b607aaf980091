"""20,000 rows go in under 1 GB of memory; measured in a process of its own, whose memory is nobody else's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
@pytest.mark.once
def test_twenty_thousand_rows_go_in_under_a_gigabyte() -> None:
    bench = [sys.executable, "-m", "bench", "imports"]
    embedded = os.environ | {"DATABASE_URL": ""}
    done = subprocess.run(bench, cwd=ROOT, env=embedded, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "done, 20032 published" in done.stdout
