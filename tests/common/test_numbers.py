"""A number in what is sent is digits, as many as fit, and nothing else."""

import pytest

from common.numbers import whole_number

pytestmark = pytest.mark.once


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("17", 17), ("007", 7), ("123456789", 123_456_789)])
def test_digits_are_a_number(text, number):
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", " 1", "-1", "+1", "1.0", "1_0", "１７", "٣", "²", "1234567890", "9" * 5_000])
def test_nothing_else_is(text):
    assert whole_number(text) is None


def test_how_many_digits_is_said():
    assert whole_number("1234", digits=3) is None
    assert whole_number("1" * 18, digits=18) == int("1" * 18)
