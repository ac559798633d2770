"""What `reelwright deploy` does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from control import deployments
from control.deployments import Drain, OpenRuns, VersionState
from reelwright.domain.errors import InvalidInput
from workers.deployments import Deployment
from workers.versions import UNVERSIONED
from workflows import policies

from .caller import caller_of
from .console import EXIT_FAILURE, EXIT_OK, err, plain, print_json, say
from .reach import studio
from .tables import Record, count, local, print_records

COLUMNS = ("version", "state", "workers", "since", "pinned", "moves by itself")


async def status(*, as_json: bool) -> int:
    """The versions, newest first; exit code 1 when the current one has no workers."""
    async with _deployment() as deployment:
        now = await deployments.status(deployment, queue=policies.MAIN_QUEUE, types=_types())
    if as_json:
        print_json(now.model_dump(mode="json"))
    else:
        rows = [Record(_cells(version)) for version in now.versions]
        if now.unversioned or now.unversioned_workers or now.current == UNVERSIONED:
            rows.append(_unversioned(now))
        print_records(COLUMNS, rows, nothing=f"deployment {plain(now.name)} has no versions")
    served = {version.build_id: version.workers for version in now.versions}
    if served.get(now.current, now.unversioned_workers):
        return EXIT_OK
    err().print(f"[bold red]nothing is done[/]: no worker of the current version ({plain(now.current)}) polls")
    return EXIT_FAILURE


async def promote(build_id: str | None, *, ramp: float | None, back: bool, as_json: bool) -> int:
    """Gives a version all work, or a share of it."""
    async with _deployment() as deployment:
        done = await deployments.promote(deployment, build_id, queue=policies.MAIN_QUEUE, ramp=ramp, back=back)
    if as_json:
        print_json(done.model_dump(mode="json"))
    elif done.ramp_percent is None:
        say(f"version {plain(done.build_id)} is current; before it was {plain(done.before)}")
    elif done.ramp_percent:
        say(f"version {plain(done.build_id)} takes {done.ramp_percent:g} %; {plain(done.before)} is current")
    else:
        say(f"the ramp has ended; {plain(done.before)} is current")
    return EXIT_OK


async def drain(build_id: str | None, *, wait: bool, move: bool, as_json: bool) -> int:
    """Whether old versions' workers can go; exit code 1 when they cannot yet."""
    if move and build_id is None:
        raise InvalidInput("which version's runs?", field="--move", remedy="name the version")
    async with _deployment() as deployment:
        if move and build_id:
            moved = await deployments.move(deployment, build_id)
            say(f"{count(moved, 'run')} of version {plain(build_id)} go on with the current one")
        told = ""
        looked: tuple[Drain, ...] = ()
        looks = deployments.draining(deployment, build_id, queue=policies.MAIN_QUEUE, types=_types())
        async for looked in looks:
            line = "; ".join(f"{plain(one.build_id)}: {one.why}{_held(one.open)}" for one in looked)
            if wait and line != told:
                say(told := line)
            if not wait:
                break
    if as_json:
        print_json({"versions": [one.model_dump(mode="json") for one in looked]})
    else:
        rows = [
            Record((one.build_id, "can go" if one.can_go else "stays", one.why + _held(one.open))) for one in looked
        ]
        print_records(("version", "its workers", "why"), rows, nothing="no old version is left")
    return EXIT_OK if all(one.can_go for one in looked) else EXIT_FAILURE


@asynccontextmanager
async def _deployment() -> AsyncIterator[Deployment]:
    async with studio() as found:
        if not found.settings.deployment:
            raise InvalidInput(
                "versions are off", field="REELWRIGHT_DEPLOYMENT", remedy="set it as the workers have it"
            )
        yield Deployment(
            (await found.client.sdk()).connected, found.settings.deployment, await caller_of(found.settings)
        )


def _types() -> Sequence[str]:
    from temporalio import workflow

    from workers.pools import WORKFLOWS

    return [str(workflow._Definition.must_from_class(cls).name) for cls in WORKFLOWS]


def _cells(version: VersionState) -> tuple[str, ...]:
    state = f"ramping, {version.ramp_percent:g} %" if version.state == "ramping" else version.state
    return (
        version.build_id,
        state,
        str(version.workers),
        local(version.created_at),
        _counts([(runs.workflow_type, runs.pinned) for runs in version.open]),
        _counts([(runs.workflow_type, runs.movable) for runs in version.open]),
    )


def _unversioned(now: deployments.DeploymentState) -> Record:
    state = "current" if now.current == UNVERSIONED else ""
    runs = _counts([(runs.workflow_type, runs.movable + runs.pinned) for runs in now.unversioned])
    return Record((UNVERSIONED, state, str(now.unversioned_workers), "-", "-", runs))


def _counts(by_type: list[tuple[str, int]]) -> str:
    return ", ".join(f"{number} {kind}" for kind, number in by_type if number) or "-"


def _held(runs: tuple[OpenRuns, ...]) -> str:
    return f" ({_counts([(one.workflow_type, one.pinned) for one in runs])})" if runs else ""
