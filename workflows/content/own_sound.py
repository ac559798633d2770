"""The user's own narration and music in one making of a content's material."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.content.own_sound import OwnSound, TakeMusic, TakeNarration, TakenMusic, TakenNarration
    from reelwright.domain.content.request import ContentRequest
    from reelwright.domain.content.story import Music, Narration, Scene, Story
    from reelwright.domain.content.taken import StoredMedia, TakenMedia

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies

PAUSE_S = 3.0
"""Of music that is kept for each scene, besides twice the length of the speech: pauses, titles, short scenes."""


class OwnSounds:
    """What of the sound the user has brought; the rest is None, and is made."""

    def __init__(self, content_id: str, request: ContentRequest, taken: TakenMedia, story: Story, record: str) -> None:
        """`record` is the story's key, if it has one."""
        self._id = content_id
        self._request = request
        self._taken = taken
        self._story = story
        self._record = record
        self._queue = policies.media_queue(request.pool)
        self._at_once: asyncio.Task[TakenNarration] | None = None
        self.notes: tuple[str, ...] = ()
        """What a person should know of the recordings that have been taken."""
        self.named = bool(taken.narration or taken.narrations or taken.music)

    def narration(self, scene: Scene) -> Awaitable[Narration] | None:
        """A scene's narration: from its own recording, or from the one for all scenes that have none of their own."""
        if own := self._taken.narrations.get(scene.index + 1):
            return self._one(scene, own)
        if self._taken.narration is None:
            return None
        if self._at_once is None:
            rest = tuple(each.index for each in self._story.scenes if each.index + 1 not in self._taken.narrations)
            title = "narration" if len(rest) == len(self._story.scenes) else f"narration of {len(rest)} scenes"
            self._at_once = asyncio.create_task(self._take(self._taken.narration, "narration.file", rest, title))
        return _of(scene, self._at_once)

    def music(self, speech_s: float) -> Awaitable[Music] | None:
        """The music, for about so many seconds of speech."""
        if self._taken.music is None:
            return None
        return self._music(self._taken.music, speech_s)

    async def _one(self, scene: Scene, recording: StoredMedia) -> Narration:
        number = scene.index + 1
        field, title = f"narration.scenes.{number}", f"narration of scene {number}"
        return (await self._take(recording, field, (scene.index,), title)).narrations[0]

    async def _take(self, recording: StoredMedia, field: str, scenes: tuple[int, ...], title: str) -> TakenNarration:
        job = TakeNarration(
            content_id=self._id,
            file=recording.used,
            field=field,
            story=None if self._record else self._story.untranslated,
            record=self._record,
            scenes=scenes,
            pronunciations=self._request.pronunciations,
        )
        taken = await workflow.execute_activity_method(
            OwnSound.take_narration, job, task_queue=self._queue, summary=title, **policies.TAKE
        )
        self.notes += taken.notes
        return taken

    async def _music(self, recording: StoredMedia, speech_s: float) -> Music:
        """Only as much as the video may need is kept, in whole minutes, so that a changed word changes nothing."""
        voices = [self._taken.narration, *self._taken.narrations.values()]
        recorded = sum(voice.sound.duration_s for voice in voices if voice and voice.sound)
        ends = sum(clip.facts.duration_s for clip in (self._taken.intro, self._taken.outro) if clip)
        most_s = 2 * max(speech_s, recorded) + PAUSE_S * len(self._story.scenes) + ends
        job = TakeMusic(
            content_id=self._id,
            file=recording.used,
            mood=self._story.mood,
            start_s=self._taken.music_start_s,
            most_s=60.0 * math.ceil(most_s / 60 + 0.5),
        )
        taken: TakenMusic = await workflow.execute_activity_method(
            OwnSound.take_music, job, task_queue=self._queue, summary="music: the user's own", **policies.TAKE
        )
        self.notes += taken.notes
        return taken.music


async def _of(scene: Scene, taking: asyncio.Task[TakenNarration]) -> Narration:
    taken = await taking
    return next(narration for narration in taken.narrations if narration.scene == scene.index)
