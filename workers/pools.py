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

from activities.batches.batching import Batching
from activities.content.channels import Channels
from activities.content.clips import Clips
from activities.content.costs import Costs
from activities.content.editorial import Editorial
from activities.content.material import Studio, Voices
from activities.content.own_media import OwnMedia
from activities.content.own_sound import OwnSound
from activities.content.records import Records
from activities.content.spoken import SpokenWords
from activities.harvesting.harvesting import Harvesting
from activities.publishing.composing import Composing
from activities.publishing.extras import Extras
from activities.publishing.posting import Publishing
from activities.publishing.quota import QuotaBooking
from activities.rendering.finished import Finishing
from activities.rendering.rendering import Rendering
from reelwright.domain.formats import Platform
from workflows import policies
from workflows.batches.batch import Batch
from workflows.content.pipeline import ContentPipeline
from workflows.harvesting.harvest_feeds import HarvestFeeds
from workflows.publishing.platforms import PUBLICATIONS
from workflows.rendering.render_video import RenderVideo

from .health import Health

log = logging.getLogger(__name__)

Activities = Sequence[Callable[..., Any]]
WORKFLOWS: tuple[type, ...] = (ContentPipeline, RenderVideo, HarvestFeeds, Batch, *PUBLICATIONS.values())
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
    harvesting: Harvesting
    batching: Batching

    @property
    def main(self) -> Activities:
        """What the main queue serves, beside the workflows."""
        return [
            self.records.open_content,
            self.records.record_decision,
            self.records.approve_posts,
            self.records.keep_place,
            self.records.find_place,
            self.records.close_content,
            self.channels.resolve_channel,
            self.costs.estimate_content,
            self.costs.estimate_material,
            self.editorial.read_feed,
            self.editorial.write_story,
            self.editorial.moderate_story,
            self.editorial.moderate_material,
            self.editorial.moderate_texts,
            self.voices.speak_scene,
            self.voices.check_voices,
            self.voices.settle_voice,
            self.spoken.time_words,
            self.extras.announce,
            self.composing.compose_texts,
            self.harvesting.due_sources,
            self.harvesting.read_source,
            self.harvesting.claimed_request,
            self.harvesting.mark_started,
            self.batching.batch_part,
            self.batching.do_item,
            self.batching.fail_item,
            self.batching.leave_rest,
        ]

    @property
    def platform(self) -> Activities:
        """What every platform's queue serves."""
        return [
            self.publishing.check_pictures,
            self.publishing.prepare_post,
            self.publishing.check_post,
            self.publishing.upload_video,
            self.publishing.read_ready,
            self.publishing.publish_video,
            self.publishing.reconcile_post,
            self.publishing.settle_post,
            self.publishing.read_processing,
            self.publishing.fail_post,
            self.quota.reserve_quota,
            self.quota.spend_quota,
            self.quota.release_quota,
            self.quota.note_spent,
            self.extras.attach_extra,
        ]


@dataclass(frozen=True)
class MediaActivities:
    """Who does the processor-bound work."""

    studio: Studio
    rendering: Rendering
    own_media: OwnMedia
    own_sound: OwnSound
    finishing: Finishing
    clips: Clips

    @property
    def served(self) -> Activities:
        """What the render and the gpu queue serve."""
        return [
            self.studio.draw_scene,
            self.studio.compose_music,
            self.clips.film_scene,
            self.own_media.take_media,
            self.own_media.take_frames,
            self.own_sound.take_narration,
            self.own_sound.take_music,
            self.finishing.finish_video,
            self.finishing.hear_video,
            self.finishing.caption_videos,
            self.rendering.check_style,
            self.rendering.keep_plan,
            self.rendering.mix_sound,
            self.rendering.plan_render,
            self.rendering.render_segment,
            self.rendering.join_format,
            self.rendering.write_captions,
            self.rendering.draw_thumbnails,
            self.rendering.draw_pictures,
            self.rendering.package_hls,
            self.rendering.inspect_video,
        ]


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
    main = Worker(
        client,
        task_queue=policies.MAIN_QUEUE,
        identity=identity,
        workflows=WORKFLOWS,
        activities=staff.main,
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
            activities=staff.platform,
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
        activities=staff.served,
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
