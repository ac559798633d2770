"""One render as users have it: the workflow on a real Temporal server, the render pool of two slots, PostgreSQL and a
media store in a folder. What comes after its last segment is read from its history."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.content.clips import Clips
from activities.content.material import Studio
from activities.content.own_media import OwnMedia
from activities.content.own_sound import OwnSound
from activities.rendering.finished import Finishing
from activities.rendering.rendering import Rendering
from bench.publish.stage import database
from reelwright.domain.assets import AssetRef
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.formats import VideoFormat
from reelwright.drawn.illustrator import DrawnIllustrator
from reelwright.providers.music.synth import SynthComposer
from reelwright.providers.recorded.recordings import OwnRecordings
from reelwright.render import LocalRenderer
from reelwright.render.finished.finisher import LocalFinisher
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.media import LocalMediaStore
from workers.connect import connect
from workers.local.services import find_temporal
from workers.media import own_intake
from workers.pools import MediaActivities, media_worker
from workers.settings import Settings
from workflows import policies, search
from workflows.rendering.render_video import RenderVideo

from .assets import Assets

FIGURES = "studio.json"
_TYPES = {".png": "image/png", ".wav": "audio/wav"}


async def run(assets: Assets, work: Path, formats: tuple[VideoFormat, ...]) -> None:
    """Renders the plan and writes `FIGURES`: `tail_s`, seconds from the end of the last segment to the end of the
    render; `inspect_s` and `cpu_s`, what inspection and the whole pool took, in seconds of a processor."""
    media = LocalMediaStore(work / "media")
    plan = await _stored(assets, media)
    plan = plan.model_copy(update={"formats": formats})
    temporal = WorkflowEnvironment.start_local(
        dev_server_existing_path=find_temporal(), search_attributes=search.ALL, dev_server_log_level="error"
    )
    async with database(work, 4) as pool, await temporal as server:
        client = await connect(server.client.service_client.config.target_host)
        catalog = PostgresCatalog(pool)
        await catalog.open_content(
            plan.content_id, workflow_id="bench", request_json="{}", request_sha256="0" * 64, request_key=None
        )
        before = _cpu_s()
        async with LocalRenderer() as renderer:
            staff = MediaActivities(
                studio=Studio(catalog, media, DrawnIllustrator(), SynthComposer()),
                rendering=Rendering(catalog, media, renderer, work / "scratch"),
                own_media=OwnMedia(catalog, own_intake(Settings(), pool, media), work / "scratch"),
                own_sound=OwnSound(catalog, media, OwnRecordings(), work / "scratch"),
                finishing=Finishing(catalog, media, LocalFinisher(), work / "scratch"),
                clips=Clips(catalog, media, own_intake(Settings(), pool, media), work / "scratch"),
            )
            orchestra = Worker(client, task_queue=policies.MAIN_QUEUE, workflows=[RenderVideo])
            async with orchestra, media_worker(client, staff):
                handle = await client.start_workflow(RenderVideo.run, plan, id="bench", task_queue=policies.MAIN_QUEUE)
                await handle.result()
        # The renderer's processes have ended and are counted; the servers' have not.
        figures = {"cpu_s": _cpu_s() - before, "inspect_s": renderer.inspecting_s}
        figures["tail_s"] = tail_of(await handle.fetch_history())
    (work / FIGURES).write_text(json.dumps(figures))


def tail_of(history: WorkflowHistory) -> float:
    """Seconds from the end of a render's last segment to the end of the render."""
    begun: dict[int, str] = {}
    last = 0
    for event in history.events:
        if event.HasField("activity_task_scheduled_event_attributes"):
            begun[event.event_id] = event.activity_task_scheduled_event_attributes.activity_type.name
        elif event.HasField("activity_task_completed_event_attributes"):
            scheduled = event.activity_task_completed_event_attributes.scheduled_event_id
            if begun[scheduled] == "render_segment":
                last = event.event_time.ToNanoseconds()
    return (history.events[-1].event_time.ToNanoseconds() - last) / 1e9


async def _stored(assets: Assets, media: LocalMediaStore) -> RenderPlan:
    """The plan, with its files in the media store."""
    refs = {sha256: await media.put(path, _TYPES[path.suffix]) for sha256, path in assets.files.items()}
    return RenderPlan.model_validate(_renamed(assets.plan.model_dump(mode="json"), refs))


def _renamed(value: Any, refs: Mapping[str, AssetRef]) -> Any:
    if isinstance(value, dict):
        if value.get("sha256") in refs:
            return refs[value["sha256"]].model_dump(mode="json")
        return {key: _renamed(item, refs) for key, item in value.items()}
    return [_renamed(item, refs) for item in value] if isinstance(value, list) else value


def _cpu_s() -> float:
    """What this process and those it has waited for have used, in seconds of a processor."""
    return sum(os.times()[:4])
