"""`make histories`: runs the pipelines on fakes and keeps their histories, which `test_replay.py` replays for ever.

Each release has a folder of its own, named by the version in pyproject.toml; what is recorded is never written over.
A change that breaks a recorded history breaks the runs that are under way when it is deployed: it wants
`workflow.patched`, and a new version whose histories are recorded beside the others.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import tomllib
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
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
from tests.workflow.resets import before_activity, reset
from tests.workflow.test_content_pipeline import question
from workers.local.services import find_temporal
from workers.plugin import reelwright_plugin
from workers.pools import WORKFLOWS, cpu_workers, media_worker
from workflows import policies, search

from . import chain_scenarios, own_scenarios, review_scenarios
from .contents_of_histories import lacking
from .test_replay import replay

ROOT = Path(__file__).parents[2]
HISTORIES = Path(__file__).parent / "histories"
Scenario = Callable[[FakeStudio], Awaitable[None]]
SCRIPT = "The first scene is here.\n\nThe second scene is here."


async def _reviewed(studio: FakeStudio) -> None:
    handle = await studio.start({"script": SCRIPT}, "content-reviewed")
    await question(handle)
    await handle.signal("review", {"decision": "revise", "reviewer": "e", "script": SCRIPT + " And more."})
    await handle.signal("review", {"decision": "approve", "reviewer": "late"})
    for revision, note in ((1, "scene 2 is too dark"), (2, "other pictures")):
        seen = (await question(handle, revision)).artifact_sha256
        revised = {"decision": "revise", "reviewer": "e", "note": note, "artifact_sha256": seen}
        await handle.signal("review", revised)
    wanted = await question(handle, 3)
    decision = {"decision": "approve", "reviewer": "e", "artifact_sha256": wanted.artifact_sha256}
    await handle.execute_update("submit_review", decision)
    await handle.result()


async def _early(studio: FakeStudio) -> None:
    """A decision before its question."""
    handle = await studio.client.start_workflow(
        "ContentPipeline", {"script": SCRIPT}, id="content-early", task_queue=policies.MAIN_QUEUE,
        start_signal="review", start_signal_args=[{"decision": "approve", "reviewer": "eve"}],
    )  # fmt: skip
    await question(handle)
    await handle.signal("review")
    await handle.signal("review", {"decision": "approve", "reviewer": "e"})
    await handle.result()


async def _template(studio: FakeStudio) -> None:
    studio.makers.template = True
    handle = await studio.start({"topic": "Tides", "auto_approve": True}, "content-template")
    seen = (await question(handle)).artifact_sha256
    await handle.signal("review", {"decision": "approve", "reviewer": "e", "artifact_sha256": seen})
    await handle.result()


async def _parked_and_found(studio: FakeStudio) -> None:
    """Parked, looked at again in vain, and said not to be posted though by then the platform tells."""
    studio.youtube.lose_reply, studio.youtube.untold = 1, True
    handle = await studio.start({"script": SCRIPT, "auto_approve": True}, "content-found")
    post = studio.client.get_workflow_handle(publish_workflow_id("found", "youtube", "default"))
    await eventually(lambda: _parked(post))
    looked = studio.youtube.calls["reconcile"]
    await post.signal("resume")
    await eventually(lambda: _more(studio, looked))
    await eventually(lambda: _parked(post))
    studio.youtube.untold = False
    await post.signal("not_posted", {"by": "e"})
    await handle.result()


async def _more(studio: FakeStudio, looked: int) -> bool:
    return studio.youtube.calls["reconcile"] > looked


async def _attached(studio: FakeStudio) -> None:
    """Reset while its publication sleeps."""
    await studio.gate.pause(Platform.YOUTUBE, "", by="e", note="")
    handle = await studio.start({"script": SCRIPT, "auto_approve": True}, "content-attached")
    post = studio.client.get_workflow_handle(publish_workflow_id("attached", "youtube", "default"))
    await eventually(lambda: _known(post))
    again = await reset(studio.client, handle.id, await before_activity(handle, "record_decision"))
    await eventually(lambda: _waits_for_the_earlier(again))
    await studio.gate.resume(Platform.YOUTUBE, "")
    await post.signal("resume")
    await again.result()


async def _known(handle: WorkflowHandle[Any, Any]) -> bool:
    try:
        await handle.describe()
    except RPCError:
        return False
    return True


async def _waits_for_the_earlier(handle: WorkflowHandle[Any, Any]) -> bool:
    steps = (await handle.query("status"))["steps"]
    return "earlier run" in steps.get("post to youtube", "")


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
    await question(handle)
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


SCENARIOS = (
    _reviewed, _early, _template, _feed, _lost_reply, _everywhere, _parked_and_found, _attached, _rejected, _cancelled,
    *own_scenarios.SCENARIOS, *review_scenarios.SCENARIOS, *chain_scenarios.SCENARIOS,
)  # fmt: skip


async def record(into: Path | None, names: Collection[str]) -> None:
    """Records all scenarios, or those that are named, into the release's folder or another one, which must not exist.
    It appears once every history has replayed and holds what it is recorded for."""
    folder = into or HISTORIES / tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    if folder.exists():
        raise SystemExit(f"{folder} is recorded already, and stays; give the new release its own version first")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".recording-") as made:
        recorded = Path(made) / folder.name
        await _record(recorded, [each for each in SCENARIOS if not names or each.__name__.strip("_") in names])
        for path in sorted(recorded.glob("*.json")):
            await replay(path, WORKFLOWS)
        if missing := [line for line in lacking(recorded) if not names or "not recorded" not in line]:
            raise SystemExit("the recorded histories do not hold what they are for:\n" + "\n".join(missing))
        recorded.rename(folder)


async def _record(folder: Path, scenarios: Sequence[Scenario]) -> None:
    """One server, one studio per scenario, every workflow's history into a file of the folder."""
    async with await WorkflowEnvironment.start_time_skipping_v2(
        plugins=[reelwright_plugin()],
        dev_server_existing_path=find_temporal(),
        dev_server_extra_args=["--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"],
        search_attributes=search.ALL,
    ) as env:
        for scenario in scenarios:
            print(f"{scenario.__name__.strip('_')} …", flush=True)
            with tempfile.TemporaryDirectory() as scratch:
                studio = chain_scenarios.STUDIOS.get(scenario, FakeStudio)(env, Path(scratch))
                async with AsyncExitStack() as stack:
                    for worker in [*cpu_workers(env.client, studio.cpu()), media_worker(env.client, studio.staff())]:
                        await stack.enter_async_context(worker)
                    await scenario(studio)
        await _keep(env.client, folder)


async def _keep(client: Client, folder: Path) -> None:
    folder.mkdir()
    runs: Counter[str] = Counter()
    async for workflow in client.list_workflows():
        history = await client.get_workflow_handle(workflow.id, run_id=workflow.run_id).fetch_history()
        runs[workflow.id] += 1
        name = workflow.id.replace("/", "_") + (f".{runs[workflow.id]}" if runs[workflow.id] > 1 else "")
        events = _anonymous(json.loads(history.to_json()))
        (folder / f"{name}.json").write_text(json.dumps(events, indent=1, sort_keys=True) + "\n")
        print(f"{folder.name} {name}: {len(history.events)} events")


def _anonymous(value: Any) -> Any:
    """Without the machine it was recorded on: host names and stack traces decide nothing in a replay."""
    if isinstance(value, dict):
        hidden = {"identity": "recorder", "stackTrace": ""}
        return {key: hidden.get(key, _anonymous(item)) for key, item in value.items()}
    return [_anonymous(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="in place of the folder of this version")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="all, if none is named; only with --into")
    asked = parser.parse_args()
    if asked.scenarios and not asked.into:
        parser.error("a release is recorded whole; name scenarios with --into")
    asyncio.run(record(asked.into, asked.scenarios))
