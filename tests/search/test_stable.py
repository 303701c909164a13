"""Texts of values by which what happens is put in order, alike in every process."""

from __future__ import annotations

from fractions import Fraction

import pytest

from playground.search.stable import stable


@pytest.mark.parametrize(("one", "other"), [(-1, -2), (0, 2**61 - 1), (0.5, 0.25), ("1", 1)])
def test_different_values_have_different_texts(one: object, other: object) -> None:
    assert stable(one) != stable(other)


def test_equal_numbers_have_equal_texts() -> None:
    assert len({stable(n) for n in (1, 1.0, True, Fraction(1))}) == 1
    assert stable(float("inf")) == "inf" and stable(float("nan")) == "nan"
