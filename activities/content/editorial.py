"""Words: read the feed, write the story, judge it."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from reelwright.domain.assets import AssetRef
from reelwright.domain.base import Model
from reelwright.domain.content.request import FeedItem
from reelwright.domain.content.story import ModerationVerdict, Story, WriteTask, require_size
from reelwright.domain.content.telling import EntryMemory, Telling
from reelwright.domain.ids import effect_key, sha256_of
from reelwright.domain.ports.making import Catalog, FeedReader, Moderator, Writer

from ..made import once


class ReadFeed(Model):
    """A feed's URL, for one content of a channel, which tells each entry once."""

    content_id: str
    url: str
    channel: str = "default"


class ModerateStory(Model):
    """A story to be judged."""

    content_id: str
    story: Story


@dataclass
class Editorial:
    """Makes the words of a content. What was read or written once for a key stays as it is."""

    catalog: Catalog
    feeds: FeedReader
    writer: Writer
    moderator: Moderator
    memory: EntryMemory | None = None

    @activity.defn
    async def read_feed(self, feed: ReadFeed) -> FeedItem:
        """The feed's newest entry with text that the channel has not told, fixed for this content from the first
        reading on."""

        async def make() -> tuple[FeedItem, tuple[AssetRef, ...], str, float]:
            if self.memory is None:
                return await self.feeds.newest(feed.url), (), "feed", 0.0
            telling = Telling(self.memory, feed.channel, feed.content_id)
            return await self.feeds.newest(feed.url, telling), (), "feed", 0.0

        key = effect_key(feed.content_id, "feed", feed.url)
        return await once(self.catalog, key, make, FeedItem, content_id=feed.content_id, step="feed")

    @activity.defn
    async def write_story(self, task: WriteTask) -> Story:
        """A story from whatever the request brings."""

        async def make() -> tuple[Story, tuple[AssetRef, ...], str, float]:
            story = require_size(await self.writer.write(task), field=task.request.source)
            return story, (), story.writer, story.usd

        key = effect_key(task.content_id, "writing", task)
        return await once(self.catalog, key, make, Story, content_id=task.content_id, step="writing")

    @activity.defn
    async def moderate_story(self, job: ModerateStory) -> ModerationVerdict:
        """Judges title and text; the verdict is filed beside the reviewers' decisions."""
        verdict = await self.moderator.judge(job.story)
        await self.catalog.record_decision(
            effect_key(job.content_id, "moderation", sha256_of(job.story), verdict.provider),
            content_id=job.content_id,
            kind="moderation",
            decision=verdict.decision,
            by=verdict.provider,
            note="; ".join(verdict.reasons),
            artifact_sha256=verdict.input_sha256,
        )
        return verdict
