"""Whatever the schema allows, and much that it does not: no failure of ours, and no answer the schema does not know."""

from __future__ import annotations

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import load_all_checks

from config.wsgi import application
from tests.api.asking import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("content")]


def ask_everything(examples):
    raise NotImplementedError
