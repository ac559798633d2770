"""Versions of the workers at Temporal: which exist, which gets new work, and when an old one's workers can be stopped.

Typed and silent: nothing here prints, or reads settings. docs/upgrading.md describes how the parts work together.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

from temporalio.api.deployment.v1 import WorkerDeploymentInfo
from temporalio.api.enums.v1 import WorkerDeploymentVersionStatus as Status
from temporalio.service import RPCError, RPCStatusCode

from reelwright.domain.base import Model
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role
from workers.deployments import PINNED, Deployment, current_build
from workers.versions import UNVERSIONED

from .access import allowed

State: TypeAlias = Literal["current", "ramping", "draining", "drained", "inactive"]
LOOK_S = 2.0
"""How often a drain is looked at. The server itself looks every few minutes."""

_STATES: dict[int, State] = {
    Status.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT: "current",
    Status.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING: "ramping",
    Status.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING: "draining",
    Status.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED: "drained",
}


class OpenRuns(Model):
    """Open runs of one workflow type that stand with one version."""

    workflow_type: str
    pinned: int
    """They end with this version."""
    movable: int
    """They go on with the current version at their next step."""


class VersionState(Model):
    """One version of a deployment."""

    build_id: str
    state: State
    ramp_percent: float = 0.0
    created_at: datetime
    workers: int
    """Workers that poll for workflow tasks; one that has ended is counted for some minutes more."""
    open: tuple[OpenRuns, ...]

    @property
    def pinned(self) -> int:
        """Open runs that need this version's workers."""
        return sum(runs.pinned for runs in self.open)


class DeploymentState(Model):
    """A deployment with its versions, newest first."""

    name: str
    current: str
    """The current version's build id; `unversioned` where there is none."""
    versions: tuple[VersionState, ...]
    unversioned_workers: int
    unversioned: tuple[OpenRuns, ...]
    """Runs that no version has had yet: they go on with the current one."""

    def version(self, build_id: str) -> VersionState:
        """Raises `InvalidInput` with those that there are."""
        for version in self.versions:
            if version.build_id == build_id:
                return version
        known = ", ".join(version.build_id for version in self.versions)
        raise InvalidInput(
            f"deployment {self.name} has no version {build_id!r}", field="version", remedy=f"it has {known}"
        )


class Promotion(Model):
    """What a promotion has changed."""

    build_id: str
    before: str
    """The version that was current."""
    ramp_percent: float | None
    """The share it takes; None where it takes all."""


class Drain(Model):
    """Whether a version's workers can go."""

    build_id: str
    can_go: bool
    why: str
    workers: int
    open: tuple[OpenRuns, ...]
    """The pinned runs it is waited for."""


@allowed(Role.VIEWER)
async def status(deployment: Deployment, *, queue: str, types: Sequence[str]) -> DeploymentState:
    """What there is. `queue` is where the workflows are served, `types` are the workflow types to count by."""
    info = await _known(deployment)
    workers = await deployment.workers(queue)
    builds = [summary.deployment_version.build_id for summary in info.version_summaries]
    held = await asyncio.gather(*(_open(deployment, build, types) for build in (*builds, UNVERSIONED)))
    routing = info.routing_config
    versions = [
        VersionState(
            build_id=summary.deployment_version.build_id,
            state=_STATES.get(summary.status, "inactive"),
            ramp_percent=routing.ramping_version_percentage
            if summary.deployment_version.build_id == routing.ramping_deployment_version.build_id
            else 0.0,
            created_at=summary.create_time.ToDatetime().astimezone(),
            workers=workers.get(summary.deployment_version.build_id, 0),
            open=runs,
        )
        for summary, runs in zip(info.version_summaries, held, strict=False)
    ]
    return DeploymentState(
        name=deployment.name,
        current=current_build(routing),
        versions=tuple(sorted(versions, key=lambda version: version.created_at, reverse=True)),
        unversioned_workers=workers.get(UNVERSIONED, 0),
        unversioned=held[-1],
    )


@allowed(Role.ADMIN)
async def promote(
    deployment: Deployment, build_id: str | None, *, queue: str, ramp: float | None = None, back: bool = False
) -> Promotion:
    """Gives a version all work, or `ramp` percent of it (0 ends the ramp); None is the newest version that has workers.
    `back` lets it be older than the current one. Raises `InvalidInput` where it cannot take the work."""
    now = await status(deployment, queue=queue, types=())
    chosen = build_id or _newest(now)
    if ramp is not None and not 0 <= ramp <= 100:
        raise InvalidInput(f"{ramp:g} is no share", field="--ramp", remedy="give a percentage from 0 to 100")
    ends_ramp = ramp == 0
    if chosen != UNVERSIONED and not ends_ramp:
        _check(now, now.version(chosen), back=back)
    if chosen == UNVERSIONED and not (back or ends_ramp):
        raise InvalidInput(
            "workers without a version would take over",
            field="version",
            remedy="give --back as well, if that is what you want",
        )
    try:
        if ramp is None:
            await deployment.set_current(chosen)
        else:
            await deployment.set_ramp(chosen, ramp)
    except RPCError as error:
        if error.status is not RPCStatusCode.FAILED_PRECONDITION:
            raise
        raise InvalidInput(
            f"version {chosen} cannot take over: {error.message}",
            field="version",
            remedy="start its workers on every queue first",
        ) from error
    return Promotion(build_id=chosen, before=now.current, ramp_percent=ramp)


