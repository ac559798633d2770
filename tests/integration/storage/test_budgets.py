"""Budgets on a real PostgreSQL: no limit is passed by however many at once, and no dollar is counted twice."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.testing import ActivityEnvironment

from activities.content.costs import Costs
from activities.content.editorial import Editorial
from control import costs
from control.studio import Books
from reelwright.domain.channels.config import ChannelConfig
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import WriteTask
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.money import Money
from reelwright.domain.errors import BudgetSpent, InvalidInput, OverBudget, ProviderUnavailable, TooDear
from reelwright.providers.feeds.http import HttpFeedReader
from reelwright.providers.moderation.rules import RulesModerator
from reelwright.providers.writing.studio import StudioWriter
from reelwright.storage.budgets import PostgresBudgets
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.channels import PostgresChannels
from tests.lazily import Lazily
from tests.unit.test_model_writers import Stub, good, stub

__all__ = ["stub"]

openai = Lazily("reelwright.providers.writing.openai")

NOON = datetime(2026, 12, 30, 12, tzinfo=UTC)


async def channel(pool: Any, **budget: float) -> str:
    """A channel of its own with this budget."""
    name = f"ch-{uuid.uuid4().hex[:10]}"
    await applied(pool, name, **budget)
    return name


async def applied(pool: Any, name: str, **budget: float) -> None:
    await PostgresChannels(pool).apply([ChannelConfig.model_validate({"name": name, "budget": budget})], by="t")


async def opened(pool: Any, name: str, **more: Any) -> str:
    content = f"b{uuid.uuid4().hex[:12]}"
    await PostgresCatalog(pool).open_content(
        content, workflow_id=f"content-{content}", request_json=json.dumps({"topic": "x", "channel": name, **more}),
        request_sha256="ab" * 32, request_key=None,
    )  # fmt: skip
    return content


def story(worst: str = "0.10") -> Estimate:
    return Estimate(step="writing", provider="p:m", worst=Money.of(worst))


async def reserve(catalog: PostgresCatalog, content: str, worst: str = "0.10", key: str = "story") -> int:
    wanted = story(worst)
    found = await catalog.reserve(f"{content}/{key}", content_id=content, step="writing", provider="p:m", wanted=wanted)
    return found.id


async def pay(catalog: PostgresCatalog, purchase: int, usd: float, **more: Any) -> int:
    return await catalog.paid(purchase, usd=usd, provider="p:m", bought_for="run/1", **more)


async def counted(pool: Any, name: str) -> tuple[str, str]:
    """What is spent and what is reserved of the month."""
    month = (await PostgresBudgets(pool).state(name)).month
    return str(month.spent), str(month.held)


async def test_fifty_at_once_spend_what_suffices_for_twenty_and_not_a_cent_more(pool: Any) -> None:
    """Each holds 0.03 and pays 0.02; one that is refused while others still hold theirs asks again."""
    name = await channel(pool, usd_per_day=0.42)
    catalog, ends, seen = PostgresCatalog(pool), Counter[str](), []
    limit = Money.of("0.42")
    contents = [await opened(pool, name) for _ in range(50)]

    async def pipeline(content: str) -> None:
        while True:
            try:
                purchase = await reserve(catalog, content, "0.03")
            except BudgetSpent as error:
                assert name in str(error)
                if "reserved" in str(error):
                    await asyncio.sleep(0.05)
                    continue
                ends["waits"] += 1
                return
            seen.append((await PostgresBudgets(pool).state(name)).month.all)
            await pay(catalog, purchase, 0.02)
            ends["bought"] += 1
            return

    await asyncio.gather(*map(pipeline, contents))
    assert ends == {"bought": 20, "waits": 30}
    assert max(seen) <= limit, "at no moment was more spent and reserved than there is"
    assert await counted(pool, name) == ("$0.40", "$0.00")
    assert await pool.fetchval("select sum(usd) from costs where content_id = any($1)", contents) == Decimal("0.40")


async def test_two_channels_have_budgets_of_their_own(pool: Any) -> None:
    poor, rich = await channel(pool, usd_per_day=0.15), await channel(pool, usd_per_day=5)
    catalog = PostgresCatalog(pool)
    await pay(catalog, await reserve(catalog, await opened(pool, poor)), 0.10)
    with pytest.raises(BudgetSpent) as caught:
        await reserve(catalog, await opened(pool, poor))
    assert poor in str(caught.value) and caught.value.resets_at > datetime.now(UTC)
    await pay(catalog, await reserve(catalog, await opened(pool, rich)), 0.10)
    assert (await counted(pool, poor), await counted(pool, rich)) == (("$0.10", "$0.00"), ("$0.10", "$0.00"))
    # Raised: the next one is admitted, in force at once.
    await applied(pool, poor, usd_per_day=1)
    await reserve(catalog, await opened(pool, poor))


async def test_a_crash_leaves_a_reservation_that_counts_and_is_taken_over_once(pool: Any) -> None:
    name = await channel(pool, usd_per_day=0.15)
    catalog, content = PostgresCatalog(pool), await opened(pool, name)
    first = await reserve(catalog, content)  # the worker is killed here: nobody knows whether it was paid
    with pytest.raises(BudgetSpent, match="reserved"):
        await reserve(catalog, await opened(pool, name))
    assert await reserve(catalog, content) == first == await reserve(catalog, content), "its own retry fits"
    assert await counted(pool, name) == ("$0.00", "$0.10")
    await pay(catalog, first, 0.04)
    assert await counted(pool, name) == ("$0.04", "$0.00")


async def test_what_is_certainly_not_charged_is_free_again_and_what_may_be_is_not(pool: Any) -> None:
    name = await channel(pool, usd_per_day=1)
    catalog = PostgresCatalog(pool)
    await catalog.release(await reserve(catalog, await opened(pool, name)))
    assert await counted(pool, name) == ("$0.00", "$0.00")
    await pay(catalog, await reserve(catalog, await opened(pool, name)), 0.03, lost=True)
    assert await counted(pool, name) == ("$0.03", "$0.00")
    await pay(catalog, await reserve(catalog, await opened(pool, name)), 0.03, lost=True, cost_known=False)
    assert await counted(pool, name) == ("$0.06", "$0.07")


async def test_a_purchase_counts_on_the_day_on_which_it_was_reserved(pool: Any) -> None:
    name = await channel(pool, usd_per_day=0.10, usd_per_month=0.25)
    now = NOON

    def clock() -> datetime:
        return now

    catalog = PostgresCatalog(pool, clock=clock)
    contents = [await opened(pool, name) for _ in range(4)]
    await pay(catalog, await reserve(catalog, contents[0]), 0.10)
    with pytest.raises(BudgetSpent) as caught:
        await reserve(catalog, contents[1])
    assert caught.value.resets_at == datetime(2026, 12, 31, tzinfo=UTC)
    now = NOON + timedelta(days=1)
    await pay(catalog, await reserve(catalog, contents[1]), 0.10)
    with pytest.raises(BudgetSpent) as caught:
        await reserve(catalog, contents[2])
    assert caught.value.field == "budget.usd_per_month" and caught.value.resets_at == datetime(2027, 1, 1, tzinfo=UTC)
    now = NOON + timedelta(days=2)
    await reserve(catalog, contents[2])


async def test_costs_are_told_for_the_day_on_which_the_budget_counts_them(pool: Any) -> None:
    name, late = await channel(pool, usd_per_day=1), datetime(2026, 12, 30, 23, 59, 59, tzinfo=UTC)
    catalog = PostgresCatalog(pool, clock=lambda: late)
    purchase = await reserve(catalog, await opened(pool, name))
    await pay(catalog, purchase, 0.10)  # answered when the day was over
    await pay(catalog, purchase, 0.02)  # two had reserved it, and both have paid: the second counts when it came
    days = {one.name: str(one.usd) for one in await PostgresBudgets(pool).costs("day", channel=name)}
    assert days == {"2026-12-30": "$0.10", datetime.now(UTC).date().isoformat(): "$0.02"}
    since = await PostgresBudgets(pool).costs("day", channel=name, since=late.date() + timedelta(days=1))
    assert "2026-12-30" not in [one.name for one in since]
    counted = """select (reserved_at at time zone 'UTC')::date::text as day, sum(usd) as usd
                 from purchases where channel = $1 group by 1"""
    assert {row["day"]: str(Money.of(row["usd"])) for row in await pool.fetch(counted, name)} == days
    # What a worker of an older release books has the day of its record.
    await pool.execute("update costs set counted_at = null where provider = 'p:m' and usd = 0.10")
    assert [str(one.usd) for one in await PostgresBudgets(pool).costs("day", channel=name)] == ["$0.12"]


async def test_a_reservation_is_admitted_by_the_tier_of_the_channels_budget(pool: Any) -> None:
    name, catalog = await channel(pool), PostgresCatalog(pool)
    degrade = {"standard": 50, "pause": 90, "capabilities": {"images": {"pause": 80, "paused": "offline"}}}
    await applied(pool, name, usd_per_day=1, degrade=degrade, classes={"p": "premium", "q": "budget"})  # type: ignore[arg-type]

    async def admitted(step: str, provider: str, worst: str) -> int:
        content = await opened(pool, name)
        wanted = Estimate(step=step, provider=provider, worst=Money.of(worst))
        return (
            await catalog.reserve(f"{content}/x", content_id=content, step=step, provider=provider, wanted=wanted)
        ).id

    await pay(catalog, await admitted("writing", "p:m", "0.50"), 0.49)
    held = await admitted("writing", "p:m", "0.31")
    with pytest.raises(TooDear, match=r"80 % of .* \$0.49 is spent and \$0.31 reserved today; tier standard"):
        await admitted("writing", "p:m", "0.01")
    with pytest.raises(TooDear, match="images pauses"):
        await admitted("images", "q:m", "0.01")
    await admitted("writing", "q:m", "0.01")
    await catalog.release(held)
    await admitted("images", "q:m", "0.45")
    with pytest.raises(BudgetSpent, match="writing pauses"):
        await admitted("writing", "q:m", "0.01")
    assert await admitted("writing", "script", "0"), "what is free is always there"
    tiers = (await PostgresBudgets(pool).state(name)).tiers
    assert (tiers["writing"], tiers["images"]) == ("pause", "pause")


async def test_a_content_has_a_limit_of_its_own_and_goes_on_when_it_is_raised(pool: Any) -> None:
    name = await channel(pool, usd_per_content=0.15)
    catalog, content = PostgresCatalog(pool), await opened(pool, name)
    await pay(catalog, await reserve(catalog, content), 0.10)
    with pytest.raises(OverBudget, match=r"\$0.10 is spent on this content, and its limit is \$0.15"):
        await reserve(catalog, content, key="revision")
    await applied(pool, name, usd_per_content=1)
    await reserve(catalog, content, key="revision")

    frugal = await opened(pool, name, max_usd=0.05)
    with pytest.raises(OverBudget) as caught:
        await reserve(catalog, frugal)
    assert caught.value.field == "max_usd"
    await catalog.close_content(frugal, status="failed", result_json="{}")
    await catalog.open_content(
        frugal, workflow_id=f"content-{frugal}", request_sha256="ab" * 32, request_key=None,
        request_json=json.dumps({"topic": "x", "channel": name, "max_usd": 0.5}),
    )  # fmt: skip
    await reserve(catalog, frugal)


async def test_a_story_bought_over_the_wire_holds_its_worst_case_and_settles_with_its_tokens(
    pool: Any, stub: Stub
) -> None:
    model = StudioWriter(openai.OpenAIWriter("k-1234567890", base_url=f"{stub.url}/v1"))
    name, catalog, env = await channel(pool, usd_per_day=0.02), PostgresCatalog(pool), ActivityEnvironment()
    editorial = Editorial(catalog, HttpFeedReader(), model, RulesModerator(()))
    tasks = [
        WriteTask(content_id=await opened(pool, name), request=ContentRequest(topic="Tides", channel=name))
        for _ in range(3)
    ]
    worst = model.estimate(tasks[0]).worst
    assert Money.of("0.01") < worst < Money.of("0.02"), "one fits, and no other beside it"

    stub.replies = [None, None]  # it hangs up: nobody knows whether it is charged for
    with pytest.raises(ProviderUnavailable):
        await env.run(editorial.write_story, tasks[0])
    with pytest.raises(BudgetSpent, match="reserved"):
        await env.run(editorial.write_story, tasks[1])
    assert len(stub.requests) == 2, "the refused one was not sent"
    assert await counted(pool, name) == ("$0.00", str(worst))
    stub.replies = [good("openai"), good("openai")]
    for task in tasks[:2]:
        await env.run(editorial.write_story, task)
    assert await counted(pool, name) == ("$0.0008", "$0.00"), "twice 1,000 tokens read and 600 written"

    script = ContentRequest(script="Two words. And some more.", channel=name)
    await applied(pool, name, usd_per_day=0.0001)
    estimates = Costs(PostgresBudgets(pool), model)
    free = await env.run(estimates.estimate_content, WriteTask(content_id=tasks[2].content_id, request=script))
    assert free.purchases == ()
    await env.run(editorial.write_story, WriteTask(content_id=tasks[2].content_id, request=script))


async def test_limits_are_changed_by_new_versions(pool: Any) -> None:
    books, name = Books(pool, SecretStr("")), f"ch-{uuid.uuid4().hex[:10]}"
    await costs.set_budget(books, name, {"day": "$2.50", "month": "30"}, by="ana")
    done = await costs.set_budget(books, name, {"month": "none"}, by="ana")
    assert (done.version.version, done.version.config.as_data()["budget"]) == (2, {"usd_per_day": 2.5})
    await costs.set_budget(books, name, {"day": "none"}, by="ana")
    assert "budget" not in (await books.channels.find(name)).config.as_data()
    await PostgresChannels(pool).apply([ChannelConfig(name=f"{name}-child", extends=name)], by="t")
    assert await costs.affected(books, name) == [name, f"{name}-child"]
    for given in ("much", "-1", "nan", "0"):
        with pytest.raises(InvalidInput, match=r"write 2\.50, or none"):
            await costs.set_budget(books, name, {"day": given}, by="ana")
    with pytest.raises(InvalidInput, match="2026-12-01"):
        await costs.costs(books, "day", since="yesterday")


async def test_a_channel_inherits_limits_and_not_what_was_spent(pool: Any) -> None:
    base = await channel(pool, usd_per_day=0.15)
    child = f"{base}-child"
    await PostgresChannels(pool).apply([ChannelConfig.model_validate({"name": child, "extends": base})], by="t")
    catalog = PostgresCatalog(pool)
    for name in (base, child):
        await reserve(catalog, await opened(pool, name))
        with pytest.raises(BudgetSpent):
            await reserve(catalog, await opened(pool, name))


async def test_what_is_free_takes_no_turn_and_reserves_nothing(pool: Any) -> None:
    name = await channel(pool, usd_per_day=0.01)
    catalog, content = PostgresCatalog(pool), await opened(pool, name)
    async with pool.acquire() as other, other.transaction():
        await other.execute("select pg_advisory_xact_lock(hashtextextended('budget ' || $1, 0))", name)
        free = Estimate(step="writing", provider="script")
        for wanted in (None, free):
            await asyncio.wait_for(
                catalog.reserve(f"{content}/x", content_id=content, step="s", provider="p", wanted=wanted), 60
            )
    assert await counted(pool, name) == ("$0.00", "$0.00")


async def test_costs_are_added_up_by_day_channel_provider_and_content(pool: Any) -> None:
    name, catalog = await channel(pool), PostgresCatalog(pool)
    contents = [await opened(pool, name) for _ in range(2)]
    for content, usd in zip(contents, (0.25, 0.5), strict=True):
        await pay(catalog, await reserve(catalog, content), usd)
    budgets, today = PostgresBudgets(pool), datetime.now(UTC).date()
    for by, wanted in (
        ("channel", {name: "$0.75"}),
        ("provider", {"p:m": "$0.75"}),
        ("content", {contents[0]: "$0.25", contents[1]: "$0.50"}),
        ("day", {today.isoformat(): "$0.75"}),
    ):
        found = await budgets.costs(by, channel=name)  # type: ignore[arg-type]
        assert {one.name: str(one.usd) for one in found} == wanted
    assert await budgets.costs("day", channel=name, since=today + timedelta(days=1)) == []
    assert await budgets.counted(contents[1]) == {"writing": Money.of("0.5")}
    assert name in await budgets.spending()
