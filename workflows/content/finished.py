"""Finished videos of the user's own, in place of what `Production` makes: checked, captioned where there is a script,
and refused before any review where a platform would refuse them. Nothing is generated."""

from __future__ import annotations

import asyncio

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.content.spoken import SpokenWords, TimeWords
    from activities.publishing.posting import Publishing
    from activities.rendering.finished import CaptionVideos, Finishing, FinishVideo, HearVideo
    from reelwright.domain.content.finished import (
        DeliveryRules,
        FinishedMaterial,
        FinishedVideo,
        require_one_length,
        story_of,
    )
    from reelwright.domain.content.request import ContentRequest
    from reelwright.domain.content.status import Stage
    from reelwright.domain.content.story import Narration, Story
    from reelwright.domain.content.taken import TakenMedia
    from reelwright.domain.content.video import CaptionFile, RenderedContent
    from reelwright.domain.errors import InvalidInput
    from reelwright.domain.publishing.posting import PublishTask

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..failures import read, translate
    from ..publishing.distribution import post_tasks
    from .board import Board


class FinishedVideos:
    """The finished videos of one content. What was checked once is on record."""

    def __init__(self, content_id: str, board: Board) -> None:
        self._id = content_id
        self._board = board
        self._videos: tuple[FinishedVideo, ...] = ()

    async def take(self, request: ContentRequest, taken: TakenMedia) -> None:
        """Checks each file for its format and makes it ready, before anything else is done."""
        if self._videos:
            return
        rules, queue = DeliveryRules.of(request.platforms), policies.media_queue(request.pool)
        work = [
            workflow.execute_activity_method(
                Finishing.finish_video,
                FinishVideo(
                    content_id=self._id,
                    format=format,
                    media=media,
                    rules=rules,
                    made_with_ai=request.made_with_ai,
                    title=request.title if request.made_with_ai else "",
                ),
                task_queue=queue,
                summary=f"finished video {format}",
                **policies.RENDER,
            )
            for format, media in taken.video.items()
        ]
        self._videos = tuple(await asyncio.gather(*work))
        self._board.step("videos", ", ".join(ready.video.format for ready in self._videos))
        for ready in self._videos:
            for note in ready.notes:
                self._board.note(note)

    def story(self, request: ContentRequest) -> Story:
        """The words where there is no script: nothing has to be written."""
        story = story_of(request)
        self._board.title = story.title
        return story

    async def material(self, request: ContentRequest, story: Story) -> FinishedMaterial:
        """What is judged and posted. Raises `InvalidInput` where one of the platforms would not take it."""
        self._board.enter(Stage.MATERIAL)
        rendered = RenderedContent(
            videos=tuple(ready.video for ready in self._videos),
            captions=(),
            thumbnails=tuple(ready.thumbnail for ready in self._videos),
            notes=tuple(note for ready in self._videos for note in ready.notes),
        )
        whole = FinishedMaterial(story=story, rendered=rendered)
        await self._check_posts(request, whole)
        if not story.scenes:
            return whole
        spoken, captions = await self._captions(request, story, rendered)
        told = rendered.model_copy(update={"captions": captions})
        return FinishedMaterial(story=story, rendered=told, spoken=spoken)

    async def _check_posts(self, request: ContentRequest, material: FinishedMaterial) -> None:
        """Each platform's own check, before a person looks at it and long before anything is posted."""
        tasks = post_tasks(self._id, request, material, material.rendered)
        refusals = [refusal for refusal in await asyncio.gather(*map(_refusal, tasks)) if refusal]
        if refusals:
            remedy = "change the file, or leave that platform out"
            raise translate(InvalidInput("; ".join(refusals), field="video", remedy=remedy))
        if tasks:
            self._board.step("platforms", ", ".join(task.draft.platform.value for task in tasks) + " would take it")

    async def _captions(
        self, request: ContentRequest, story: Story, rendered: RenderedContent
    ) -> tuple[Narration, tuple[CaptionFile, ...]]:
        """The script at the times at which it is said."""
        try:
            require_one_length(rendered.videos)
        except InvalidInput as error:
            raise translate(error) from error
        queue, video = policies.media_queue(request.pool), rendered.videos[0]
        hear = HearVideo(content_id=self._id, video=video)
        heard = await workflow.execute_activity_method(Finishing.hear_video, hear, task_queue=queue, **policies.RENDER)
        time = TimeWords(content_id=self._id, heard=heard, text=story.text, language=story.language)
        spoken = await workflow.execute_activity_method(SpokenWords.time_words, time, **policies.MAKE)
        write = CaptionVideos(
            content_id=self._id,
            story=story,
            spoken=spoken,
            formats=tuple(video.format for video in rendered.videos),
            seconds=video.duration_s,
        )
        written = await workflow.execute_activity_method(
            Finishing.caption_videos, write, task_queue=queue, **policies.RENDER
        )
        self._board.step("captions", ", ".join(dict.fromkeys(file.language for file in written.files)), share=1.0)
        return spoken, written.files


async def _refusal(task: PublishTask) -> str:
    """Why the platform would not take a post; empty where it would."""
    platform = task.draft.platform
    try:
        await workflow.execute_activity_method(
            Publishing.check_post, task, task_queue=policies.publish_queue(platform.value), **policies.RECORD
        )
    except FailureError as error:
        if is_cancelled_exception(error):
            raise
        return f"{platform.label}: {read(error).message.removeprefix('video: ')}"
    return ""
