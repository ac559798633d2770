"""Activities on their own: what they hand back, and what they keep to themselves."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities import heartbeat
from activities.content.material import SpeakScene, Voices
from activities.heartbeat import beating
from activities.publishing.extras import Extras
from activities.publishing.posting import Publishing
from activities.rendering.rendering import Rendering
from reelwright.domain.assets import AssetRef
from reelwright.domain.content.story import Narration, Scene, WordTiming
from reelwright.domain.content.video import RenderedVideo
from reelwright.domain.content.voice import PLAIN, Delivery
from reelwright.domain.errors import InvalidInput, OutcomeUnknown, PlatformTransient, SessionLost
from reelwright.domain.formats import Platform, VideoFormat
from reelwright.domain.ids import effect_key
from reelwright.domain.ports.making import Speech
from reelwright.domain.publishing.posting import (
    AttachTask,
    Extra,
    ExtraKind,
    PostDraft,
    PostState,
    PublishedPost,
    PublishTask,
)
from workflows.failures import translate

from .fake_platforms import (
    FakePlatform,
    MemoryAccounts,
    MemoryApprovals,
    MemoryEffects,
    MemoryGate,
    MemoryPosts,
    MemorySlots,
)
from .fake_renderer import FakeRenderer
from .fakes import Makers, MemoryCatalog, MemoryMedia


async def publishing() -> tuple[Publishing, PublishTask, MemoryPosts, FakePlatform]:
    media, posts, youtube = MemoryMedia(), MemoryPosts(), FakePlatform()
    file = await media.put_bytes(b"a video" * 100, "video/mp4")
    video = RenderedVideo(
        format=VideoFormat.WIDE, file=file, width=1920, height=1080, fps=30, frames=30, duration_s=1.0
    )
    draft = PostDraft(platform=Platform.YOUTUBE, account="default", title="t", description="d", marker="rw1")
    task = PublishTask(content_id="c", key="k", draft=draft, video=video)
    publishing = Publishing(
        posts, media, MemoryGate(), MemoryAccounts(), {Platform.YOUTUBE: youtube}, MemoryApprovals(), MemorySlots()
    )
    return publishing, task, posts, youtube


async def test_an_upload_session_never_leaves_the_database() -> None:
    activities, task, posts, _ = await publishing()
    env = ActivityEnvironment()
    await env.run(activities.prepare_post, task)
    await env.run(activities.upload_video, task)
    assert posts.rows["k"].session is not None
    again = await env.run(activities.prepare_post, task)
    assert again.state is PostState.UPLOADING
    assert "marker" not in again.model_dump_json()


async def test_an_armed_post_is_not_posted_again() -> None:
    activities, task, posts, youtube = await publishing()
    env = ActivityEnvironment()
    await env.run(activities.prepare_post, task)
    await env.run(activities.upload_video, task)
    await posts.arm("k")
    with pytest.raises(OutcomeUnknown):
        await env.run(activities.publish_video, task)
    assert not youtube.posts


async def test_a_lost_session_is_begun_anew_by_the_next_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    activities, task, posts, youtube = await publishing()
    env = ActivityEnvironment()
    await env.run(activities.prepare_post, task)

    async def lost(*_: object) -> None:
        raise SessionLost("gone")

    with monkeypatch.context() as patch, pytest.raises(PlatformTransient):
        patch.setattr(youtube, "upload", lost)
        await env.run(activities.upload_video, task)
    assert posts.rows["k"].state is PostState.PREPARED
    await env.run(activities.upload_video, task)
    assert youtube.calls["begin"] == 2


async def test_a_scene_that_moved_is_not_spoken_again() -> None:
    makers, env = Makers(), ActivityEnvironment()
    voices = Voices(MemoryCatalog(), MemoryMedia(), makers)
    first = await env.run(
        voices.speak_scene, SpeakScene(content_id="c", scene=Scene(index=0, text="Hello."), language="en")
    )
    moved = await env.run(
        voices.speak_scene, SpeakScene(content_id="c", scene=Scene(index=3, text="Hello."), language="en")
    )
    assert makers.calls["speak"] == 1
    assert (first.scene, moved.scene) == (0, 3)
    assert moved.audio == first.audio


async def test_a_voice_reads_aloud_and_captions_keep_what_is_written() -> None:
    class Voice(Makers):
        async def speak(self, text: str, *, language: str, delivery: Delivery = PLAIN) -> Speech:
            given.append(text)
            words = tuple(WordTiming(text=word, start=at, end=at + 1) for at, word in enumerate(text.split()))
            return Speech(wav=b"RIFF" + text.encode(), duration_s=len(words), words=words)

    given: list[str] = []
    catalog, env = MemoryCatalog(), ActivityEnvironment()
    voices = Voices(catalog, MemoryMedia(), Voice())

    async def speak(text: str, **more: object) -> Narration:
        job = SpeakScene.model_validate(
            {"content_id": "c", "scene": Scene(index=0, text=text), "language": "en", **more}
        )
        return await env.run(voices.speak_scene, job)

    narration = await speak("It cost $5 in 1969.")
    assert [(word.text, word.end) for word in narration.words] == [
        ("It", 1), ("cost", 2), ("$5", 4), ("in", 5), ("1969.", 7),
    ]  # fmt: skip
    await speak("Nguyen won.")
    await speak("Nguyen won.", pronunciations={"Nguyen": "win"})
    assert given == ["It cost five dollars in nineteen sixty-nine.", "Nguyen won.", "win won."]
    # What is read as it is written keeps the key it had before there were rules.
    assert narration.record != effect_key("c", "speech", "fake", "It cost $5 in 1969.", "en")
    assert (await speak("Nguyen won.")).record == effect_key("c", "speech", "fake", "Nguyen won.", "en")
    assert len(given) == 3


async def test_heartbeats_carry_progress_and_stop_when_nothing_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_S", 0.01)
    monkeypatch.setattr(heartbeat, "NO_PROGRESS_S", 0.2)
    env, beats = ActivityEnvironment(), list[dict[str, object]]()
    env.on_heartbeat = lambda *details: beats.append(details[0])

    async def stuck() -> int:
        async with beating("work") as progress:
            progress(0.5)
            await asyncio.sleep(0.1)
            assert beats[-1] == {"label": "work", "share": 0.5}
            await asyncio.sleep(0.3)
            seen = len(beats)
            await asyncio.sleep(0.1)
            return len(beats) - seen

    assert await env.run(stuck) == 0


async def test_an_extra_is_looked_for_since_it_was_last_sent() -> None:
    _, task, _, youtube = await publishing()
    effects, env = MemoryEffects(), ActivityEnvironment()
    extra = Extra(kind=ExtraKind.COMMENT, name="comment", text="Hello?")
    attach = AttachTask(task=task, post=PublishedPost(post_id="v1"), extra=extra)
    youtube.lose_comment, begun = 2, []
    for _ in range(2):
        # Another worker each time, which knows only what is on record; the comment did not come through.
        afterwards = Extras(effects, MemoryMedia(), {Platform.YOUTUBE: youtube})
        with pytest.raises(ConnectionError):
            await env.run(afterwards.attach_extra, attach)
        youtube.comments.clear()
        begun.append(effects.begun["k/extra/comment"])
    await env.run(Extras(effects, MemoryMedia(), {Platform.YOUTUBE: youtube}).attach_extra, attach)
    assert begun[0] < begun[1], "sent again, it is waited for again"
    assert youtube.since == begun


async def test_scratch_is_removed_even_when_a_render_fails(tmp_path: Path) -> None:
    rendering = Rendering(MemoryCatalog(), MemoryMedia(), FakeRenderer(), tmp_path)
    with pytest.raises(RuntimeError):
        async with rendering._local.workdir() as folder:
            (folder / "half.mp4").write_bytes(b"x")
            raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_errors_travel_with_their_kind_and_their_retry_time() -> None:
    refused = translate(InvalidInput("no", field="topic", remedy="change it"))
    assert (refused.type, refused.non_retryable, refused.message) == ("InvalidInput", True, "topic: no; change it")
    later = translate(PlatformTransient("busy", retry_after_s=7))
    assert isinstance(later, ApplicationError)
    assert not later.non_retryable
    assert later.next_retry_delay is not None
    assert later.next_retry_delay.total_seconds() == 7


def test_asset_refs_are_values() -> None:
    ref = AssetRef(key="k", sha256="0" * 64, size=1, media_type="video/mp4")
    assert ref == AssetRef.model_validate_json(ref.model_dump_json())
