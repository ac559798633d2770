"""What providers cost: the table `prices.toml`, one of the operator's own that goes before it, and for language models
that neither has the package `genai-prices` (`further`)."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from ..base import UserInput
from ..errors import InvalidInput
from ..explain import explain
from ..text.dated import undated
from .further import listed
from .money import Money

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


@dataclass(frozen=True)
class UnitPrice:
    """US dollars for one unit."""

    usd: Decimal

    def of(self, count: float) -> float:
        """So many of them."""
        return float(Decimal(str(count)) * self.usd)

    def at_most(self, count: float) -> Money:
        """So many of them, rounded up."""
        return Money.at_least(Decimal(str(count)) * self.usd)


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


Unit = Literal["character", "second", "picture", "track", "credit"]


class UnitEntry(UserInput):
    """One `[[unit]]` of a price file: what one unit of something costs. `name` is provider and model, with what else
    decides the price (`openai:gpt-image-2.5-flare:medium`)."""

    name: str = Field(min_length=1, max_length=200)
    unit: Unit
    usd: Dollars
    since: date = Field(alias="from", description="the first day on which it counts")
    source: str = ""


class PriceFile(UserInput):
    """A price file."""

    model: tuple[PriceEntry, ...] = ()
    unit: tuple[UnitEntry, ...] = ()


class PriceTable:
    """Prices by model, and by unit. `own` goes before what is shipped."""

    def __init__(self, own: Sequence[PriceEntry] = (), units: Sequence[UnitEntry] = ()) -> None:
        self._tables = (tuple(own), _shipped().model)
        self._units = (tuple(units), _shipped().unit)

    def unit(self, name: str, unit: Unit, on: date | None = None) -> UnitPrice | None:
        """What one unit of it costs on a day (today); None where it is not known."""
        day = on or datetime.now(UTC).date()
        for table in self._units:
            valid = [entry for entry in table if (entry.name, entry.unit) == (name, unit) and entry.since <= day]
            if valid:
                return UnitPrice(max(valid, key=lambda entry: entry.since).usd)
        return None

    def of(self, model: str, on: date | None = None) -> TokenPrice | None:
        """The price of a model on a day (today), dated or not (`claude-haiku-4-5-20251001`); None when it is not
        known."""
        day = on or datetime.now(UTC).date()
        names = dict.fromkeys((model, undated(model)))
        for table in self._tables:
            for name in names:
                valid = [entry for entry in table if entry.name == name and entry.since <= day]
                if valid:
                    return max(valid, key=lambda entry: entry.since).price
        if any(entry.name in names for table in self._tables for entry in table):
            return None  # ours to say, from a later day on
        return next((TokenPrice(*found) for name in names if (found := listed(name, day)) is not None), None)

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
            given = _parsed(data.decode())
            return cls(given.model, given.unit)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise _wrong(f"{path.name} is not TOML: {error}") from error
        except ValidationError as error:
            why = explain(error)
            raise _wrong(f"{path.name}: {why.field}: {why.message}") from error


def price_of(model: str) -> TokenPrice | None:
    """The shipped price of a model."""
    return PriceTable().of(model)


def _parsed(text: str) -> PriceFile:
    return PriceFile.model_validate(tomllib.loads(text))


@lru_cache(maxsize=1)
def _shipped() -> PriceFile:
    return _parsed(files(__package__).joinpath("prices.toml").read_text(encoding="utf-8"))


def _wrong(message: str) -> InvalidInput:
    return InvalidInput(message, field="REELWRIGHT_PRICES", remedy="write it as docs/costs.md shows, or leave it out")
