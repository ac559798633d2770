"""Many contents at once against one channel's budget, on a real Temporal server and a real PostgreSQL: not a cent more
is spent than there is, and a cheaper provider takes over as the budget empties."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio import activity
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from activities.content.costs import Costs
from activities.content.editorial import Editorial
from control import costs
from control.studio import Books
from reelwright.domain.assets import AssetRef
from reelwright.domain.channels.config import ChannelConfig
from reelwright.domain.content.status import PipelineStatus, Stage
from reelwright.domain.content.story import Story, WriteTask
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.money import Money
from reelwright.domain.errors import TooDear
from reelwright.storage.approvals import PostgresApprovals
from reelwright.storage.budgets import PostgresBudgets
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.channels import PostgresChannels
from reelwright.storage.database import connect
from tests.handed import studio_of
from tests.servers import Servers, copied, temporal_client
from workers.pools import CpuActivities, cpu_workers, media_worker
from workflows import policies

from .conftest import FakeStudio, _Unsandboxed, end_all, eventually
from .fakes import Makers, MemoryMedia

pytestmark = pytest.mark.lengthy


class Shelf(MemoryMedia):
    """Files in memory, with the keys that the books know."""

    async def put_bytes(self, data: bytes, media_type: str) -> AssetRef:
        ref = await super().put_bytes(data, media_type)
        return ref.model_copy(update={"key": f"{ref.sha256[:2]}/{ref.sha256}.bin"})


class Wordsmith(Makers):
    """A writer that reserves `worst` and charges `price`; everything else of it is free."""

    def __init__(self, name: str, worst: str, price: str) -> None:
        super().__init__()
        self.name, self.worst, self.fee, self.price = name, worst, price, 0.0

    def estimate(self, task: WriteTask) -> Estimate:
        return Estimate(step="writing", provider=self.name, usual=Money.of(self.fee), worst=Money.of(self.worst))

    async def write(self, task: WriteTask) -> Story:
        story = await super().write(task)
        return story.model_copy(update={"usd": float(self.fee), "writer": self.name})


@dataclasses.dataclass
class Chain(Editorial):
    """Asks its own writer, and where that is too dear the next one."""

    following: Editorial | None = None

    @activity.defn(name="write_story")
    async def write_story(self, task: WriteTask) -> Story:  # type: ignore[override]
        try:
            return await super().write_story(task)
        except TooDear:
            assert self.following is not None
            return await self.following.write_story(task)


class BookedStudio(FakeStudio):
    """A studio of fakes whose books are PostgreSQL's."""

    def __init__(self, env: WorkflowEnvironment, scratch: Path, pool: Any, *writers: Wordsmith) -> None:
        super().__init__(env, scratch, makers=writers[0], media=Shelf())
        self.pool = pool
        today = datetime.now(UTC)  # no day may end in the middle of a test
        self.catalog = PostgresCatalog(pool, clock=lambda: today)  # type: ignore[assignment]
        self.approvals = PostgresApprovals(pool)  # type: ignore[assignment]
        self.writers = writers

    def cpu(self) -> CpuActivities:
        staff = super().cpu()
        following = None
        for writer in reversed(self.writers):
            following = Chain(self.catalog, writer, writer, writer, following=following)
        assert following is not None
        budgets = Costs(PostgresBudgets(self.pool), self.writers[0])
        return dataclasses.replace(staff, costs=budgets, editorial=following)

    async def channel(self, **budget: Any) -> str:
        """A channel of its own with this budget."""
        name = f"ch-{uuid.uuid4().hex[:10]}"
        await PostgresChannels(self.pool).apply(
            [ChannelConfig.model_validate({"name": name, "budget": budget})], by="t"
        )
        return name

    async def begin(self, channel: str, count: int) -> list[WorkflowHandle[Any, Any]]:
        """So many contents at once."""
        topics = [f"The tides of the {number}. month, and what moves them" for number in range(count)]
        asked = [{"topic": topic, "channel": channel, "auto_approve": True, "allow_repeat": True} for topic in topics]
        return list(await asyncio.gather(*map(self.start, asked)))


@pytest.fixture(scope="module")
async def pool(servers: Servers) -> AsyncIterator[Any]:
    pool = await connect(await copied(servers.need("postgres")), max_size=10)
    yield pool
    await pool.close()


@asynccontextmanager
async def working(
    servers: Servers, temporal: WorkflowEnvironment, folder: Path, pool: Any, *writers: Wordsmith
) -> AsyncIterator[BookedStudio]:
    """A studio with these writers whose workers run; in it time passes as it does."""
    client = await temporal_client(servers, _Unsandboxed("unsandboxed"), namespace=temporal.client.namespace)
    studio = BookedStudio(WorkflowEnvironment.from_client(client), folder, pool, *writers)
    async with AsyncExitStack() as stack:
        for worker in (*cpu_workers(client, studio.cpu()), media_worker(client, studio.staff(), slots=4)):
            await stack.enter_async_context(worker)
        yield studio
        await end_all(client)


