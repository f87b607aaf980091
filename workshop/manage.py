"""`./demo manage …`: Django's command line with the settings and the data of the demo, inside its environment."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from workshop.serve import set_environment


def main(folder: Path, arguments: list[str]) -> None:
    """Run one command on what is kept in `folder`."""
    set_environment(folder, os.environ)
    from django.core.management import execute_from_command_line

    from config.startup import load_settings, needs_tables

    load_settings()
    with needs_tables("./demo once"):
        execute_from_command_line(["./demo manage", *arguments])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
