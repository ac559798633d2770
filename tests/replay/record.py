"""`make histories`: runs the pipelines on fakes and keeps their histories, which `test_replay.py` replays for ever.

Record anew only after a deliberate change of a workflow, and think of the runs that are under way when it is
deployed: a change that breaks a recorded history breaks them too, and wants `workflow.patched`.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from reelwright.domain.errors import QuotaExhausted
from reelwright.domain.formats import Platform
from reelwright.domain.ids import publish_workflow_id
from tests.workflow.conftest import FakeStudio, eventually
from workers.local.services import find_temporal
from workers.plugin import reelwright_plugin
from workers.pools import cpu_workers, media_worker
from workflows import search

HISTORIES = Path(__file__).parent / "histories"
SCRIPT = "The first scene is here.\n\nThe second scene is here."


async def _reviewed(studio: FakeStudio) -> None:
    handle = await studio.start({"script": SCRIPT}, "content-reviewed")
    await handle.signal("review", {"decision": "revise", "reviewer": "e", "script": SCRIPT + " And more."})
    await handle.signal("review", {"decision": "revise", "reviewer": "e", "note": "other pictures"})
    await handle.signal("review", {"decision": "approve", "reviewer": "e"})
    await handle.result()


async def _feed(studio: FakeStudio) -> None:
    await (await studio.start({"feed": "https://example.test/feed", "auto_approve": True}, "content-feed")).result()


async def _lost_reply(studio: FakeStudio) -> None:
    studio.youtube.lose_reply, studio.youtube.hidden_reads = 1, 2
    await (await studio.start({"topic": "Lost replies", "auto_approve": True}, "content-lost")).result()


async def _everywhere(studio: FakeStudio) -> None:
    studio.platforms[Platform.LINKEDIN].untold, studio.platforms[Platform.LINKEDIN].fail_before = True, 1
    studio.platforms[Platform.TIKTOK].refuse = [
        QuotaExhausted("spent", resets_at=datetime.now(UTC) + timedelta(hours=3))
    ]
    request: dict[str, Any] = {"topic": "Everywhere", "auto_approve": True, "platforms": [p.value for p in Platform]}
    request["posts"] = {"facebook": {"first_comment": "What do you think?"}}
    handle = await studio.start(request, "content-everywhere")
    linkedin = studio.client.get_workflow_handle(publish_workflow_id("everywhere", "linkedin", "default"))
    await eventually(lambda: _parked(linkedin))
    await linkedin.signal("not_posted", {"by": "e"})
    await handle.result()


async def _parked(handle: WorkflowHandle[Any, Any]) -> bool:
    try:
        return bool((await handle.query("status"))["stage"] == "parked")
    except RPCError:
        return False


async def _rejected(studio: FakeStudio) -> None:
    handle = await studio.start({"topic": "No good"}, "content-rejected")
    await handle.signal("review", {"decision": "reject", "reviewer": "e"})
    await handle.result()


async def _cancelled(studio: FakeStudio) -> None:
    handle = await studio.start({"topic": "Never mind"}, "content-stopped")
    while (await handle.query("status"))["stage"] != "review":
        await asyncio.sleep(0.1)
    await handle.cancel()
    try:
        await handle.result()
    except WorkflowFailureError as error:
        print(f"cancelled as meant: {error.cause}")


async def record() -> None:
    """One server, one studio per scenario, every workflow's history into a file."""
    async with await WorkflowEnvironment.start_time_skipping_v2(
        plugins=[reelwright_plugin()],
        dev_server_existing_path=find_temporal(),
        dev_server_extra_args=["--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"],
        search_attributes=search.ALL,
    ) as env:
        for scenario in (_reviewed, _feed, _lost_reply, _everywhere, _rejected, _cancelled):
            with tempfile.TemporaryDirectory() as scratch:
                studio = FakeStudio(env, Path(scratch))
                async with AsyncExitStack() as stack:
                    for worker in [*cpu_workers(env.client, studio.cpu()), media_worker(env.client, studio.staff())]:
                        await stack.enter_async_context(worker)
                    await scenario(studio)
        await _keep(env.client)


async def _keep(client: Client) -> None:
    shutil.rmtree(HISTORIES, ignore_errors=True)
    HISTORIES.mkdir(parents=True)
    async for workflow in client.list_workflows():
        history = await client.get_workflow_handle(workflow.id, run_id=workflow.run_id).fetch_history()
        name = workflow.id.replace("/", "_")
        events = _anonymous(json.loads(history.to_json()))
        (HISTORIES / f"{name}.json").write_text(json.dumps(events, indent=1, sort_keys=True) + "\n")
        print(f"{name}: {len(history.events)} events")


def _anonymous(value: Any) -> Any:
    """Without the machine it was recorded on: host names and stack traces decide nothing in a replay."""
    if isinstance(value, dict):
        hidden = {"identity": "recorder", "stackTrace": ""}
        return {key: hidden.get(key, _anonymous(item)) for key, item in value.items()}
    return [_anonymous(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    asyncio.run(record())
