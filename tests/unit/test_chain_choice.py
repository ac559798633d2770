"""Estimates are of the makers that the tier of the channel's budget lets a content buy from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from activities.content.choice import ChainChoice
from reelwright.domain.chains import Link, ProviderList
from reelwright.domain.channels.config import Budget
from reelwright.domain.costs.estimate import Estimate, free
from reelwright.domain.costs.limits import Counted, Limits
from reelwright.domain.costs.money import Money
from reelwright.domain.costs.totals import BudgetState
from reelwright.domain.ports.costs import ChosenMakers
from tests.workflow.fakes import Makers
from tests.workflow.priced import priced

NOW = datetime(2026, 11, 30, tzinfo=UTC)
CLASSES = {"dear": "premium", "plain": "standard", "cheap": "budget"}


class Painter(Makers):
    """Draws for a cent, by this name."""

    def __init__(self, name: str, usd: str = "0.01") -> None:
        super().__init__()
        self.name, self.fee = name, usd

    def estimate(self, scene: Any, *, story: Any) -> Estimate:
        return priced("images", self.name, self.fee) if self.fee else free("images", self.name)


class Film(Painter):
    def estimate(self, order: Any) -> Estimate:  # type: ignore[override]
        return priced("clips", self.name, self.fee)


class Channel:
    """A channel that names no providers, of whose ten dollars a day so many are spent."""

    def __init__(self, spent: str, **degrade: Any) -> None:
        self.spent = spent
        self.budget = Budget.model_validate({"usd_per_day": 10, "degrade": degrade, "classes": CLASSES})

    async def kept(self, content_id: str) -> Any:
        return SimpleNamespace(channel="kids", providers={})

    async def state(self, channel: str) -> BudgetState:
        assert channel == "kids"
        day = Counted(Money.of(self.spent))
        return BudgetState(Limits.of(channel, self.budget), day, day, NOW, NOW + timedelta(days=1), NOW)


async def chosen(channel: Channel, *makers: Any, capability: Any = "images") -> ChosenMakers:
    """Of a chain of these, which ends offline."""
    links = {each.name: Link[Any](each.name, lambda each=each: each) for each in makers}  # type: ignore[misc]
    links["drawn"] = Link("drawn", lambda: Makers(), offline=True)
    lists = {capability: ProviderList[Any](links, tuple(each.name for each in makers))}
    return await ChainChoice(channel, lists, channel).makers("c")  # type: ignore[arg-type]


ALL = {"standard": 50, "budget": 80, "pause": 95}


@pytest.mark.parametrize(
    ("spent", "degrade", "name"),
    [
        ("9.99", {}, "dear"),
        ("4.99", ALL, "dear"),
        ("5", ALL, "plain"),
        ("8", ALL, "cheap"),
        ("9.5", ALL, "dear"),
        ("9.5", {**ALL, "paused": "offline"}, ""),
        ("8", {**ALL, "capabilities": {"images": {"standard": 70, "budget": 90}}}, "plain"),
    ],
    ids=["no policy", "premium", "standard", "budget", "waits until it is premium again", "offline", "its own"],
)
async def test_the_maker_that_the_tier_allows(spent: str, degrade: dict[str, Any], name: str) -> None:
    made = await chosen(Channel(spent, **degrade), Painter("dear"), Painter("plain"), Painter("cheap"))
    assert getattr(made.illustrator, "name", "") == name


async def test_what_is_free_is_always_allowed_and_what_is_offline_is_no_maker() -> None:
    channel = Channel("9.5", **ALL, paused="offline")
    assert (await chosen(channel, Painter("dear", ""))).illustrator is not None
    assert (await chosen(channel, Painter("dear"))).illustrator is None


async def test_clips_have_tiers_too() -> None:
    made = await chosen(Channel("5", **ALL), Film("dear"), Film("plain"), capability="clips")
    assert made.clips is not None and made.clips.name == "plain"
