#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys

from django.core.management import execute_from_command_line

from config.startup import load_settings, needs_tables

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    load_settings()
    with needs_tables("manage.py migrate"):
        execute_from_command_line(sys.argv)
