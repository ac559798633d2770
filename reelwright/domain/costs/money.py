"""An amount of US dollars, exact to the millionth."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_GRAIN = Decimal("0.000001")


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """US dollars with six places, as the tables hold them. In JSON it is a text (`"0.008900"`), since numbers are read
    as floats. `of` and `at_least` make one."""

    amount: Decimal = Decimal(0)

    @classmethod
    def of(cls, usd: float | str | Decimal) -> Money:
        """The nearest amount. Raises `ValueError` for what is no finite number."""
        return cls(_places(usd, ROUND_HALF_EVEN))

    @classmethod
    def at_least(cls, usd: float | str | Decimal) -> Money:
        """The amount rounded up: for what is reserved. Raises `ValueError` as `of`."""
        return cls(_places(usd, ROUND_CEILING))

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + other.amount)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - other.amount)

    def __mul__(self, times: int) -> Money:
        return Money(self.amount * times)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __float__(self) -> float:
        return float(self.amount)

    def __str__(self) -> str:
        """`$0.0089`, `$1.50`, `-$0.20`: at least two places, and no zeros after those."""
        whole, _, places = f"{abs(self.amount):.6f}".partition(".")
        return f"{'-' if self.amount < 0 else ''}${whole}.{places.rstrip('0').ljust(2, '0')}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, Money) else cls.of(value),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda money: f"{money.amount:.6f}", when_used="json"
            ),
        )


def _places(usd: float | str | Decimal, rounding: str) -> Decimal:
    try:
        value = Decimal(str(usd))  # a float's shortest text is what was meant: 0.1 is a tenth
        if value.is_finite():
            return value.quantize(_GRAIN, rounding=rounding)
    except InvalidOperation:
        pass  # refused below
    raise ValueError(f"{str(usd)[:40]} is not an amount of dollars")


ZERO = Money.of(0)
