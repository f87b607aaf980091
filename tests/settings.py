"""
The product's own settings with the environment a test run needs. DATABASE_URL decides the database.

Only what would make tests slow or impossible is changed; `tests/config` checks the real thing in processes
of its own.
"""

import os
import secrets
import tempfile

os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ.setdefault("VAR_DIR", tempfile.gettempdir() + "/guangdong32-tests")

from config.settings import *  # noqa: F403
from config.settings import TEMPLATES
from tests.undefined import FailsInOurTemplates

TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = FailsInOurTemplates("%s")

API_REQUESTS_PER_MINUTE = 0  # the tests ask more often than that; the limit is tested by itself

REQUIRE_SECOND_FACTOR = False  # who signs in by force has given none; tests/staff turn it on

SECURE_SSL_REDIRECT = False  # the test client speaks plain HTTP

# 100 times faster than the real one; no real password is kept here.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Playwright leaves its event loop running in the thread that the tests run in; no test is asynchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

# Nothing is collected for a test run, so there is no manifest to read; nothing is written to disk.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
