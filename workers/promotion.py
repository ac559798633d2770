"""What a worker of the cpu pool does about its own version when it starts: `REELWRIGHT_PROMOTE`.

`first`: it becomes current where no version is. A fresh studio works at once, and where another version is current
nothing changes until `reelwright deploy promote`. `always`: it becomes current in any case, and runs that are pinned to
other versions move to it. That is for studios with one fleet, which is replaced as a whole (`reelwright up`, compose).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from tenacity import before_sleep_log, retry, retry_if_exception, wait_exponential

from reelwright.domain.errors import ProviderUnavailable

from .deployments import Deployment, current_build, was_chosen
from .settings import Settings
from .versions import UNVERSIONED, build_id

log = logging.getLogger(__name__)

DEPLOYMENT = str(Settings.model_fields["deployment"].default)
_AWAY = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.RESOURCE_EXHAUSTED)
_NOT_YET = (
    *_AWAY,
    RPCStatusCode.NOT_FOUND,  # the server registers a version at its first poll
    RPCStatusCode.FAILED_PRECONDITION,  # the same, for some of its queues
    RPCStatusCode.ABORTED,  # another change is under way
)


async def promote_at_start(client: Client, settings: Settings) -> None:
    """Promotes it, and waits until the server has registered this worker. Raises `ProviderUnavailable` where the server
    supports no versions."""
    always = settings.promote == "always"
    if not settings.deployment:
        if always:
            await _without_versions(Deployment(client, DEPLOYMENT))
        return
    deployment, own = Deployment(client, settings.deployment), build_id(settings)
    try:
        await _promote(deployment, own, always=always)
    except RPCError as error:
        if error.status is RPCStatusCode.PERMISSION_DENIED:
            # It polls, and may well be current; only a person with more rights can see to it.
            log.error("this worker may not look at deployment %r (%s)", deployment.name, error.message)
            return
        raise ProviderUnavailable(
            f"Temporal does not take a worker with a version ({error.message})",
            field="REELWRIGHT_DEPLOYMENT",
            remedy="update the server, or set it to nothing to work without versions",
        ) from error


async def _promote(deployment: Deployment, own: str, *, always: bool) -> None:
    known = await _patiently(_AWAY)(deployment.described)()
    current = current_build(known.routing_config) if known else None
    if not always and current != own and known and was_chosen(known.routing_config):
        log.warning("version %s is current: this worker waits for `reelwright deploy promote %s`", current, own)
        return
    if current != own:
        await _set_current(deployment, own)
        log.info("version %s is current now", own)
    if always:
        await _take_over(deployment, own)


async def _without_versions(deployment: Deployment) -> None:
    """Versions were switched off: work that the earlier workers' version would get goes to those without one."""
    try:
        known = await _patiently(_AWAY)(deployment.described)()
    except RPCError as error:
        log.info("this server has no versions (%s)", error.message)
        return
    if known and current_build(known.routing_config) != UNVERSIONED:
        await _set_current(deployment, UNVERSIONED)
        await _take_over(deployment, UNVERSIONED)


async def _take_over(deployment: Deployment, own: str) -> None:
    """No workers of other versions are left; what is pinned to them would wait for ever."""
    known = await deployment.described()
    for summary in known.version_summaries if known else ():
        build = summary.deployment_version.build_id
        if build == own:
            continue
        async for run in deployment.pinned(build):
            if await _patiently(_AWAY)(deployment.unpin)(run):
                log.info("%s goes on with version %s; it was begun with %s", run.id, own, build)


def _patiently(statuses: Sequence[RPCStatusCode]) -> Any:
    return retry(
        retry=retry_if_exception(lambda error: isinstance(error, RPCError) and error.status in statuses),
        wait=wait_exponential(multiplier=0.1, max=5),
        before_sleep=before_sleep_log(log, logging.DEBUG),
    )


async def _set_current(deployment: Deployment, build: str) -> None:
    await _patiently(_NOT_YET)(deployment.set_current)(build, missing_queues=True)
