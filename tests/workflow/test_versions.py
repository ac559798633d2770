"""Versions of the workers on a real server: two releases side by side, and what becomes of the runs under way."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import WorkerDeploymentConfig

from control import deployments
from reelwright.domain.content.status import Stage
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ids import publish_workflow_id, render_workflow_id
from starter import deploying
from tests.servers import NAMESPACES
from tests.servers import temporal as temporal_server
from workers import pools
from workers.deployments import Deployment
from workers.plugin import reelwright_plugin
from workers.pools import WORKFLOWS, cpu_workers, media_worker
from workers.promotion import promote_at_start
from workers.settings import Settings, load_settings
from workers.versions import UNVERSIONED, build_id
from workflows import policies

from .conftest import FakeStudio, eventually
from .next_release import STEP, NextPipeline
from .test_content_pipeline import SCRIPT, question, until

pytestmark = pytest.mark.lengthy

_definition = workflow._Definition.must_from_class
TYPES = [str(_definition(cls).name) for cls in WORKFLOWS]
OLD, NEW = "1.0.0-aaaaaaaa", "1.1.0-bbbbbbbb"
# As short as they can be: how often the server looks whether an old version has been left.
SOON = [f'matching.wv.VersionDrainageStatus{name}="1s"' for name in ("VisibilityGracePeriod", "RefreshInterval")]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of this file's own, with settings that no other is to have."""
    options = [word for value in SOON for word in ("--dynamic-config-value", value)]
    with temporal_server(tmp_path_factory.mktemp("temporal"), *options) as address:
        yield address


@pytest.fixture(scope="module")
def namespaces() -> Iterator[str]:
    return (f"test-{number}" for number in range(NAMESPACES))


@pytest.fixture
async def server(address: str, namespaces: Iterator[str]) -> WorkflowEnvironment:
    """Each test in a namespace of its own."""
    client = await Client.connect(address, namespace=next(namespaces), plugins=[reelwright_plugin()])
    return WorkflowEnvironment.from_client(client)


class Fleet:
    """Workers of several versions on one studio's fakes, in a deployment of its own."""

    def __init__(self, env: WorkflowEnvironment, scratch: Path) -> None:
        self.studio = FakeStudio(env, scratch)
        self.name = f"d{uuid.uuid4().hex[:8]}"
        self.deployment = Deployment(env.client, self.name)

    def settings(self, build: str, promote: str = "first") -> Settings:
        given = {
            "REELWRIGHT_DEPLOYMENT": self.name if build else "",
            "REELWRIGHT_BUILD_ID": build,
            "REELWRIGHT_PROMOTE": promote,
        }
        return Settings.model_validate(given)

    @asynccontextmanager
    async def workers(self, build: str, promote: str = "first") -> AsyncIterator[None]:
        """The cpu pool of a version, once it has seen to what it takes on."""
        config = None
        if build:
            config = WorkerDeploymentConfig(WorkerDeploymentVersion(self.name, build), use_worker_versioning=True)
        async with AsyncExitStack() as stack:
            for worker in cpu_workers(self.studio.client, self.studio.cpu(), deployment=config):
                await stack.enter_async_context(worker)
            await promote_at_start(self.studio.client, self.settings(build, promote))
            if build:
                await eventually(lambda: self._polls(build))
            yield

    async def _polls(self, build: str) -> bool:
        return build in await self.deployment.workers(policies.MAIN_QUEUE)

    async def status(self) -> deployments.DeploymentState:
        return await deployments.status(self.deployment, queue=policies.MAIN_QUEUE, types=TYPES)

    async def promote(self, build: str | None = None, **how: Any) -> deployments.Promotion:
        """As soon as the server has seen the version's workers poll every queue; until then it refuses."""
        while True:
            try:
                return await deployments.promote(self.deployment, build, queue=policies.MAIN_QUEUE, **how)
            except InvalidInput as error:
                if "missing active task queues" not in error.message:
                    raise
            await asyncio.sleep(0.1)

    async def drain(self, build: str) -> deployments.Drain:
        (looked,) = await deployments.drain(self.deployment, build, queue=policies.MAIN_QUEUE, types=TYPES)
        return looked

    async def holds(self, build: str, kind: str, *, pinned: bool) -> None:
        """Waits until the lists say that the version holds one such run."""

        async def listed() -> bool:
            runs = {run.workflow_type: run for run in (await self.status()).version(build).open}
            return kind in runs and bool(runs[kind].pinned) is pinned

        await eventually(listed)


@pytest.fixture
async def fleet(server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Fleet]:
    """A fleet whose media pool runs, in a namespace of its own: which version is current counts for whole queues."""
    fleet = Fleet(server, tmp_path)
    async with media_worker(fleet.studio.client, fleet.studio.staff()):
        yield fleet
        if fleet.studio.renderer.hold:
            fleet.studio.renderer.hold.set()


async def builds(handle: WorkflowHandle[Any, Any]) -> list[str]:
    """Which versions have worked on a run, in order."""
    seen: list[str] = []
    for event in (await handle.fetch_history()).events:
        if event.HasField("workflow_task_completed_event_attributes"):
            done = event.workflow_task_completed_event_attributes
            build = done.deployment_version.build_id or done.worker_deployment_version.rpartition(".")[2]
            if build not in seen[-1:]:
                seen.append(build)
    return seen


