"""The guard for secrets, as its user meets it: a whole content on a real Temporal server and PostgreSQL, every platform
refusing with an answer that quotes the request. Nothing that a person can see or export holds a secret."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.protobuf.json_format import MessageToJson
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from activities.content.channels import Channels
from activities.content.costs import Costs
from activities.content.records import Records
from activities.publishing.composing import Composing
from activities.publishing.extras import Extras
from activities.publishing.posting import Publishing
from activities.publishing.quota import QuotaBooking
from control.posts_listing import posts_listed
from control.report import report_of
from control.resolve import Content
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import ContentResult, PipelineStatus
from reelwright.domain.formats import Platform
from reelwright.domain.ids import publish_workflow_id
from reelwright.domain.ports.rendering import EncodedVideo
from reelwright.domain.publishing.posting import PublicationStatus
from reelwright.platforms.common.http import guarded_client
from reelwright.platforms.notices.discord import DiscordAnnouncer
from reelwright.storage.approvals import PostgresApprovals
from reelwright.storage.budgets import PostgresBudgets
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.channels import PostgresChannels
from reelwright.storage.effects import PostgresEffectLedger
from reelwright.storage.quota.ledger import PostgresQuotaLedger
from tests.servers import Servers, temporal_client
from tests.workflow.conftest import FakeStudio
from tests.workflow.fake_renderer import FakeRenderer
from workers.logs import HTTP_LOGGERS, keep_logs_clean
from workers.pools import CpuActivities, cpu_workers, media_worker

from ..conftest import Sandbox, database_of_its_own
from ..publishing import posting_kit
from ..publishing.posting_kit import Bench
from .quoting import QuotingServer, all_rows, leaks, proof, quoting_server
from .test_secrets_guard import APPLICATION, TOKEN_PATHS

pytestmark = pytest.mark.usefixtures("no_pauses")
HELD = {"failed", "needs_authorization", "needs_budget", "parked", "waiting", "paused", "posted"}


@pytest.fixture(scope="module")
async def pool(servers: Servers) -> AsyncIterator[Any]:
    """All of its rows are searched: those of other tests are not among them."""
    async with database_of_its_own(servers) as pool:
        yield pool


@pytest.fixture(scope="module")
async def temporal(servers: Servers) -> WorkflowEnvironment:
    """Time runs as everywhere."""
    return WorkflowEnvironment(await temporal_client(servers))


@pytest.fixture(autouse=True)
def logs(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    factory, levels = logging.getLogRecordFactory(), {name: logging.getLogger(name).level for name in HTTP_LOGGERS}
    keep_logs_clean()
    caplog.set_level(logging.INFO)
    yield caplog
    logging.setLogRecordFactory(factory)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


class LongRenderer(FakeRenderer):
    """Some platforms take no video of a second."""

    async def join(self, *given: Any, **named: Any) -> EncodedVideo:
        return dataclasses.replace(await super().join(*given, **named), duration_s=20.0, frames=600)


@dataclass
class GuardedStudio(FakeStudio):
    """Material from fakes; books, platforms and notices are real."""

    bench: Bench | None = None
    pool: Any = None
    announcer: Any = None
    notices: list[str] = field(default_factory=list)

    def cpu(self) -> CpuActivities:
        assert self.bench is not None
        staff, doing = super().cpu(), self.bench.activities
        effects = PostgresEffectLedger(self.pool)
        return CpuActivities(
            records=Records(PostgresCatalog(self.pool), PostgresApprovals(self.pool)),
            channels=Channels(PostgresChannels(self.pool)),
            costs=Costs(PostgresBudgets(self.pool), self.makers),
            editorial=staff.editorial,
            voices=staff.voices,
            spoken=staff.spoken,
            publishing=Publishing(
                doing.posts,
                self.media,
                doing.gate,
                doing.accounts,
                doing.publishers,
                doing.approvals,
                doing.slots,
                texts=self.texts,
            ),
            composing=Composing(doing.publishers, doing.accounts, self.texts),
            quota=QuotaBooking(PostgresQuotaLedger(self.pool), doing.publishers),
            extras=Extras(effects, self.media, doing.publishers, self.announcer),
            harvesting=staff.harvesting,
            batching=staff.batching,
        )


@pytest.fixture
async def guarded(
    temporal: WorkflowEnvironment, sandbox: Sandbox, pool: Any, content: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[tuple[GuardedStudio, QuotingServer]]:  # fmt: skip
    plain = posting_kit.places_on
    monkeypatch.setattr(posting_kit, "places_on", lambda at: posting_kit.with_secrets(plain(at), APPLICATION))
    with quoting_server(sandbox.url) as between:
        proxied = Sandbox(sandbox.folder, sandbox.client)
        proxied.url = between.url
        async with guarded_client(timeout=300, trust_env=False, verify=False) as client, AsyncExitStack() as stack:
            bench = Bench(proxied, pool, content, tmp_path / "media", client)
            studio = GuardedStudio(temporal, tmp_path / "scratch", bench=bench, pool=pool)
            studio.catalog = PostgresCatalog(pool)  # type: ignore[assignment]
            studio.media = bench.media  # type: ignore[assignment]
            studio.renderer = LongRenderer()

            async def keep(request: httpx.Request) -> None:
                studio.notices.append(request.content.decode())

            discord = await stack.enter_async_context(
                httpx.AsyncClient(trust_env=False, verify=False, event_hooks={"request": [keep]})
            )
            webhook = f"{sandbox.url}/api/webhooks/1000000000000000001/sandbox-main"
            studio.announcer = DiscordAnnouncer(discord, webhook, also=(sandbox.url,))
            for worker in [*cpu_workers(studio.client, studio.cpu()), media_worker(studio.client, studio.staff())]:
                await stack.enter_async_context(worker)
            yield studio, between
            await bench.clear()


async def settled(pipeline: WorkflowHandle[Any, Any], handle: WorkflowHandle[Any, Any]) -> PublicationStatus:
    """The publication once it has failed, waits, or is asked for by an attempt after the first."""
    while True:
        try:
            status: PublicationStatus = await handle.query("status", result_type=PublicationStatus)
        except RPCError:  # it has not started yet
            assert (await pipeline.describe()).status is WorkflowExecutionStatus.RUNNING, await pipeline.result()
            await asyncio.sleep(0.3)
            continue
        described = await handle.describe()
        retried = any(pending.attempt > 1 for pending in described.raw_description.pending_activities)
        ended = described.status is not WorkflowExecutionStatus.RUNNING
        if status.stage in HELD or retried or ended:
            return status
        await asyncio.sleep(0.3)


ANSWERS = [
    ("platforms", 400, "plain", "envelope"),
    ("platforms", 403, "percent", "envelope"),
    ("platforms", 500, "JSON", "page"),
    ("platforms", 200, "base64", "envelope"),
    ("sign-ins", 400, "base64", "OAuth"),
]
"""Every other answer is tried request by request in `test_secrets_guard`."""


@pytest.mark.parametrize(("where", "status", "spelling", "shape"), ANSWERS)
@pytest.mark.sample(2)
async def test_no_secret_is_seen_or_exported(
    guarded: tuple[GuardedStudio, QuotingServer], where: str, status: int, spelling: str, shape: str,
    pool: Any, logs: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    studio, between = guarded
    bench = studio.bench
    assert bench is not None
    content_id = f"g{uuid.uuid4().hex[:10]}"
    account = f"a{content_id}"
    accounts = {platform: await bench.account(platform, account) for platform in Platform}
    between.plan(
        status=status, spelling=spelling, shape=shape,
        kept_paths=TOKEN_PATHS if where == "platforms" else (),
    )  # fmt: skip
    request = ContentRequest(
        script="A scene.\n\nAnother one.", auto_approve=True, platforms=tuple(Platform), account=account,
    )  # fmt: skip
    pipeline = await studio.start(request, f"content-{content_id}")
    handles = {
        platform: studio.client.get_workflow_handle(publish_workflow_id(content_id, platform.value, name))
        for platform, name in accounts.items()
    }
    texts: list[str] = []
    told = {platform: await settled(pipeline, handle) for platform, handle in handles.items()}
    board = await pipeline.query("status", result_type=PipelineStatus)
    content = Content(content_id, f"content-{content_id}")
    rows = (await posts_listed(studio.temporal, None, content=content, platform=None, stage=None, limit=50)).rows
    texts += [shown.model_dump_json() for shown in (board, *rows, *told.values())]
    texts += [MessageToJson((await handle.describe()).raw_description) for handle in (pipeline, *handles.values())]
    for handle in handles.values():
        await _end(handle)
    async with asyncio.timeout(600):
        result = await asyncio.wait_for(_result(pipeline), 600)
    if result is not None:
        texts.append(report_of(result).model_dump_json())
    for handle in (pipeline, *handles.values()):
        texts.append((await handle.fetch_history()).to_json())
        texts.append(MessageToJson((await handle.describe()).raw_description))

    known = list(APPLICATION.values())
    for platform, name in accounts.items():
        token = await bench.accounts.token(platform, name)
        assert token is not None
        known += [token.access_token.get_secret_value(), token.refresh_token.get_secret_value()]
        known.append(proof(APPLICATION["META_APP_SECRET"], token.access_token.get_secret_value()))
    known = [secret for secret in known if secret]
    assert len(between.quoted) >= len(Platform), "every platform was asked"
    assert sum(bool(leaks([quoted.text], known)) for quoted in between.quoted) >= len(Platform), "and has quoted us"
    assert len(rows) == len(Platform)
    assert any(status.stage != "posted" for status in told.values())
    assert leaks(texts, known) == []
    assert leaks([logs.text], known) == []
    assert leaks(studio.notices, known) == []
    assert leaks(await all_rows(pool), known) == []


async def _end(handle: WorkflowHandle[Any, Any]) -> None:
    described = await handle.describe()
    if described.status is not None and described.status.name == "RUNNING":
        await handle.cancel()


async def _result(pipeline: WorkflowHandle[Any, Any]) -> ContentResult | None:
    try:
        result: ContentResult = await pipeline.result()
    except WorkflowFailureError:
        return None
    return result
