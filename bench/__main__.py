"""`python -m bench NAME [arguments]` runs one measurement; without a name it lists them."""

import importlib
import sys
from pathlib import Path

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        sys.exit(f"usage: python -m bench {{{','.join(NAMES)}}} [arguments]")
    sys.exit(importlib.import_module(f"bench.{sys.argv[1]}").main(sys.argv[2:]))
