"""US dollars as the tables hold them."""

from __future__ import annotations

import math
from decimal import Decimal

from reelwright.domain.costs.money import Money
from reelwright.domain.errors import InvalidInput

MAX_USD = 999_999
"""What numeric(12, 6) holds."""


def dollars(usd: float) -> Decimal:
    """Dollars to the millionth, the grain of the tables. Raises `InvalidInput` (field `usd`)."""
    if not (math.isfinite(usd) and 0 <= usd < MAX_USD):
        raise InvalidInput(f"{usd} is not an amount of dollars", field="usd", remedy="give a number from 0 up")
    return Money.of(usd).amount