async def test_a_content_moves_on_its_render_stays_and_the_old_workers_can_go(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, renderer = fleet.studio.client, fleet.studio.renderer
    renderer.hold = asyncio.Event()
    async with AsyncExitStack() as stack:
        old = await stack.enter_async_context(AsyncExitStack())
        await old.enter_async_context(fleet.workers(OLD))
        rendering = await fleet.studio.start({"script": SCRIPT, "auto_approve": True}, "content-rendering")
        reviewed = await fleet.studio.start({"script": SCRIPT}, "content-reviewed")
        await question(reviewed)
        await until(rendering, Stage.RENDERING)
        await fleet.holds(OLD, "RenderVideo", pinned=True)

        with monkeypatch.context() as patch:
            patch.setattr(pools, "WORKFLOWS", (NextPipeline, *WORKFLOWS[1:]))
            await stack.enter_async_context(fleet.workers(NEW))
        assert (await fleet.status()).current == OLD
        assert await fleet.promote(NEW) == deployments.Promotion(build_id=NEW, before=OLD, ramp_percent=None)

        stays = await fleet.drain(OLD)
        assert (stays.can_go, [run.workflow_type for run in stays.open]) == (False, ["RenderVideo"])
        await reviewed.signal("review", {"decision": "approve", "reviewer": "ana"})
        fresh = await fleet.studio.start({"script": SCRIPT, "auto_approve": True}, "content-fresh")
        renderer.hold.set()
        for content in (reviewed, rendering, fresh):
            assert (await content.result()).status is Stage.DONE

        render = client.get_workflow_handle(render_workflow_id("rendering"))
        assert await builds(render) == [OLD]
        assert await builds(client.get_workflow_handle(render_workflow_id("reviewed"))) == [NEW]
        assert await builds(client.get_workflow_handle(publish_workflow_id("rendering", "youtube", "default"))) == [NEW]
        assert await builds(reviewed) == [OLD, NEW]
        assert await builds(rendering) == [OLD, NEW]
        assert await builds(fresh) == [NEW]
        assert [STEP in str(await content.fetch_history()) for content in (reviewed, fresh)] == [False, True]

        looks = deployments.draining(fleet.deployment, OLD, queue=policies.MAIN_QUEUE, types=TYPES)
        (last,) = [look async for look in looks][-1]
        assert (last.can_go, last.open) == (True, ())
        await old.aclose()
        after = await fleet.studio.start({"script": SCRIPT, "auto_approve": True}, "content-after")
        assert (await after.result()).status is Stage.DONE


@pytest.mark.deep
async def test_a_publication_that_waits_for_a_person_holds_no_old_workers(fleet: Fleet) -> None:
    fleet.studio.youtube.fail_before, fleet.studio.youtube.untold = 1, True
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(fleet.workers(OLD))
        content = await fleet.studio.start({"script": SCRIPT, "auto_approve": True}, "content-parked")
        post = fleet.studio.client.get_workflow_handle(publish_workflow_id("parked", "youtube", "default"))
        await fleet.holds(OLD, "PublishYouTube", pinned=False)

        async def parked() -> bool:
            return (await post.query("status"))["stage"] == "parked"

        await eventually(parked)
    async with fleet.workers(NEW):
        await fleet.promote()
        looks = deployments.draining(fleet.deployment, OLD, queue=policies.MAIN_QUEUE, types=TYPES)
        assert [look async for look in looks][-1][0].can_go
        await post.signal("not_posted", {"by": "ana"})
        assert (await content.result()).status is Stage.DONE
        assert await builds(post) == [OLD, NEW]


@pytest.mark.deep
async def test_runs_of_a_release_without_versions_go_on_with_the_first_that_has_one(fleet: Fleet) -> None:
    async with fleet.workers(""):
        content = await fleet.studio.start({"script": SCRIPT}, "content-before")
        await question(content)
    async with fleet.workers(OLD):

        async def listed() -> bool:
            return [run.workflow_type for run in (await fleet.status()).unversioned] == ["ContentPipeline"]

        await eventually(listed)
        await content.signal("review", {"decision": "approve", "reviewer": "ana"})
        assert (await content.result()).status is Stage.DONE
        assert await builds(content) == ["", OLD]


@pytest.mark.deep
async def test_a_studio_with_one_fleet_takes_over_what_is_pinned_to_workers_that_are_gone(fleet: Fleet) -> None:
    fleet.studio.renderer.hold = asyncio.Event()
    async with fleet.workers(OLD, "always"):
        content = await fleet.studio.start({"script": SCRIPT, "auto_approve": True}, "content-taken")
        await until(content, Stage.RENDERING)
        await fleet.holds(OLD, "RenderVideo", pinned=True)
    fleet.studio.renderer.hold.set()
    async with fleet.workers(NEW, "always"):
        assert (await content.result()).status is Stage.DONE
        assert await builds(fleet.studio.client.get_workflow_handle(render_workflow_id("taken"))) == [OLD, NEW]
    async with fleet.workers("", "always"):
        pass  # a deployment of another name than the default one is left alone
    assert (await fleet.status()).current == NEW


@pytest.mark.deep
async def test_what_is_pinned_to_lost_workers_is_moved_when_asked(fleet: Fleet) -> None:
    fleet.studio.renderer.hold = asyncio.Event()
    async with fleet.workers(OLD):
        content = await fleet.studio.start({"script": SCRIPT, "auto_approve": True}, "content-moved")
        await fleet.holds(OLD, "RenderVideo", pinned=True)
        with pytest.raises(InvalidInput, match="is the current one"):
            await deployments.move(fleet.deployment, OLD)
    async with fleet.workers(NEW):
        await fleet.promote(NEW)
        fleet.studio.renderer.hold.set()
        assert await deployments.move(fleet.deployment, OLD) == 1
        assert (await content.result()).status is Stage.DONE


async def test_the_first_version_becomes_current_by_itself_and_the_next_when_it_is_promoted(fleet: Fleet) -> None:
    with pytest.raises(InvalidInput, match="knows no deployment"):
        await fleet.status()
    async with fleet.workers(OLD):
        assert (await fleet.status()).current == OLD
        async with fleet.workers(NEW):
            assert (await fleet.status()).current == OLD
            with pytest.raises(InvalidInput, match=f"no version 'none'.*{OLD}"):
                await fleet.promote("none")
            with pytest.raises(InvalidInput, match="is no share"):
                await fleet.promote(NEW, ramp=101)
            await fleet.promote(NEW, ramp=25)
            now = await fleet.status()
            assert (now.current, now.version(NEW).state, now.version(NEW).ramp_percent) == (OLD, "ramping", 25)
            await fleet.promote(NEW, ramp=0)
            assert (await fleet.status()).version(NEW).state != "ramping"
            assert (await fleet.promote()).build_id == NEW
            with pytest.raises(InvalidInput, match="is older than"):
                await fleet.promote(OLD)
            await fleet.promote(OLD, back=True)
            assert (await fleet.status()).current == OLD
    with pytest.raises(InvalidInput, match="without a version would take over"):
        await fleet.promote(UNVERSIONED)
    await fleet.promote(UNVERSIONED, back=True)
    async with fleet.workers(NEW):
        assert (await fleet.status()).current == UNVERSIONED  # that was chosen, and stays


async def test_the_commands_tell_it_as_json_and_by_their_exit_codes(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = fleet.studio.client.service_client.config.target_host
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", fleet.studio.client.namespace)
    monkeypatch.setenv("REELWRIGHT_DEPLOYMENT", fleet.name)
    monkeypatch.setenv("REELWRIGHT_STATE_DIR", str(tmp_path / "state"))
    load_settings.cache_clear()

    async def told(command: Coroutine[Any, Any, int]) -> tuple[int, Any]:
        capsys.readouterr()
        code = await command
        return code, json.loads(capsys.readouterr().out)

    async with fleet.workers(OLD), fleet.workers(NEW):
        code, done = await told(deploying.promote(NEW, ramp=None, back=False, as_json=True))
        assert (code, done) == (0, {"build_id": NEW, "before": OLD, "ramp_percent": None})
        code, now = await told(deploying.status(as_json=True))
        assert (code, now["current"], [one["build_id"] for one in now["versions"]]) == (0, NEW, [NEW, OLD])
        with pytest.raises(InvalidInput, match="which version"):
            await deploying.drain(None, wait=False, move=True, as_json=True)
        code, drained = await told(deploying.drain(None, wait=True, move=False, as_json=True))
        assert (code, [(one["build_id"], one["can_go"]) for one in drained["versions"]]) == (0, [(OLD, True)])
        code, drained = await told(deploying.drain(NEW, wait=False, move=False, as_json=True))
        assert (code, drained["versions"][0]["why"]) == (1, "it is current")
    monkeypatch.setenv("REELWRIGHT_DEPLOYMENT", "")
    load_settings.cache_clear()
    with pytest.raises(InvalidInput, match="versions are off"):
        await deploying.status(as_json=True)
    load_settings.cache_clear()


def test_every_workflow_says_how_it_is_versioned_and_only_renders_are_pinned() -> None:
    said = {definition.name: definition.versioning_behavior for definition in map(_definition, WORKFLOWS)}
    assert VersioningBehavior.UNSPECIFIED not in said.values()
    assert [name for name, how in said.items() if how is VersioningBehavior.PINNED] == ["RenderVideo"]


def test_the_build_id_is_the_setting_or_says_version_and_sources() -> None:
    assert build_id(Settings.model_validate({"REELWRIGHT_BUILD_ID": "x-1"})) == "x-1"
    own = build_id(Settings.model_validate({"REELWRIGHT_BUILD_ID": ""}))
    version, _, digest = own.rpartition("-")
    assert version.count(".") == 2 and len(digest) == 8
    assert own == build_id(Settings.model_validate({"REELWRIGHT_BUILD_ID": ""}))
