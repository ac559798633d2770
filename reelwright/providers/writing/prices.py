"""What language models cost, in US dollars per million tokens.

Rows: docs/providers.md#prices, as of 2026-11-20, from the vendors' price pages by way of litellm's table. Prices
change: a writer takes a price of its own in its constructor, which goes before these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class TokenPrice:
    """US dollars per million tokens read, read from the provider's cache, and written (reasoning included)."""

    input: float
    output: float
    cached: float | None = None

    def usd(self, *, fresh: int, cached: int, written: int) -> float:
        """The price of one answer; without a price of their own, cached tokens cost what fresh ones do."""
        cached_price = self.input if self.cached is None else self.cached
        return (fresh * self.input + cached * cached_price + written * self.output) / 1_000_000


PRICES: dict[str, TokenPrice] = {
    "gpt-6-luna": TokenPrice(0.10, 0.50, 0.01),
    "gpt-6-sol": TokenPrice(2.0, 10.0, 0.20),
    "gpt-6.1-sol": TokenPrice(2.0, 10.0, 0.10),
    "gpt-6.1-terra": TokenPrice(1.0, 5.0, 0.05),
    "gpt-6-astra": TokenPrice(10.0, 50.0, 1.0),
    "gpt-5.6-sol": TokenPrice(4.0, 20.0),
    "gpt-5.6-terra": TokenPrice(2.0, 12.0),
    "gpt-5.6-luna": TokenPrice(0.20, 1.20),
    "gpt-5.4-mini": TokenPrice(0.75, 4.50),
    "claude-haiku-5-5": TokenPrice(0.10, 0.50, 0.01),
    "claude-sonnet-5-5": TokenPrice(2.0, 10.0, 0.20),  # sources give 0.10 and 0.20; the dearer is assumed
    "claude-opus-5-5": TokenPrice(4.0, 20.0, 0.20),
    "claude-fable-5-1": TokenPrice(10.0, 50.0),
    "claude-haiku-4-5": TokenPrice(1.0, 5.0),
}

_DATED = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2})$")


def price_of(model: str) -> TokenPrice | None:
    """The price of a model, dated or not (`claude-haiku-4-5-20251001`); None when it is not known."""
    return PRICES.get(model) or PRICES.get(_DATED.sub("", model))
