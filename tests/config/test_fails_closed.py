"""An unsafe or broken setting stops the start with one line; a whole deployment passes Django's own check."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
KEY = "k3y-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP"
WHOLE = {"SECRET_KEY": KEY, "ALLOWED_HOSTS": "example.org", "DJANGO_SETTINGS_MODULE": "config.settings"}
UNSET = {
    *("DATABASE_URL", "DEMO", "DEBUG", "CSRF_TRUSTED_ORIGINS", "SITE_URL", "BEHIND_TLS_PROXY", "VAR_DIR"),
    "DJANGO_ALLOW_ASYNC_UNSAFE",  # of the tests alone
}


def started(folder: Path, command: list[str], **overrides: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in UNSET}
    environment = kept | WHOLE | {"VAR_DIR": str(folder)} | overrides
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too weak"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY is too weak"),
        ({"SECRET_KEY": f"django-insecure-{KEY}"}, "SECRET_KEY is too weak"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is empty"),
        ({"DEBUG": "1"}, "DEBUG is on"),
        ({"DEMO": "1"}, "DEMO is on"),
        ({"DEBUG": "perhaps"}, "set DEBUG to 1 or 0"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL must be"),
        ({"DATABASE_URL": "mysql://a@b/c"}, "DATABASE_URL must be"),
        ({"DATABASE_URL": "postgres://user@host/"}, "DATABASE_URL must be"),
        ({"ALLOWED_HOSTS": "https://example.org/"}, "ALLOWED_HOSTS has 'https://example.org/'"),
        ({"CSRF_TRUSTED_ORIGINS": "example.org"}, "CSRF_TRUSTED_ORIGINS has 'example.org'"),
        ({"SITE_URL": "example.org"}, "SITE_URL must look like"),
    ],
)
@pytest.mark.once
def test_an_unsafe_setting_stops_the_start_with_one_line(tmp_path, overrides, named):
    done = started(tmp_path, ["manage.py", "check"], **overrides)
    assert done.returncode != 0
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.once
def test_a_command_without_tables_says_so_in_one_line(tmp_path):
    done = started(tmp_path, ["manage.py", "verify_edition"])
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert f"{tmp_path}/guangdong32.sqlite3 are missing or not up to date: run manage.py migrate first" in done.stderr


#: Loads the site while the index takes its time, and forks, as a server does that loads before it forks.
FORKED = """
import os, sys, time
from recommendations.index import keeping
keeping.Keeper._advance = lambda self: time.sleep(0.5)
keeping.changes.current = lambda: "some state"
import config.wsgi
if not (child := os.fork()):
    os._exit(0 if keeping.keeper._lock.acquire(timeout=0) else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.once
def test_a_worker_forked_while_the_index_is_built_is_not_locked_out_of_it(tmp_path):
    setup = "import django; from config.startup import load_settings; load_settings(); django.setup()\n"
    assert started(tmp_path, ["-c", setup + FORKED]).returncode == 0


@pytest.mark.once
def test_the_server_refuses_in_the_same_words(tmp_path):
    done = started(tmp_path, ["-c", "import config.wsgi"], SECRET_KEY="")
    assert done.returncode == 3
    assert done.stderr.strip().count("\n") == 0


@pytest.mark.once
def test_a_whole_deployment_passes_djangos_own_check(tmp_path):
    done = started(tmp_path, ["manage.py", "check", "--deploy", "--fail-level", "WARNING"])
    assert done.returncode == 0, done.stderr


@pytest.mark.once
def test_the_application_can_be_imported_by_a_server(tmp_path):
    done = started(tmp_path, ["-c", "from config.wsgi import application; print(type(application).__name__)"])
    assert done.stdout.strip() == "WSGIHandler", done.stderr


@pytest.mark.once
def test_catalogues_compile_and_a_demo_editor_is_made_in_the_demo_only(tmp_path):
    demo = {"DEMO": "1", "ALLOWED_HOSTS": "127.0.0.1"}
    assert started(tmp_path, ["manage.py", "compile_catalogues"], **demo).returncode == 0
    for command in (["migrate", "-v0"], ["make_groups"], ["make_demo_editor", "--password", "one"]):
        assert started(tmp_path, ["manage.py", *command], **demo).returncode == 0
    refused = started(tmp_path, ["manage.py", "make_demo_editor", "--password", "one"])
    assert refused.returncode != 0
    assert "./demo only" in refused.stderr


@pytest.mark.django_db
def test_health_says_alive_and_ready(client):
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/zh-hans/recommendations/", "/admin/login/"])
def test_every_page_has_a_strict_policy(client, path):
    policy = client.get(path)["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_one_definition_of_languages():
    assert [code for code, _name in settings.LANGUAGES] == ["en", "zh-hans"]
