"""Prices of language models that neither the operator's file nor ours has: those of the package `genai-prices`.

Its data is a part of the package and changes with its version alone: nothing is fetched. It is imported where it is
needed, since it takes most of a second."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo

PROVIDERS = ("openai", "anthropic", "mistral", "google")
"""Whom we call. A model of an own server that has the name of somebody else's hosted one must not get its price."""


def listed(model: str, on: date) -> tuple[float, float, float | None] | None:
    """US dollars per million tokens read, written, and read from the cache on a day (UTC), as listed for short
    requests; None where the model is not listed under exactly this name, or not by both tokens."""
    info = _models().get(model)
    if info is None:
        return None
    prices = info.get_prices(datetime.combine(on, time(), UTC))
    read, written, cached = (
        _base(getattr(prices, name, None)) for name in ("input_mtok", "output_mtok", "cache_read_mtok")
    )
    return None if read is None or written is None else (read, written, cached)


@lru_cache(maxsize=1)
def _models() -> dict[str, ModelInfo]:
    """By id; where two providers have the same one, the first counts."""
    from genai_prices.data import providers

    wanted = {provider.id: provider for provider in providers if provider.id in PROVIDERS}
    listed: dict[str, ModelInfo] = {}
    for name in PROVIDERS:
        for info in wanted[name].models if name in wanted else ():
            listed.setdefault(info.id, info)
    return listed


def _base(price: Any) -> float | None:
    """The price of short requests: longer ones than any of ours cost more with some models."""
    return None if price is None else float(getattr(price, "base", price))