@allowed(Role.VIEWER)
async def drain(deployment: Deployment, build_id: str | None, *, queue: str, types: Sequence[str]) -> tuple[Drain, ...]:
    """Whether the workers of a version can go; of all but the current and the ramping one, if none is named."""
    now = await status(deployment, queue=queue, types=types)
    if build_id:
        return (_drain(now, now.version(build_id)),)
    return tuple(_drain(now, version) for version in now.versions if version.state not in ("current", "ramping"))


async def draining(
    deployment: Deployment, build_id: str | None, *, queue: str, types: Sequence[str]
) -> AsyncIterator[tuple[Drain, ...]]:
    """The same, looked at again until all can go."""
    while True:
        looked = await drain(deployment, build_id, queue=queue, types=types)
        yield looked
        if all(version.can_go for version in looked):
            return
        await asyncio.sleep(LOOK_S)


@allowed(Role.ADMIN)
async def move(deployment: Deployment, build_id: str) -> int:
    """Lets the runs that are pinned to a version go on with the current one: for workers that are lost, or a drain that
    takes too long. How many were moved. The recorded histories prove that a newer version can take them over."""
    info = await _known(deployment)
    if current_build(info.routing_config) == build_id:
        raise InvalidInput(
            f"version {build_id} is the current one", field="version", remedy="promote another one first"
        )
    return sum([await deployment.unpin(run) async for run in deployment.pinned(build_id)])


async def _known(deployment: Deployment) -> WorkerDeploymentInfo:
    info = await deployment.described()
    if info is None:
        raise InvalidInput(
            f"Temporal knows no deployment {deployment.name!r}",
            field="REELWRIGHT_DEPLOYMENT",
            remedy="start a worker of it first, or give the name that its workers have",
        )
    return info


async def _open(deployment: Deployment, build: str, types: Sequence[str]) -> tuple[OpenRuns, ...]:
    """By type; what is of none of the types is summed up as `other`."""
    if not types or not await deployment.count(build):
        return ()
    everything = await asyncio.gather(*(_of_type(deployment, build, kind) for kind in types))
    pinned = await deployment.count(build, PINNED) - sum(runs.pinned for runs in everything)
    total = await deployment.count(build) - sum(runs.pinned + runs.movable for runs in everything)
    other = OpenRuns(workflow_type="other", pinned=max(0, pinned), movable=max(0, total - pinned))
    return tuple(runs for runs in (*everything, other) if runs.pinned or runs.movable)


async def _of_type(deployment: Deployment, build: str, kind: str) -> OpenRuns:
    of_type = f"WorkflowType = '{kind}'"
    total = await deployment.count(build, of_type)
    pinned = await deployment.count(build, of_type, PINNED) if total else 0
    return OpenRuns(workflow_type=kind, pinned=pinned, movable=max(0, total - pinned))


def _newest(now: DeploymentState) -> str:
    for version in now.versions:
        if version.workers:
            return version.build_id
    raise InvalidInput("no version has workers", field="version", remedy="start the workers of the new one first")


def _check(now: DeploymentState, chosen: VersionState, *, back: bool) -> None:
    if not chosen.workers:
        raise InvalidInput(
            f"version {chosen.build_id} has no workers: all work would stand still",
            field="version",
            remedy="start its workers first",
        )
    current = next((version for version in now.versions if version.build_id == now.current), None)
    if current and chosen.created_at < current.created_at and not back:
        raise InvalidInput(
            f"version {chosen.build_id} is older than {current.build_id}: runs that have passed a newer patch cannot "
            "go back",
            field="version",
            remedy="mend it in a new version, or give --back if the newer one has no patch of its own",
        )


def _drain(now: DeploymentState, version: VersionState) -> Drain:
    if version.state in ("current", "ramping"):
        why, can_go = f"it is {version.state}", False
    elif version.pinned:
        why, can_go = "runs are pinned to it", False
    elif version.state == "draining":
        why, can_go = "no run is pinned to it any more; Temporal makes sure of that within minutes", False
    else:
        why, can_go = "nothing is pinned to it", True
    held = tuple(runs for runs in version.open if runs.pinned)
    return Drain(build_id=version.build_id, can_go=can_go, why=why, workers=version.workers, open=held)
