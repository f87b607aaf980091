"""One script a claim: each prints a ratio against a named peer or limit. ``python -m bench NAME``."""
