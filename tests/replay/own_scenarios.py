"""What `record.py` records of the user's own media, finished videos, picture posts and budgets."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from temporalio.client import WorkflowHandle

from reelwright.domain.errors import BudgetSpent
from reelwright.domain.formats import Platform
from reelwright.domain.ids import content_workflow_id
from reelwright.providers.speech.espeak import EspeakSpeaker
from reelwright.providers.speech.sound import read_wav, wav_bytes
from tests import own_samples as samples
from tests.finished_videos import AAC, H264, spoken, video
from tests.workflow.conftest import FakeStudio, eventually
from tests.workflow.fake_feeds import feed_entry
from tests.workflow.fakes import own_intake
from tests.workflow.test_budget import PricedMakers
from tests.workflow.test_content_pipeline import question
from tests.workflow.test_picture_posts import PicturePlatform
from workflows import policies

TEXTS = ("The harbour wakes long before the sun does.", "Two boats are gone by 5, and nobody waves.")


async def own(studio: FakeStudio) -> None:
    """Own pictures, a clip, an intro, a narration and music, with one revision."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "a.png").write_bytes(samples.saved(samples.picture(), "PNG"))
        samples.clip(folder / "a.mp4", shades=lambda n: 20 * n)
        rate = 48_000
        pause = np.zeros(round(0.6 * rate))
        scenes = [read_wav((await EspeakSpeaker(rate=180).speak(text, language="en")).wav)[0] for text in TEXTS]
        said = np.concatenate([pause, *(part for scene in scenes for part in (scene, pause))])
        (folder / "said.wav").write_bytes(wav_bytes(said))
        tune = 0.3 * np.sin(2 * np.pi * 220 * np.arange(4 * rate) / rate)
        (folder / "tune.wav").write_bytes(wav_bytes(tune))
        named = {name: await _added(studio, folder / name) for name in ("a.png", "a.mp4", "said.wav", "tune.wav")}
    handle = await studio.start(
        {
            "script": "\n\n".join(TEXTS),
            "media": {"1": {"file": named["a.png"], "shows": "a harbour"}, "2": {"file": named["a.mp4"]}},
            "intro": {"file": named["a.mp4"]},
            "narration": {"file": named["said.wav"]},
            "music": {"file": named["tune.wav"]},
        },
        "content-own",
    )
    await question(handle)
    await handle.signal("review", {"decision": "revise", "reviewer": "e", "note": "other music"})
    await _approved(handle, revision=1)


async def pictures(studio: FakeStudio) -> None:
    """A picture post alone: nothing is rendered."""
    studio.platforms[Platform.X] = PicturePlatform(Platform.X)
    request = {"script": "\n\n".join(TEXTS), "platforms": ["x"], "posts": {"x": {"kind": "pictures"}}}
    await _approved(await studio.start(request, "content-pictures"))


async def finished(studio: FakeStudio) -> None:
    """A finished video with its script."""
    with tempfile.TemporaryDirectory() as made:
        said = str(await spoken(Path(made)))
        path = video(Path(made) / "good.mp4", *H264, *AAC, "-shortest", sounds=(said,))
        request: dict[str, Any] = {"video": {"9:16": await _added(studio, path)}, "title": "Tides"}
    await _approved(await studio.start(request, "content-finished", formats=None))


async def budget(studio: FakeStudio) -> None:
    """A spent budget, waited for until somebody raises it."""
    until = datetime.now(UTC) + timedelta(hours=5)
    spent = BudgetSpent("$1.00 of $1.00 is spent today", channel="kids", resets_at=until, field="budget.usd_per_day")
    studio.makers.estimate = PricedMakers.estimate.__get__(studio.makers)
    studio.catalog.refuses = [spent]
    handle = await studio.start({"script": "\n\n".join(TEXTS), "channel": "kids"}, "content-budget")

    async def waits() -> bool:
        return "waiting for budget" in (await handle.query("status"))["steps"].get("budget", "")

    await eventually(waits)
    await handle.signal("budget_changed")
    await _approved(handle)


async def harvest(studio: FakeStudio) -> None:
    """A source that fails, and one with two items, of which one was begun by a harvest that was ended before it noted
    that."""
    studio.feed_book.channel = "default"
    source = studio.feed_book.add("good")
    studio.feed_book.add("bad", "https://bad.example.org/feed")
    studio.feeds.documents[source.source.url] = [feed_entry(1), feed_entry(2)]
    studio.feed_book.fail["mark_started"] = 10_000
    first = await _harvest(studio, "first", {"sources": ["good"]})

    async def begun() -> bool:
        return studio.feed_book.calls["mark_started"] > 0

    await eventually(begun)
    await first.terminate("as if its machine had burned")
    studio.feed_book.fail.clear()
    await (await _harvest(studio, "second", {"sources": ["good", "bad"]})).result()
    for _, verdict in studio.feed_book.rows:
        await studio.client.get_workflow_handle(content_workflow_id(verdict.content_id)).result()


async def harvest_new(studio: FakeStudio) -> None:
    """Two new items, and a third with the text of the first under another address."""
    studio.feed_book.channel = "default"
    source = studio.feed_book.add("news")
    first = feed_entry(21)
    studio.feeds.documents[source.source.url] = [first, feed_entry(22), feed_entry(23, text=first.text)]
    result = await (await _harvest(studio, "new", {})).result()
    assert studio.feed_book.states() == {"started": 2, "duplicate": 1}
    assert len(result["started"]) == 2 and result["sources"][0]["duplicates"] == 1
    for content_id in result["started"]:
        await studio.client.get_workflow_handle(content_workflow_id(content_id)).result()


async def _harvest(studio: FakeStudio, name: str, request: dict[str, Any]) -> WorkflowHandle[Any, Any]:
    return await studio.client.start_workflow(
        "HarvestFeeds", request, id=f"harvest-feeds-{name}", task_queue=policies.MAIN_QUEUE
    )


async def _added(studio: FakeStudio, path: Path) -> str:
    """The address of a file that was added to the studio."""
    studio.scratch.mkdir(exist_ok=True)
    media = await own_intake(studio.media, studio.own).add(
        path, name=path.name, field="file", workdir=studio.scratch, progress=lambda share: None
    )
    return f"media:{media.file.sha256}"


async def _approved(handle: WorkflowHandle[Any, Any], revision: int = 0) -> None:
    seen = (await question(handle, revision)).artifact_sha256
    await handle.signal("review", {"decision": "approve", "reviewer": "e", "artifact_sha256": seen})
    await handle.result()


SCENARIOS = (own, pictures, finished, budget, harvest, harvest_new)
CONTAINS: dict[str, dict[str, int]] = {
    "harvest-feeds-second": {"activity read_source": 2, "activity mark_started": 2, "child ContentPipeline": 2},
    "harvest-feeds-new": {"activity due_sources": 1, "activity read_source": 1, "child ContentPipeline": 2},
}
"""As in `review_scenarios`: of what releases since 0.5 have."""
