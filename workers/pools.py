"""The pools: which worker serves which queue with which activities, and how one runs until it is stopped."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.content.channels import Channels
from activities.content.clips import Clips
from activities.content.costs import Costs
from activities.content.editorial import Editorial
from activities.content.material import Studio, Voices
from activities.content.own_media import OwnMedia
from activities.content.own_sound import OwnSound
from activities.content.records import Records
from activities.content.spoken import SpokenWords
from activities.publishing.composing import Composing
from activities.publishing.extras import Extras
from activities.publishing.posting import Publishing
from activities.publishing.quota import QuotaBooking
from activities.rendering.finished import Finishing
from activities.rendering.rendering import Rendering
from reelwright.domain.formats import Platform
from workflows import policies
from workflows.content.pipeline import ContentPipeline
from workflows.publishing.platforms import PUBLICATIONS
from workflows.rendering.render_video import RenderVideo

from .health import Health

log = logging.getLogger(__name__)

WORKFLOWS: tuple[type, ...] = (ContentPipeline, RenderVideo, *PUBLICATIONS.values())
CANCEL_LATENCY = timedelta(seconds=2)
"""Heartbeats are flushed to the server at least this often, which is how soon a cancel reaches an activity."""
GRACE = timedelta(seconds=20)
"""Time for running activities to end by themselves on shutdown; longer ones are retried elsewhere."""


@dataclass(frozen=True)
class CpuActivities:
    """Who does the light work."""

    records: Records
    channels: Channels
    costs: Costs
    editorial: Editorial
    voices: Voices
    spoken: SpokenWords
    publishing: Publishing
    composing: Composing
    quota: QuotaBooking
    extras: Extras


@dataclass(frozen=True)
class MediaActivities:
    """Who does the processor-bound work."""

    studio: Studio
    rendering: Rendering
    own_media: OwnMedia
    own_sound: OwnSound
    finishing: Finishing
    clips: Clips


def cpu_workers(
    client: Client,
    staff: CpuActivities,
    *,
    identity: str | None = None,
    deployment: WorkerDeploymentConfig | None = None,
) -> list[Worker]:
    """Workflows and light activities, and one activity-only worker per platform's queue. All are of one version, if
    there is one: a post that has waited for months is made by the adapters of the current version. `identity` is what
    they are called in Temporal; left out: the client's."""
    light: Sequence[Callable[..., Any]] = [
        staff.records.open_content,
        staff.records.record_decision,
        staff.records.approve_posts,
        staff.records.keep_place,
        staff.records.find_place,
        staff.records.close_content,
        staff.channels.resolve_channel,
        staff.costs.estimate_content,
        staff.editorial.read_feed,
        staff.editorial.write_story,
        staff.editorial.moderate_story,
        staff.editorial.moderate_material,
        staff.editorial.moderate_texts,
        staff.voices.speak_scene,
        staff.voices.check_voices,
        staff.voices.settle_voice,
        staff.spoken.time_words,
        staff.extras.announce,
        staff.composing.compose_texts,
    ]
    publish: Sequence[Callable[..., Any]] = [
        staff.publishing.check_pictures,
        staff.publishing.prepare_post,
        staff.publishing.check_post,
        staff.publishing.upload_video,
        staff.publishing.read_ready,
        staff.publishing.publish_video,
        staff.publishing.reconcile_post,
        staff.publishing.settle_post,
        staff.publishing.read_processing,
        staff.publishing.fail_post,
        staff.quota.reserve_quota,
        staff.quota.spend_quota,
        staff.quota.release_quota,
        staff.quota.note_spent,
        staff.extras.attach_extra,
    ]
    main = Worker(
        client,
        task_queue=policies.MAIN_QUEUE,
        identity=identity,
        workflows=WORKFLOWS,
        activities=light,
        deployment_config=deployment,
        max_concurrent_activities=8,
        max_heartbeat_throttle_interval=CANCEL_LATENCY,
        graceful_shutdown_timeout=GRACE,
    )
    platforms = [
        Worker(
            client,
            task_queue=policies.publish_queue(platform.value),
            identity=identity,
            activities=publish,
            deployment_config=deployment,
            max_concurrent_activities=8,
            max_heartbeat_throttle_interval=CANCEL_LATENCY,
            graceful_shutdown_timeout=GRACE,
            # Eager activities would pass by the queue's rate limit.
            disable_eager_activity_execution=True,
        )
        for platform in Platform
    ]
    return [main, *platforms]


def media_worker(
    client: Client,
    staff: MediaActivities,
    *,
    queue: str = policies.RENDER_QUEUE,
    slots: int = 2,
    identity: str | None = None,
) -> Worker:
    """Drawing, composing, mixing, encoding and measuring, `slots` at a time."""
    return Worker(
        client,
        task_queue=queue,
        identity=identity,
        activities=[
            staff.studio.draw_scene,
            staff.studio.compose_music,
            staff.clips.film_scene,
            staff.own_media.take_media,
            staff.own_media.take_frames,
            staff.own_sound.take_narration,
            staff.own_sound.take_music,
            staff.finishing.finish_video,
            staff.finishing.hear_video,
            staff.finishing.caption_videos,
            staff.rendering.check_style,
            staff.rendering.keep_plan,
            staff.rendering.mix_sound,
            staff.rendering.plan_render,
            staff.rendering.render_segment,
            staff.rendering.join_format,
            staff.rendering.write_captions,
            staff.rendering.draw_thumbnails,
            staff.rendering.draw_pictures,
            staff.rendering.package_hls,
            staff.rendering.inspect_video,
        ],
        max_concurrent_activities=slots,
        # Sooner than elsewhere: an encoder whose result is no longer needed delays others.
        max_heartbeat_throttle_interval=CANCEL_LATENCY / 2,
        graceful_shutdown_timeout=GRACE,
    )


async def _nothing() -> None:
    return


async def serve(
    client: Client,
    workers: Sequence[Worker],
    *,
    name: str,
    health: Health,
    when_polling: Callable[[], Awaitable[None]] = _nothing,
) -> None:
    """Runs the workers until SIGINT or SIGTERM, then lets running tasks end; both are recorded in `health`. The pool is
    ready when `when_polling`, which is called with the workers running, has returned."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    async with AsyncExitStack() as stack:
        for worker in workers:
            await stack.enter_async_context(worker)
        if await _done_before(stop, when_polling()):
            health.serves(client, workers)
            log.info("%s pool is started as %s", name, health.identity)
        await stop.wait()
        health.stops()
        log.info("%s pool is stopping", name)


async def _done_before(stop: asyncio.Event, work: Awaitable[None]) -> bool:
    """Whether the work was done when `stop` was set; what is not done by then is cancelled. Raises what it raises."""
    working, stopped = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not working.done():
        working.cancel()
        return False
    working.result()
    return True
