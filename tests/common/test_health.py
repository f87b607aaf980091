"""Answers for machines."""

import pytest
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from common import health

pytestmark = pytest.mark.django_db


def ask(path):
    response = Client().get(path)
    return response.status_code, response.content.decode()


def test_site_that_can_serve_says_so():
    assert ask("/healthz") == ask("/readyz") == (200, "ok\n")


def test_answers_are_not_kept_and_set_no_cookie():
    for path in ("/healthz", "/readyz"):
        response = Client().get(path)
        assert "no-store" in response["Cache-Control"]
        assert not response.cookies


def test_site_with_a_migration_to_come_is_alive_and_not_ready():
    MigrationRecorder.Migration.objects.filter(app="progress").latest("pk").delete()
    assert ask("/healthz") == (200, "ok\n")
    assert ask("/readyz") == (503, "1 migrations are not applied: run manage.py migrate\n")


def test_site_without_its_database_is_alive_and_not_ready(monkeypatch):
    class Broken:
        def __init__(self, connection):
            raise DatabaseError("host=secret.example")

    monkeypatch.setattr(health, "MigrationExecutor", Broken)
    assert ask("/healthz") == (200, "ok\n")
    status, body = ask("/readyz")
    assert (status, body) == (503, "the database does not answer\n")
    assert "secret" not in body


def test_robots_may_read_all_but_the_desk():
    assert ask("/robots.txt") == (200, "User-agent: *\nDisallow: /admin/\nSitemap: http://testserver/sitemap.xml\n")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/robots.txt"])
def test_only_reading_is_answered(path):
    assert Client().post(path).status_code == 405
    assert Client().head(path).status_code == 200
