"""One real Temporal server for the whole session, and a studio of fakes per test."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from temporalio.client import Client, WorkflowHandle
from temporalio.plugin import SimplePlugin
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerConfig

from activities.batches.batching import Batching
from activities.content.channels import Channels
from activities.content.clips import Clips
from activities.content.costs import Costs
from activities.content.editorial import Editorial
from activities.content.material import Studio, Voices
from activities.content.own_media import OwnMedia
from activities.content.own_sound import OwnSound
from activities.content.records import Records
from activities.content.seen import Seeing
from activities.content.spoken import SpokenWords
from activities.harvesting.harvesting import Harvesting
from activities.publishing.composing import Composing
from activities.publishing.extras import Extras
from activities.publishing.posting import Publishing
from activities.publishing.quota import QuotaBooking
from activities.rendering.finished import Finishing
from activities.rendering.rendering import Rendering
from control.temporal.sdk import SdkClient
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import ContentResult
from reelwright.domain.formats import Platform, VideoFormat
from reelwright.domain.ports.costs import ChosenMakers
from reelwright.policies import Policies
from reelwright.providers.recorded.recordings import OwnRecordings
from reelwright.render.finished.finisher import LocalFinisher
from tests.servers import Servers, SkippingEnvironment, temporal_client
from workers.pools import CpuActivities, MediaActivities, cpu_workers, media_worker
from workers.without_versions import WithoutVersions
from workflows import policies

from .fake_batches import Desk, MemoryBatches
from .fake_feeds import FakeFeeds, MemoryFeedBook
from .fake_platforms import (
    FakePlatform,
    MemoryAccounts,
    MemoryAnnouncer,
    MemoryApprovals,
    MemoryEffects,
    MemoryGate,
    MemoryPosts,
    MemoryQuota,
    MemorySlots,
    MemoryTexts,
)
from .fake_renderer import FakeRenderer
from .fakes import Looker, Makers, MemoryCatalog, MemoryChannels, MemoryMedia, MemoryMediaBook, own_intake


async def looks(patience_s: float = 600) -> AsyncIterator[None]:
    """To look again and again, less often the longer it takes: a query costs the server as much as an activity does.
    The test's own time limit is the real one."""
    clock, pause_s = asyncio.get_running_loop().time, 0.1
    end = clock() + patience_s
    while clock() < end:
        yield
        await asyncio.sleep(pause_s)
        pause_s = min(1.4 * pause_s, 0.6)
    raise TimeoutError(f"waited {patience_s:.0f} s in vain")


async def eventually(true: Callable[[], Awaitable[bool]], patience_s: float = 600) -> None:
    """Returns once it is true."""
    async for _ in looks(patience_s):
        if await true():
            return


FINISHER = LocalFinisher(preset="superfast")
"""All tests' own: its processes are kept (`finishers_processes_are_kept`)."""
ONE_FORMAT = (VideoFormat.TALL,)
"""For contents whose videos a test does not look at: a third of the work."""


@dataclass
class Chosen:
    """The makers that estimates are of; None is the writer alone."""

    chosen: ChosenMakers | None = None

    async def makers(self, content_id: str) -> ChosenMakers:
        return self.chosen or ChosenMakers()


