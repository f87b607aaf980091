"""How dates are written where Django's own form is not ours; Chinese dates are Django's (2026年11月24日)."""
