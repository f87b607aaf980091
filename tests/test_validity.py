"""Every page as html-validate reads it: a maintained validator, in the long run only, for it comes from npm."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.walk import Page
from workshop.machine import node_programs

pytestmark = [pytest.mark.long, pytest.mark.once, pytest.mark.django_db]

#: The validator's own standard, and why a rule of it is not ours.
CONFIG = {
    "root": True,
    "extends": ["html-validate:standard"],
    "rules": {
        "long-title": "off",  # a recommendation's title is as long as it is
        "no-inline-style": "error",
        "no-raw-characters": ["error", {"relaxed": True}],  # `&` between parts of an address, as HTML allows
        "prefer-native-element": "off",  # role=img on a group of tiles has no element of its own
        "tel-non-breaking": "off",  # no telephone number is on the site
    },
}


def test_every_page_is_valid_to_a_maintained_validator(walked: dict[str, Page], tmp_path: Path) -> None:
    programs = node_programs(log=tmp_path / "log")
    (tmp_path / ".htmlvalidate.json").write_text(json.dumps(CONFIG))
    for number, page in enumerate(walked.values()):
        (tmp_path / f"{number}.html").write_text(page.html)
    # That the validator reads these files at all is shown by one it must refuse.
    (tmp_path / "wrong.html").write_text('<!doctype html><p id="a">one</p><p id="a">two</p>')
    command = [programs / "html-validate", "--formatter", "json", "--ext", "html", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    urls = list(walked)
    results = {Path(result["filePath"]).stem: result["messages"] for result in json.loads(done.stdout)}
    assert "no-dup-id" in {message["ruleId"] for message in results.pop("wrong")}, done.stderr
    found = {
        f"{message['ruleId']}: {message['message']} ({urls[int(stem)]})"
        for stem, messages in results.items()
        for message in messages
    }
    assert sorted(found) == []
