"""
Lighthouse on a running site, with its mobile settings: medians of three for each page and category.

`python -m bench lighthouse http://127.0.0.1:8000`. The program comes from npm, pinned in workshop/node.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from workshop.environment import ROOT
from workshop.machine import find_browser, node_programs

PATHS = ("", "recommendations/", "recommendations/fintech-sandbox/", "recommendations/?view=matrix")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
RUNS = 3


def scores(programs: Path, url: str) -> dict[str, float]:
    """Return category → score of one run, 0 to 100."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = [str(programs / "lighthouse"), url, "--quiet", "--output=json", f"--output-path={report.name}"]
        environment = os.environ | {"CHROME_PATH": find_browser() or ""}
        subprocess.run([*command, "--chrome-flags=--headless=new --no-sandbox"], env=environment, check=True)
        found = json.loads(Path(report.name).read_text())["categories"]
    return {name: 100 * found[name]["score"] for name in CATEGORIES}


def medians(programs: Path, url: str) -> list[float]:
    """Return the median of each category."""
    runs = [scores(programs, url) for _run in range(RUNS)]
    return [statistics.median(run[name] for run in runs) for name in CATEGORIES]


def main(arguments: list[str]) -> int:
    """Print a table, a row at a time."""
    site = (arguments or ["http://127.0.0.1:8000"])[0].rstrip("/")
    log = ROOT / "var" / "install.log"
    log.parent.mkdir(exist_ok=True)
    programs = node_programs(log=log)
    print(f"{'page':<40}" + "".join(f"{name:>16}" for name in CATEGORIES) + "   (medians of three, mobile)")
    for path in PATHS:
        try:
            row = medians(programs, f"{site}/{path}")
        except subprocess.CalledProcessError as error:
            print(f"lighthouse ended with {error.returncode} on /{path}", file=sys.stderr)
            return 1
        print(f"/{path:<39}" + "".join(f"{score:>16.0f}" for score in row), flush=True)
    return 0
