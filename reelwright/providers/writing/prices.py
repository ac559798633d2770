"""What language models cost: the table `prices.toml`, and one of the operator's own that goes before it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from reelwright.domain.base import UserInput
from reelwright.domain.costs.money import Money
from reelwright.domain.errors import InvalidInput
from reelwright.domain.explain import explain

PRICES_BYTES = 1_000_000
MILLION = 1_000_000


@dataclass(frozen=True)
class TokenPrice:
    """US dollars per million tokens read, read from the provider's cache, and written (reasoning included)."""

    input: float
    output: float
    cached: float | None = None

    def usd(self, *, fresh: int, cached: int, written: int) -> float:
        """The price of one answer; without a price of their own, cached tokens cost what fresh ones do."""
        cached_price = self.input if self.cached is None else self.cached
        return float(self._sum((fresh, self.input), (cached, cached_price), (written, self.output)))

    def at_most(self, *, read: int, written: int) -> Money:
        """The price of so many tokens, none of them from the cache, rounded up."""
        dearest = max(self.input, self.cached or 0.0)
        return Money.at_least(self._sum((read, dearest), (written, self.output)))

    @staticmethod
    def _sum(*parts: tuple[int, float]) -> Decimal:
        return sum((count * Decimal(str(price)) for count, price in parts), Decimal(0)) / MILLION


Dollars = Annotated[Decimal, Field(ge=0, le=100_000, allow_inf_nan=False)]


class PriceEntry(UserInput):
    """One `[[model]]` of a price file."""

    name: str = Field(min_length=1, max_length=200)
    input: Dollars
    output: Dollars
    cached: Dollars | None = None
    since: date = Field(alias="from", description="the first day on which it counts")
    source: str = ""

    @property
    def price(self) -> TokenPrice:
        """As the writers use it."""
        return TokenPrice(float(self.input), float(self.output), None if self.cached is None else float(self.cached))


class PriceFile(UserInput):
    """A price file."""

    model: tuple[PriceEntry, ...] = ()


_DATED = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2})$")


class PriceTable:
    """Prices by model. `own` goes before what is shipped."""

    def __init__(self, own: Sequence[PriceEntry] = ()) -> None:
        self._tables = (tuple(own), _shipped())

    def of(self, model: str, on: date | None = None) -> TokenPrice | None:
        """The price of a model on a day (today), dated or not (`claude-haiku-4-5-20251001`); None when it is not
        known."""
        day = on or datetime.now(UTC).date()
        for table in self._tables:
            for name in (model, _DATED.sub("", model)):
                valid = [entry for entry in table if entry.name == name and entry.since <= day]
                if valid:
                    return max(valid, key=lambda entry: entry.since).price
        return None

    @classmethod
    def read(cls, path: Path | None) -> PriceTable:
        """With the operator's own file, if there is one. Raises `InvalidInput` (field `REELWRIGHT_PRICES`)."""
        if path is None:
            return cls()
        try:
            with path.open("rb") as file:
                data = file.read(PRICES_BYTES + 1)
        except OSError as error:
            raise _wrong(f"{path.name} cannot be read: {error.strerror}") from error
        if len(data) > PRICES_BYTES:
            raise _wrong(f"{path.name} has more than {PRICES_BYTES:,} bytes")
        try:
            return cls(_parsed(data.decode()))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise _wrong(f"{path.name} is not TOML: {error}") from error
        except ValidationError as error:
            why = explain(error)
            raise _wrong(f"{path.name}: {why.field}: {why.message}") from error


def price_of(model: str) -> TokenPrice | None:
    """The shipped price of a model."""
    return PriceTable().of(model)


def _parsed(text: str) -> tuple[PriceEntry, ...]:
    return PriceFile.model_validate(tomllib.loads(text)).model


@lru_cache(maxsize=1)
def _shipped() -> tuple[PriceEntry, ...]:
    return _parsed(files(__package__).joinpath("prices.toml").read_text(encoding="utf-8"))


def _wrong(message: str) -> InvalidInput:
    return InvalidInput(message, field="REELWRIGHT_PRICES", remedy="write it as docs/costs.md shows, or leave it out")
