"""The makers of a content's material, as the pipeline calls them: words first, then everything else side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.content.editorial import Editorial, ModerateStory, ReadFeed
    from activities.content.material import (
        CheckVoices,
        ComposeMusic,
        DrawScene,
        SettleVoice,
        SpeakScene,
        Studio,
        Voices,
    )
    from activities.content.own_media import OwnMedia, TakeMedia
    from activities.content.seen import ModerateMaterial, TakeFrames
    from activities.rendering.rendering import CheckStyle, Rendering
    from reelwright.domain.content.finished import FinishedMaterial
    from reelwright.domain.content.judging import context_of
    from reelwright.domain.content.remake import Takes
    from reelwright.domain.content.request import ContentRequest
    from reelwright.domain.content.seen import SeenFindings, clips_of, pictures_of
    from reelwright.domain.content.status import Stage
    from reelwright.domain.content.story import (
        OWN,
        Material,
        ModerationVerdict,
        Music,
        Narration,
        Picture,
        Scene,
        Story,
        WriteTask,
    )
    from reelwright.domain.content.taken import NamedMedia, TakenMedia, TakenScene
    from reelwright.domain.text.incoming import words
    from reelwright.domain.text.spoken_language import language_for

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..failures import Ended, read
    from .board import Board
    from .budget import BudgetDesk
    from .own_sound import OwnSounds

MadeT = TypeVar("MadeT", Narration, Picture, Music)
WORDS_PER_SECOND = 2.6
"""Speech at about 160 words a minute: only for the length of music requested before the speech is measured."""


class Production:
    """Writes, judges and makes; what it has done before comes back from the books, not from the makers."""

    def __init__(self, content_id: str, board: Board, budget: BudgetDesk) -> None:
        self._id = content_id
        self._board = board
        self._budget = budget
        self._record = ""
        """The key the story is on record under; empty for what releases up to 0.2 wrote, which did not return it."""
        self.taken = TakenMedia()
        """The user's own media that the request names."""
        self.notes: tuple[str, ...] = ()
        """Notes for readers of the report."""

    async def check_style(self, request: ContentRequest) -> None:
        """Opens the files of the request's style, and looks for its fonts, before anything is spent: a reviewer's hours
        included."""
        style = request.style
        # Two branches: the outline of the first is compared with that of earlier releases.
        if (style.lut or style.brand.logo) and workflow.patched("style-files-first"):  # noqa: SIM114
            await self._look_at(request)
        elif style.fonts and workflow.patched("style-fonts-first"):
            await self._look_at(request)

    async def _look_at(self, request: ContentRequest) -> None:
        check, queue = CheckStyle(style=request.style), policies.media_queue(request.pool)
        await workflow.execute_activity_method(Rendering.check_style, check, task_queue=queue, **policies.MAKE)

    async def check_voices(self, request: ContentRequest) -> None:
        """Loads the voices that the request names, before anything is spent."""
        if request.named_voices and workflow.patched("voices-first"):
            check = CheckVoices(language=request.language, choices=request.named_voices)
            await workflow.execute_activity_method(Voices.check_voices, check, **policies.MAKE)

    async def _voice(self, language: str) -> str:
        """The voice of all scenes wherever none is named; empty where each scene's worker decides, as it did before."""
        if not workflow.patched("one-voice"):
            return ""
        asked = SettleVoice(language=language)
        settled = await workflow.execute_activity_method(Voices.settle_voice, asked, **policies.MAKE)
        return settled.voice

    async def with_item(self, request: ContentRequest) -> ContentRequest:
        """A feed's URL becomes the entry it has now; from here on the feed may change as it likes.

        An entry is spoken in its own language where the request names none.
        """
        item = request.item
        if request.feed is not None:
            self._board.enter(Stage.WRITING)
            feed = ReadFeed(content_id=self._id, url=request.feed, channel=request.channel)
            item = await workflow.execute_activity_method(Editorial.read_feed, feed, **policies.WRITE)
        if item is None:
            return request
        language, note = language_for(request, item)
        if note:
            self.notes += (note,)
            self._board.note(note)
        return request.model_copy(update={"feed": None, "item": item, "language": language})

    async def with_media(self, task: WriteTask) -> WriteTask:
        """Takes in the media that the task's request names, before anything is spent. A script's media lines then
        count."""
        named = NamedMedia.of(task.request)
        if not (named and workflow.patched("own-media")):
            self.taken = TakenMedia()
            return task
        count = len({address for _, address in named.addresses()})
        files = f"{count} file{'s' * (count != 1)}"
        self.taken = await self._taken(TakeMedia(content_id=self._id, named=named), task.request, f"take in {files}")
        self._board.step("own media", f"{files} checked")
        self._tell(self.taken.notes)
        return task.model_copy(update={"media_lines": True})

    async def _taken(self, job: TakeMedia, request: ContentRequest, summary: str) -> TakenMedia:
        """What is named, checked and stored. A host that is away is shown on the board and waited for, about a day."""
        options = policies.TAKE_ROUND if workflow.patched("own-media-waits") else policies.TAKE
        fields, waits = {field for field, _ in job.named.addresses()}, [*policies.TAKE_WAITS]
        while True:
            try:
                return await workflow.execute_activity_method(
                    OwnMedia.take_media,
                    job,
                    task_queue=policies.media_queue(request.pool),
                    summary=summary,
                    **options,
                )
            except FailureError as error:
                told = read(error)
                if is_cancelled_exception(error) or not (told.waits_for == "time" or told.kind == "TimeoutError"):
                    raise
                # What is ours (the database, the media store, a worker) is waited for without an end.
                if not waits and told.details.get("field") in fields:
                    raise
                wait = waits.pop(0) if waits else policies.TAKE_WAITS[-1]
                self._board.step("own media", f"waits for {told.message} (tried again in {wait.seconds // 60} min)")
                await workflow.sleep(wait)

    def _tell(self, notes: tuple[str, ...]) -> None:
        """On the board, and once in the report."""
        for note in notes:
            self._board.note(note)
        self.notes = (*self.notes, *(note for note in dict.fromkeys(notes) if note not in self.notes))

    async def write(self, task: WriteTask) -> Story:
        """The story, or another one after a revision."""
        self._board.enter(Stage.WRITING)
        source = f"from the {task.request.source}"
        asked = task.by_reference(self._record)
        story: Story = await self._budget.bought(
            lambda: workflow.execute_activity_method(Editorial.write_story, asked, summary=source, **policies.WRITE)
        )
        self._record = story.record
        self._board.title = story.title
        self._board.step(
            "story", f"{len(story.scenes)} scene{'s' * (len(story.scenes) != 1)} by {story.writer}", usd=story.spent
        )
        if story.notice:
            self._board.note(story.notice)
        if task.previous and task.previous.translations and not story.translations:
            lost = ", ".join(translation.language for translation in task.previous.translations)
            self._board.note(f"the translations ({lost}) were of the earlier script: their captions are left out")
        return story.booked()

    async def moderate(
        self, request: ContentRequest, story: Story, texts: Mapping[str, str] | None = None
    ) -> ModerationVerdict:
        """Judged before anything is spent on speech or pictures. `texts` are those of posts, by place, where they are
        judged in place of the request's."""
        self._board.enter(Stage.MODERATION)
        whole, context = None if self._record else story, context_of(request)
        if texts:
            context = context.model_copy(update={"texts": {**context.texts, **texts}})
        job = ModerateStory(content_id=self._id, record=self._record, story=whole, context=context)
        verdict = await workflow.execute_activity_method(Editorial.moderate_story, job, **policies.RECORD)
        self._board.step("moderation", ": ".join(filter(None, [verdict.decision, "; ".join(verdict.reasons)])))
        if verdict.decision == "block":
            raise Ended(Stage.BLOCKED, "blocked by moderation: " + "; ".join(verdict.reasons))
        return verdict

    async def look(self, request: ContentRequest, material: Material | FinishedMaterial) -> SeenFindings:
        """What is found on the pictures, once they are made and before a reviewer is asked."""
        clips, pictures = clips_of(material), pictures_of(material)
        unseen: tuple[str, ...] = ()
        if clips:
            take, queue = TakeFrames(content_id=self._id, clips=clips), policies.media_queue(request.pool)
            frames = await workflow.execute_activity_method(
                OwnMedia.take_frames, take, task_queue=queue, **policies.RENDER
            )
            pictures, unseen = (*pictures, *frames.pictures), frames.unseen
        job = ModerateMaterial(
            content_id=self._id,
            title=material.story.title,
            pictures=pictures,
            context=context_of(request),
            unseen=unseen,
        )
        found: SeenFindings = await workflow.execute_activity_method(Editorial.moderate_material, job, **policies.MAKE)
        if found.findings:
            self._board.step("moderation of pictures", "; ".join(found.reasons))
        if found.blocks:
            raise Ended(Stage.BLOCKED, "blocked by moderation: " + "; ".join(found.reasons))
        return found

    async def make(self, request: ContentRequest, story: Story, takes: Takes) -> Material:
        """Speech, pictures and music, side by side; `takes` is the take of each picture and of the music."""
        self._board.enter(Stage.MATERIAL)
        tally = _Tally(self._board, total=2 * len(story.scenes) + 1)
        media = policies.media_queue(request.pool)
        whole = None if self._record else story.untranslated
        seconds = len(words(story.text)) / WORDS_PER_SECOND
        voice = await self._voice(story.language)
        own = OwnSounds(self._id, request, self.taken, story, self._record)
        if own.named and workflow.patched("own-sound"):
            speech = [own.narration(scene) or self._speak(request, story, scene, voice) for scene in story.scenes]
        else:
            speech = [self._speak(request, story, scene, voice) for scene in story.scenes]
        pictures = [
            _ready(self._own_picture(scene))
            if self._own(scene) and workflow.patched("own-media")
            else self._draw(scene, whole, takes, media)
            for scene in story.scenes
        ]
        if own.named and workflow.patched("own-sound"):
            music = own.music(seconds) or self._compose(request, story, seconds, takes.music)
        else:
            music = self._compose(request, story, seconds, takes.music)
        spoken, drawn, composed = await asyncio.gather(
            asyncio.gather(*(tally.count("speech", work) for work in speech)),
            asyncio.gather(*(tally.count("pictures", work) for work in pictures)),
            tally.count("music", music),
        )
        self._tell(own.notes)
        return Material(
            story=story,
            narrations=tuple(spoken),
            pictures=tuple(drawn),
            music=composed,
            intro=self.taken.intro,
            outro=self.taken.outro,
            post_pictures=self.taken.pictures,
        )

    def _own(self, scene: Scene) -> TakenScene | None:
        """The user's own picture or clip for a scene."""
        return self.taken.of(scene)

    def _speak(self, request: ContentRequest, story: Story, scene: Scene, voice: str) -> Awaitable[Narration]:
        job = SpeakScene(
            content_id=self._id,
            scene=scene,
            language=story.language,
            pronunciations=request.pronunciations,
            delivery=request.delivery(scene.index, scene.turns),
            settled=voice,
        )
        return self._budget.bought(
            lambda: workflow.execute_activity_method(
                Voices.speak_scene, job, summary=f"speak scene {scene.index + 1}", **policies.MAKE
            )
        )

    def _draw(self, scene: Scene, whole: Story | None, takes: Takes, queue: str) -> Awaitable[Picture]:
        job = DrawScene(
            content_id=self._id,
            scene=scene,
            record=self._record,
            story=whole,
            take=takes.of(scene.text),
            brief=takes.brief(scene.text),
        )
        return self._budget.bought(
            lambda: workflow.execute_activity_method(
                Studio.draw_scene, job, task_queue=queue, summary=f"draw scene {scene.index + 1}", **policies.MAKE
            )
        )

    def _compose(self, request: ContentRequest, story: Story, seconds: float, take: int) -> Awaitable[Music]:
        job = ComposeMusic(content_id=self._id, mood=story.mood, duration_s=seconds, take=take)
        queue = policies.media_queue(request.pool)
        return self._budget.bought(
            lambda: workflow.execute_activity_method(
                Studio.compose_music, job, task_queue=queue, summary=f"music: {story.mood}", **policies.MAKE
            )
        )

    def _own_picture(self, scene: Scene) -> Picture:
        own = self._own(scene)
        assert own is not None
        shows = own.shows or scene.shows
        return Picture(scene=scene.index, image=own.image, provider=OWN, clip=own.clip, shows=shows)


async def _ready(made: MadeT) -> MadeT:
    """What there is nothing to do for."""
    return made


class _Tally:
    """Counts what has been made, for the board."""

    def __init__(self, board: Board, total: int) -> None:
        self._board = board
        self._total = total
        self._done: dict[str, int] = {}

    async def count(self, step: str, work: Awaitable[MadeT]) -> MadeT:
        made = await work
        self._done[step] = self._done.get(step, 0) + 1
        share = sum(self._done.values()) / self._total
        self._board.count(step, self._done[step], share=share, usd=made.spent)
        return made.booked()
