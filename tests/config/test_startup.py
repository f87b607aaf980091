"""Reading the settings at the start of a process."""

from django.conf import settings

from config.startup import load_settings


def test_settings_that_are_read_keep_what_apps_have_added():
    assert settings.AXES_ENABLED is True  # added by its app
    before = settings._wrapped
    load_settings()
    assert settings._wrapped is before
