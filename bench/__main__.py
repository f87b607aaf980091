"""``python -m bench NAME`` runs ``bench/NAME.py``, in a database that is thrown away."""

import importlib
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")


def main() -> int:
    """Run the script that is named; 1 where its claim does not hold."""
    import django

    django.setup()
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bench NAME")
    holds = importlib.import_module(f"bench.{sys.argv[1]}").main()
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
