"""What every test may ask for."""

from tests.content import content, content_rows

__all__ = ["content", "content_rows"]
