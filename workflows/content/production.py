"""The makers of a content's material, as the pipeline calls them: words first, then everything else side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import TypeVar

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.content.clips import Clips, FilmScene
    from activities.content.editorial import Editorial, ModerateStory, ModerateTexts
    from activities.content.material import (
        ComposeMusic,
        DrawScene,
        SettleVoice,
        SpeakScene,
        Studio,
        Voices,
    )
    from activities.content.own_media import OwnMedia
    from activities.content.seen import ModerateMaterial, TakeFrames
    from reelwright.domain.content.fallbacks import mixed_pictures, told_of
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
    from reelwright.domain.content.taken import TakenScene
    from reelwright.domain.text.incoming import words

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..failures import Ended
    from .board import Board
    from .budget import BudgetGate
    from .intake import Intake
    from .own_sound import OwnSounds

MadeT = TypeVar("MadeT", Narration, Picture, Music)
WORDS_PER_SECOND = 2.6
"""Speech at about 160 words a minute: only for the length of music requested before the speech is measured."""


class Production:
    """Writes, judges and makes; what it has done before comes back from the books, not from the makers."""

    def __init__(self, content_id: str, board: Board, budget: BudgetGate, intake: Intake) -> None:
        self._id = content_id
        self._board = board
        self._budget = budget
        self._record = ""
        """The key the story is on record under; empty for what releases up to 0.2 wrote, which did not return it."""
        self._intake = intake

    async def _voice(self, language: str) -> str:
        """The voice of all scenes wherever none is named; empty where each scene's worker decides, as it did before."""
        if not workflow.patched("one-voice"):
            return ""
        asked = SettleVoice(language=language, content_id=self._id)
        settled = await workflow.execute_activity_method(Voices.settle_voice, asked, **policies.MAKE)
        return settled.voice

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
        self._intake.tell(told_of("story", [story]))
        if task.previous and task.previous.translations and not story.translations:
            lost = ", ".join(translation.language for translation in task.previous.translations)
            self._board.note(f"the translations ({lost}) were of the earlier script: their captions are left out")
        return story.booked()

    async def moderate(self, request: ContentRequest, story: Story) -> ModerationVerdict:
        """Judged before anything is spent on speech or pictures."""
        self._board.enter(Stage.MODERATION)
        whole = None if self._record else story
        job = ModerateStory(content_id=self._id, record=self._record, story=whole, context=context_of(request))
        verdict = await workflow.execute_activity_method(Editorial.moderate_story, job, **policies.RECORD)
        self._board.step("moderation", ": ".join(filter(None, [verdict.decision, "; ".join(verdict.reasons)])))
        if verdict.decision == "block":
            raise Ended(Stage.BLOCKED, "blocked by moderation: " + "; ".join(verdict.reasons))
        return verdict

    async def judge_texts(self, request: ContentRequest, story: Story, texts: Mapping[str, str]) -> SeenFindings:
        """What is found in the texts of posts, by place (`youtube text`)."""
        job = ModerateTexts(
            content_id=self._id, texts=dict(texts), language=story.language, context=context_of(request)
        )
        found: SeenFindings = await workflow.execute_activity_method(Editorial.moderate_texts, job, **policies.RECORD)
        return found

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
        return self.heeded(found, "moderation of pictures")

    def heeded(self, found: SeenFindings, step: str) -> SeenFindings:
        """The findings, shown on the board. Raises `Ended` where one blocks."""
        if found.findings:
            self._board.step(step, "; ".join(found.reasons))
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
        own = OwnSounds(self._id, request, self._intake.taken, story, self._record)
        if own.named and workflow.patched("own-sound"):
            speech = [own.narration(scene) or self._speak(request, story, scene, voice) for scene in story.scenes]
        else:
            speech = [self._speak(request, story, scene, voice) for scene in story.scenes]
        pictures = [
            _ready(self._own_picture(scene))
            if self._own(scene) and workflow.patched("own-media")
            else self._film(request, scene, whole, takes, media)
            if _has_clip(request, scene) and workflow.patched("clips")
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
        narrations = await self._one_speaker(spoken, request, story, voice)
        self._intake.tell(
            (
                *own.notes,
                *told_of("narration", narrations),
                *told_of("pictures", drawn),
                *told_of("music", [composed]),
                *mixed_pictures(drawn),
            )
        )
        return Material(
            story=story,
            narrations=tuple(narrations),
            pictures=tuple(drawn),
            music=composed,
            intro=self._intake.taken.intro,
            outro=self._intake.taken.outro,
            post_pictures=self._intake.taken.pictures,
        )

    async def _one_speaker(
        self, spoken: Sequence[Narration], request: ContentRequest, story: Story, voice: str
    ) -> Sequence[Narration]:
        """One speaker for all scenes: where another one had to take over in the middle of the story, the scenes before
        are spoken again by that one. Those that it has spoken come back from the books."""
        for _ in range(policies.SPEAKERS):
            speakers = {narration.by for narration in spoken if narration.by}
            if len(speakers) < 2 or not workflow.patched("one-speaker"):
                break
            self._board.step("speech", "spoken again: all scenes by one voice")
            scenes = {scene.index: scene for scene in story.scenes}
            again = [
                self._speak(request, story, scenes[narration.scene], voice) if narration.by else _ready(narration)
                for narration in spoken
            ]
            made = await asyncio.gather(*again)
            spent = sum(narration.spent for narration in made)
            self._board.step("speech", f"{len(made)} made", usd=spent)
            spoken = [narration.booked() for narration in made]
        return spoken

    def _own(self, scene: Scene) -> TakenScene | None:
        """The user's own picture or clip for a scene."""
        return self._intake.taken.of(scene)

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

    async def _film(
        self, request: ContentRequest, scene: Scene, whole: Story | None, takes: Takes, queue: str
    ) -> Picture:
        """A clip in the still's place; the still where nobody makes one."""
        still = await self._draw(scene, whole, takes, queue)
        job = FilmScene(
            content_id=self._id,
            scene=scene,
            still=still.booked(),
            seconds=max(len(words(scene.text)) / WORDS_PER_SECOND, 1.0),
            story=whole,
            record=self._record,
            shape=request.formats[0].nearest,
            take=takes.of(scene.text),
        )
        filmed = await self._budget.bought(
            lambda: workflow.execute_activity_method(
                Clips.film_scene, job, task_queue=queue, summary=f"clip of scene {scene.index + 1}", **policies.FILM
            )
        )
        if filmed.clip is None:
            spent = still.spent + (filmed.spent_usd or 0.0)  # clips that came to nothing may have cost something
            return still.model_copy(update={"fell_back": filmed.fell_back, "spent_usd": spent})
        told = filmed.fell_back
        if still.fell_back and workflow.patched("still-of-clip-told"):
            told = tuple(dict.fromkeys((*still.fell_back, *told)))
        return filmed.model_copy(update={"spent_usd": still.spent + filmed.spent, "fell_back": told})

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


def _has_clip(request: ContentRequest, scene: Scene) -> bool:
    """Whether a scene is to move: all are, or the first one and every third."""
    return request.clips == "all" or (request.clips == "some" and scene.index % 3 == 0)


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
