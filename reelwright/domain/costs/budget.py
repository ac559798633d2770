"""The budget of a channel, as its file and `reelwright budget set` give it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..base import UserInput
from ..limits import at_most
from .tiers import CLASSES, ClassedName, Degrade, ProviderClass

DOLLARS = 1_000_000.0

Dollars = Annotated[float, Field(gt=0, le=DOLLARS, allow_inf_nan=False)]


class Budget(UserInput):
    """Upper limits in US dollars, and what happens as they come near."""

    usd_per_content: Dollars | None = None
    usd_per_day: Dollars | None = None
    usd_per_month: Dollars | None = None
    degrade: Degrade = Field(
        default=Degrade(), description="thresholds from which cheaper providers are used: docs/costs.md#tiers"
    )
    classes: Annotated[dict[ClassedName, ProviderClass], at_most(CLASSES, "providers", "name fewer")] = Field(
        default={}, description="the class of providers, by `provider` or `provider:model`, before the shipped ones"
    )
