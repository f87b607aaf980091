"""
`./demo`, second half, inside the environment: database, content, account, static files, then the server.

One process does it all, so Python and Django start once.
"""

import os
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from workshop.processes import die_on_signals, told_in_one_line


def set_environment(folder: Path, environment: "os._Environ[str]") -> None:
    """Say where the demo keeps its things; what belongs to a real deployment is not taken over."""
    from workshop.kept import kept_secret

    for name in ("ALLOWED_HOSTS", "BEHIND_TLS_PROXY", "CSRF_TRUSTED_ORIGINS", "SITE_URL"):
        environment.pop(name, None)
    environment |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEMO": "1",
        "DEBUG": "0",
        "VAR_DIR": str(folder),
        "SECRET_KEY": kept_secret(folder / "secret-key", length=50),
    }


def main(folder: Path, kept: socket.socket, lock: int, *, reset: bool) -> None:
    """Make the database ready and serve until we are stopped."""
    set_environment(folder, os.environ)
    from config.startup import load_settings

    load_settings()
    from workshop import prepare, server

    password = prepare.everything(folder, reset=reset)
    os.close(lock)
    server.serve(kept, password=password)


if __name__ == "__main__":
    with told_in_one_line("demo"):
        # We have no children before the server runs, and a database outlives the sudden death of its client.
        die_on_signals()
        _folder, _kept, _lock, _reset = sys.argv[1:]
        main(Path(_folder), socket.socket(fileno=int(_kept)), int(_lock), reset=_reset == "reset")
