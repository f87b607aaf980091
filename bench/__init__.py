"""Measurements: what the site costs. Nothing here is part of the site, and nothing is asserted: figures are printed."""
