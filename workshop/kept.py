"""Secrets made on this machine and kept in files only their owner can read."""

import os
import secrets
from pathlib import Path


def kept_secret(file: Path, *, length: int) -> str:
    """Return the secret kept in `file`; where there is none, a new one of `length` random bytes is kept first."""
    if not file.exists():
        half_written = file.with_name(f"{file.name}.{os.getpid()}")
        descriptor = os.open(half_written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as output:
            output.write(secrets.token_urlsafe(length))
        half_written.replace(file)
    return file.read_text()