@dataclass
class FakeStudio:
    """Everything a pipeline meets, in memory, and the client to start one."""

    env: WorkflowEnvironment
    scratch: Path
    makers: Makers = field(default_factory=Makers)
    looker: Looker = field(default_factory=Looker)
    media: MemoryMedia = field(default_factory=MemoryMedia)
    catalog: MemoryCatalog = field(default_factory=MemoryCatalog)
    channels: MemoryChannels = field(default_factory=MemoryChannels)
    own: MemoryMediaBook = field(default_factory=MemoryMediaBook)
    posts: MemoryPosts = field(default_factory=MemoryPosts)
    renderer: FakeRenderer = field(default_factory=FakeRenderer)
    platforms: dict[Platform, FakePlatform] = field(default_factory=lambda: {p: FakePlatform(p) for p in Platform})
    effects: MemoryEffects = field(default_factory=MemoryEffects)
    quota: MemoryQuota = field(default_factory=MemoryQuota)
    gate: MemoryGate = field(default_factory=MemoryGate)
    accounts: MemoryAccounts = field(default_factory=MemoryAccounts)
    people: MemoryAnnouncer = field(default_factory=MemoryAnnouncer)
    choice: Chosen = field(default_factory=lambda: Chosen())
    texts: MemoryTexts = field(default_factory=MemoryTexts)
    feed_book: MemoryFeedBook = field(default_factory=MemoryFeedBook)
    feeds: FakeFeeds = field(default_factory=FakeFeeds)
    batch_book: MemoryBatches = field(default_factory=MemoryBatches)
    desk: Desk = field(default_factory=Desk)
    workers: list[Worker] = field(default_factory=list)

    @property
    def client(self) -> Client:
        return self.env.client

    @property
    def temporal(self) -> SdkClient:
        """The same, as control takes it."""
        return SdkClient(self.env.client)

    @property
    def youtube(self) -> FakePlatform:
        return self.platforms[Platform.YOUTUBE]

    def __post_init__(self) -> None:
        self.approvals = MemoryApprovals(self.catalog)
        self.slots = MemorySlots()
        self.policies = Policies(self.scratch / "policies")
        self.review()

    def review(self, **rules: Any) -> None:
        """Gives the standard policy a `review` section, for contents that are started from now on. What is made is
        shown without videos, but for the tests that look at them: each would be another workflow."""
        folder = self.scratch / "policies"
        folder.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump({"name": "standard", "extends": "standard", "review": {"shows": "material", **rules}})
        (folder / "standard.yaml").write_text(text, encoding="utf-8")

    def cpu(self) -> CpuActivities:
        return CpuActivities(
            records=Records(self.catalog, self.approvals),
            channels=Channels(self.channels, self.policies),
            costs=Costs(self.catalog, self.makers, self.choice),
            editorial=Editorial(
                self.catalog,
                self.makers,
                self.makers,
                self.makers,
                channels=self.channels,
                seeing=Seeing(self.media, self.looker),
            ),
            voices=Voices(self.catalog, self.media, self.makers),
            publishing=Publishing(
                self.posts,
                self.media,
                self.gate,
                self.accounts,
                self.platforms,
                self.approvals,
                self.slots,
                texts=self.texts,
            ),
            composing=Composing(self.platforms, self.accounts, self.texts),
            spoken=SpokenWords(self.catalog, self.media, OwnRecordings()),
            quota=QuotaBooking(self.quota, self.platforms),
            extras=Extras(self.effects, self.media, self.platforms, self.people),
            harvesting=Harvesting(self.feed_book, self.feeds),
            batching=Batching(self.batch_book, self.desk),
        )

    def staff(self) -> MediaActivities:
        return MediaActivities(
            studio=Studio(self.catalog, self.media, self.makers, self.makers),
            rendering=Rendering(self.catalog, self.media, self.renderer, self.scratch),
            own_media=OwnMedia(self.catalog, own_intake(self.media, self.own), self.scratch),
            clips=Clips(self.catalog, self.media, own_intake(self.media, self.own), self.scratch),
            own_sound=OwnSound(self.catalog, self.media, OwnRecordings(), self.scratch),
            finishing=Finishing(self.catalog, self.media, FINISHER, self.scratch),
        )

    async def start(
        self, request: Any, workflow_id: str | None = None, *, formats: tuple[VideoFormat, ...] | None = ONE_FORMAT
    ) -> WorkflowHandle[Any, ContentResult]:
        """`formats` for a request that names none; without any it is sent as it is."""
        if formats and isinstance(request, ContentRequest) and "formats" not in request.model_fields_set:
            request = request.model_copy(update={"formats": formats})
        elif formats and isinstance(request, dict):
            request = {"formats": list(formats), **request}
        return await self.client.start_workflow(
            "ContentPipeline",
            request,
            id=workflow_id or f"content-{uuid.uuid4().hex[:12]}",
            task_queue=policies.MAIN_QUEUE,
            result_type=ContentResult,
        )


class _Unsandboxed(SimplePlugin):
    """Workers without a sandbox."""

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        config = super().configure_worker(config)
        if isinstance(config["workflow_runner"], WithoutVersions):
            config["workflow_runner"] = WithoutVersions(UnsandboxedWorkflowRunner())
        return config


@pytest.fixture(scope="session")
async def unsandboxed(servers: Servers, temporal: WorkflowEnvironment) -> WorkflowEnvironment:
    """The same server and namespace without the sandbox, which loads the workflows' modules anew for each run: a third
    of what a run costs here."""
    client = await temporal_client(servers, _Unsandboxed("unsandboxed"), namespace=temporal.client.namespace)
    return SkippingEnvironment(client)


@pytest.fixture(scope="session", autouse=True)
async def finishers_processes_are_kept() -> AsyncIterator[None]:
    """Half a second of imports for each finished video, otherwise."""
    async with FINISHER:
        yield


@pytest.fixture
def environment(unsandboxed: WorkflowEnvironment) -> WorkflowEnvironment:
    """What a test's studio runs in. A module in which the sandbox matters returns `temporal` for it."""
    return unsandboxed


@pytest.fixture
async def studio(environment: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[FakeStudio]:
    """A studio whose pools are running."""
    studio = FakeStudio(environment, tmp_path)
    async with AsyncExitStack() as stack:
        studio.workers = [*cpu_workers(studio.client, studio.cpu()), media_worker(studio.client, studio.staff())]
        for worker in studio.workers:
            await stack.enter_async_context(worker)
        yield studio
    await end_all(environment.client)


async def end_all(client: Client) -> None:
    """Ends what a test left open. The next test's workers would go on with it, and a wait in skipped time takes none,
    so that a publication that looks every hour would keep the server busy for good."""
    async for left in client.list_workflows("ExecutionStatus = 'Running'"):
        with suppress(RPCError):  # ended in the meantime
            await client.get_workflow_handle(left.id, run_id=left.run_id).terminate("its test is over")
