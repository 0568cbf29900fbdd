"""The one way in which a figure is rounded here: half up, on decimals, as the letters do."""

from decimal import ROUND_HALF_UP, Decimal


def half_up(figure: Decimal, decimals: int) -> Decimal:
    """A figure rounded half up, away from zero, to that many decimals; to tens where it is -1, to hundreds where -2."""
    return figure.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def decimals_in(figure: Decimal) -> int:
    """With how many decimals a figure is written: 1 for 11.3, 2 for 11.30, 0 for 1500."""
    exponent = figure.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
