"""Costs, budgets, purchases that nobody knows the price of, evidence's list, the audit, analytics."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from reelwright.domain.audit import AuditRow
from reelwright.domain.costs.limits import Counted
from reelwright.domain.costs.money import Money
from reelwright.domain.costs.totals import BudgetState

from .common import Answer, Body, Listing

Usd = Annotated[str, Field(pattern=r"^-?\d+\.\d{6}$", examples=["0.012300"], description="US dollars, exact")]
Amount = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]


def usd(money: Money) -> str:
    """Exact to the millionth."""
    return f"{money.amount:.6f}"


class CostRow(Answer):
    """What was spent under one name; `purchases` counts the payments."""

    name: str
    usd: Usd
    purchases: int


class Costs(Answer):
    """What was spent, by day, channel, provider or content."""

    by: str
    items: tuple[CostRow, ...]
    usd: Usd


class Period(Answer):
    """A day or a month (UTC) of a channel: `reserved` is for purchases whose price is not known yet."""

    limit_usd: Usd | None
    spent_usd: Usd
    reserved_usd: Usd
    ends: datetime

    @classmethod
    def of(cls, limit: Money | None, counted: Counted, ends: datetime) -> Period:
        """Of control's state."""
        return cls(
            limit_usd=usd(limit) if limit is not None else None,
            spent_usd=usd(counted.spent),
            reserved_usd=usd(counted.held),
            ends=ends,
        )


class BudgetRow(Answer):
    """A channel's limits and what counts against them. `tiers` is from which class of provider each capability may be
    bought now."""

    channel: str
    per_content_usd: Usd | None
    day: Period
    month: Period
    tiers: dict[str, str]

    @classmethod
    def of(cls, state: BudgetState) -> BudgetRow:
        """Of control's state."""
        limits = state.limits
        return cls(
            channel=limits.channel,
            per_content_usd=usd(limits.content) if limits.content is not None else None,
            day=Period.of(limits.day, state.day, state.day_ends),
            month=Period.of(limits.month, state.month, state.month_ends),
            tiers={str(capability): tier for capability, tier in state.tiers.items()},
        )


class Budgets(Answer):
    """Channels that have a limit, or have bought something this month."""

    items: tuple[BudgetRow, ...]


class NewBudget(Body):
    """Limits in US dollars. `null` takes the channel's own limit away; what is left out stays."""

    per_content: Amount | None = None
    per_day: Amount | None = None
    per_month: Amount | None = None

    def limits(self) -> dict[str, str]:
        """As control takes them."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return {name.removeprefix("per_"): "none" if value is None else repr(value) for name, value in given.items()}


class BudgetChanged(Answer):
    """The channel's version by now, whether this change has made it, and all budgets that it has changed."""

    channel: str
    version: int
    new: bool
    items: tuple[BudgetRow, ...]
    woken: int | None = Field(description="how many running contents were told; null where Temporal is away")


class UnknownRow(Answer):
    """A purchase of which nobody knows whether it was charged for. `held` is the most that it may have cost."""

    id: int
    content_id: str
    channel: str
    step: str
    provider: str
    held_usd: Usd
    since: datetime


class UnknownList(Answer):
    """Such purchases, newest first."""

    items: tuple[UnknownRow, ...]


class SettlePurchase(Body):
    """What the provider's own list says: its price, 0 where it was not charged for."""

    usd: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class AuditList(Listing):
    """Who decided or changed what, newest first."""

    items: tuple[AuditRow, ...]


class Broken(Answer):
    """The first place where the chain does not hold."""

    sequence: int
    at: datetime | None
    differs: str


class ChainState(Answer):
    """Whether the audit's chain of hashes holds: `broken` is null where it does."""

    rows: int
    head: str
    broken: Broken | None


class Metric(Answer):
    """One figure of a post at one time."""

    content_id: str
    platform: str
    name: str
    value: float
    at: datetime


class Analytics(Answer):
    """What the posts have brought. `data` is `none` in a build that collects nothing: `items` is empty then, and no
    figure is made up."""

    data: Literal["none", "some"] = "none"
    note: str = ""
    items: tuple[Metric, ...] = ()


class Experiment(Answer):
    """One experiment."""

    id: str
    channel: str
    state: str


class Experiments(Answer):
    """The experiments. `offered` is false in a build that has none."""

    offered: bool = False
    items: tuple[Experiment, ...] = ()


class NewExperiment(Body):
    """An experiment: what is varied, on which channel."""

    channel: Annotated[str, Field(min_length=1, max_length=64)]
    varies: Annotated[str, Field(min_length=1, max_length=60)]
    variants: tuple[Annotated[str, Field(max_length=200)], ...] = Field(min_length=2, max_length=10)
