"""There is one way to round, and nobody rounds in another."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenbalans.project import PROJECT_FOLDER
from schemas.rounding import decimals_in, half_up

PRODUCT = ("ketenbalans", "schemas", "warehouse")


@given(st.decimals(-10_000, 10_000, places=6), st.integers(-2, 4))
def test_half_up_is_the_nearest_and_goes_up_from_the_middle(figure: Decimal, decimals: int) -> None:
    rounded, unit = half_up(figure, decimals), Fraction(10) ** -decimals
    distance = abs(Fraction(rounded) - Fraction(figure))
    assert Fraction(rounded) % unit == 0
    assert distance < unit / 2 or (distance == unit / 2 and abs(rounded) > abs(figure))


@pytest.mark.parametrize(("written", "decimals"), [("11.3", 1), ("11.30", 2), ("1500", 0), ("1.5E+3", 0)])
def test_decimals_are_those_that_are_written(written: str, decimals: int) -> None:
    assert decimals_in(Decimal(written)) == decimals


def test_rounding_is_written_once() -> None:
    files = (file for folder in PRODUCT for file in (PROJECT_FOLDER / folder).rglob("*.py"))
    rounding = {f"{file.parent.name}/{file.name}" for file in files if "ROUND_HALF_UP" in file.read_text("utf-8")}
    assert rounding == {"schemas/rounding.py"}