@asynccontextmanager
async def watched(pool: Any, channel: str) -> AsyncIterator[list[Decimal]]:
    """What is spent and reserved, looked up again and again from beside."""
    seen: list[Decimal] = []

    async def look() -> None:
        while True:
            both = "select coalesce(sum(usd + held_usd), 0) from purchases where channel = $1"
            seen.append(await pool.fetchval(both, channel))
            await asyncio.sleep(0.02)

    looking = asyncio.create_task(look())
    yield seen
    looking.cancel()


async def progress(handles: list[WorkflowHandle[Any, Any]]) -> tuple[list[PipelineStatus], list[PipelineStatus]]:
    """The statuses of those that are done, and of those that wait for the budget."""
    told = await asyncio.gather(*(handle.query("status", result_type=PipelineStatus) for handle in handles))
    assert not (wrong := [status.error for status in told if status.error]), wrong
    done = [status for status in told if status.stage is Stage.DONE]
    return done, [s for s in told if s not in done and s.steps.get("budget", "").startswith("waiting for budget")]


@pytest.fixture(autouse=True)
def looks_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is refused while others still hold theirs asks again soon."""
    monkeypatch.setattr(policies, "BUDGET_SPREAD_S", 0.2)
    monkeypatch.setattr(policies, "budget_check", lambda turn: timedelta(seconds=min(0.5 * 2**turn, 8)))


@pytest.mark.parametrize(("count", "suffices"), [(5, 2), pytest.param(50, 20, marks=pytest.mark.deep)])
async def test_contents_at_once_spend_what_there_is_and_not_a_cent_more(
    servers: Servers, temporal: WorkflowEnvironment, tmp_path: Path, pool: Any, count: int, suffices: int
) -> None:
    """Each holds 0.03 for its story and pays 0.02."""
    cap = Decimal("0.02") * suffices + Decimal("0.02")
    writer = Wordsmith("p:m", "0.03", "0.02")
    async with working(servers, temporal, tmp_path, pool, writer) as studio:
        channel = await studio.channel(usd_per_day=float(cap))
        async with watched(pool, channel) as seen:
            handles = await studio.begin(channel, count)

            async def settled() -> bool:
                done, waiting = await progress(handles)
                return (len(done), len(waiting)) == (suffices, count - suffices)

            await eventually(settled)
        done, waiting = await progress(handles)
        assert max(seen) <= cap and len(seen) > 10, "at no moment was more spent and reserved than there is"
        assert seen[-1] == Decimal("0.02") * suffices == (await booked(pool, channel))
        assert writer.calls["write"] == suffices
        reason = f"of the {Money.of(cap)} of channel {channel} {Money.of(seen[-1])} is spent today"
        assert all(reason in status.steps["budget"] for status in waiting)
        assert {status.cost_usd for status in done} == {0.02}
        # Raised, those that wait go on, and need no start.
        if count < 50:
            await costs.set_budget(Books(pool, SecretStr("")), channel, {"day": "1"}, by="t")
            await costs.wake_contents(studio_of(studio.temporal), [channel])
            await asyncio.gather(*(handle.result() for handle in handles))
            assert await booked(pool, channel) == Decimal("0.02") * count


async def test_as_the_budget_empties_the_cheaper_provider_takes_over(
    servers: Servers, temporal: WorkflowEnvironment, tmp_path: Path, pool: Any
) -> None:
    """A dollar a day: 20 cents a story until half of it is used, then four, and from 75 % on what is made offline."""
    dear, cheap = Wordsmith("dear:m", "0.20", "0.20"), Wordsmith("cheap:m", "0.04", "0.04")
    offline = Wordsmith("offline", "0", "0")
    async with working(servers, temporal, tmp_path, pool, dear, cheap, offline) as studio:
        channel = await studio.channel(
            usd_per_day=1,
            degrade={"standard": 50, "pause": 75, "paused": "offline"},
            classes={"dear": "premium", "cheap": "standard"},
        )
        async with watched(pool, channel) as seen:
            handles = await studio.begin(channel, 10)
            await asyncio.gather(*(handle.result() for handle in handles))
        written = Counter({writer.name: writer.calls["write"] for writer in studio.writers})
        assert written == {"dear:m": 3, "cheap:m": 4, "offline": 3}
        assert max(seen) == Decimal("0.76") == await booked(pool, channel)
        state = await PostgresBudgets(pool).state(channel)
        assert state.tier("writing") == "pause" and state.tiers["images"] == "pause"


async def booked(pool: Any, channel: str) -> Decimal:
    """What the books say was paid for the channel's contents."""
    total: Decimal = await pool.fetchval(
        """select coalesce(sum(costs.usd), 0) from costs join content on content.id = costs.content_id
           where content.request ->> 'channel' = $1""",
        channel,
    )
    return total
