"""A made-up body of entries of any size, for tests and benches; it says of itself everywhere that it is made up."""

from recommendations.synthetic.stock import SLUG
from recommendations.synthetic.world import has_real_content, make_world

__all__ = ["SLUG", "has_real_content", "make_world"]
