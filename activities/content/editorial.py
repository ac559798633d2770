"""Words: read the feed, write the story, judge it."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from reelwright.domain.base import Model
from reelwright.domain.chains import ProviderList
from reelwright.domain.content.judging import ModerationContext, with_findings
from reelwright.domain.content.request import FeedItem
from reelwright.domain.content.seen import SeenFindings
from reelwright.domain.content.story import ModerationVerdict, Story, WriteTask
from reelwright.domain.content.telling import EntryMemory, Telling
from reelwright.domain.ids import effect_key, sha256_of
from reelwright.domain.ports.channels import ChannelBook
from reelwright.domain.ports.making import Catalog, FeedReader, Moderator, Writer
from reelwright.domain.ports.repeats import RepeatJudge
from reelwright.policies import standard

from ..made import Made, once, recalled, told
from .buying import Buyer, Purchasing
from .seen import ModerateMaterial, Seeing
from .story_spec import StorySpec


class ReadFeed(Model):
    """A feed's URL, for one content of a channel, which uses each entry once."""

    content_id: str
    url: str
    channel: str = "default"


class ModerateStory(Model):
    """A story to be judged: itself, as older releases sent it, or its key on record. `context` is what the request has
    to do with it; older releases sent none."""

    content_id: str
    story: Story | None = None
    record: str = ""
    context: ModerationContext | None = None


class ModerateTexts(Model):
    """The texts of a content's posts, as they were composed, by place (`youtube text`)."""

    content_id: str
    texts: dict[str, str]
    language: str
    context: ModerationContext


@dataclass
class Editorial:
    """Makes the words of a content. What was read or written once for a key stays as it is. `writer` writes where there
    is no `purchasing` by which a chain of writers is asked."""

    catalog: Catalog
    feeds: FeedReader
    writer: Writer
    moderator: Moderator
    memory: EntryMemory | None = None
    channels: ChannelBook | None = None
    seeing: Seeing | None = None
    repeats: RepeatJudge | None = None
    writers: ProviderList[Writer] | None = None
    purchasing: Purchasing | None = None

    @activity.defn
    async def read_feed(self, feed: ReadFeed) -> FeedItem:
        """The feed's newest entry with text that the channel has not used, fixed for this content from the first read
        on."""

        async def make() -> Made[FeedItem]:
            telling = Telling(self.memory, feed.channel, feed.content_id) if self.memory else None
            return Made(await self.feeds.newest(feed.url, telling), provider="feed")

        key = effect_key(feed.content_id, "feed", feed.url)
        return (await once(self.catalog, key, make, FeedItem, content_id=feed.content_id, step="feed")).result

    @activity.defn
    async def write_story(self, task: WriteTask) -> Story:
        """A story from whatever the request brings."""
        if task.previous_record:
            # The key of what is written is that of the whole task, whichever way it has come here.
            previous = await recalled(self.catalog, task.previous_record)
            task = task.model_copy(update={"previous": previous, "previous_record": ""})

        kept = await self._buyer.buy(
            StorySpec(task.content_id, task),
            self.writers or ProviderList.of(self.writer),
            offline=task.request.script is not None,  # it is kept word for word
        )
        return told(kept)

    @property
    def _buyer(self) -> Buyer:
        return Buyer(self.catalog, purchasing=self.purchasing)

    @activity.defn
    async def moderate_story(self, job: ModerateStory) -> ModerationVerdict:
        """Judges title, text and posts by the policy that the content has from its channel; the verdict is filed beside
        the reviewers' decisions."""
        story = job.story or await recalled(self.catalog, job.record)
        kept = await self.channels.kept(job.content_id) if self.channels else None
        verdict = await self.moderator.judge(story, kept.policy if kept else None, job.context)
        context = job.context
        if self.repeats and context and context.channel and not context.allow_repeat and verdict.decision != "block":
            policy = (kept.policy if kept else None) or standard()
            verdict = with_findings(
                verdict, await self.repeats.judge_story(job.content_id, context.channel, story, policy)
            )
        judged_with = [verdict.policy, sha256_of(job.context)] if job.context else []
        await self.catalog.record_decision(
            effect_key(job.content_id, "moderation", sha256_of(story), verdict.provider, *judged_with),
            content_id=job.content_id,
            kind="moderation",
            decision=verdict.decision,
            by=verdict.provider,
            note="; ".join(verdict.reasons),
            artifact_sha256=verdict.input_sha256,
        )
        return verdict

    @activity.defn
    async def moderate_material(self, job: ModerateMaterial) -> SeenFindings:
        """Judges what is seen, by the policy that the content has from its channel; what is found is filed as the
        verdict on its words is."""
        kept = await self.channels.kept(job.content_id) if self.channels else None
        if self.seeing is None:
            return SeenFindings()
        policy = (kept.policy if kept else None) or standard()
        found = SeenFindings(findings=tuple(await self.seeing.findings(job, policy)))
        if not (found.findings or self.seeing.judge.name):
            return found  # nobody has judged
        judged = sha256_of([[picture.place, picture.file.sha256] for picture in job.pictures])
        await self.catalog.record_decision(
            effect_key(job.content_id, "moderation-seen", judged, sha256_of(found)),
            content_id=job.content_id,
            kind="moderation",
            decision=found.decision,
            by=self.seeing.judge.name or "rules",
            note="; ".join(found.reasons),
            artifact_sha256=judged,
        )
        return found

    @activity.defn
    async def moderate_texts(self, job: ModerateTexts) -> SeenFindings:
        """Judges the texts of posts as they will be posted; what is found is filed as the verdict on the story is."""
        kept = await self.channels.kept(job.content_id) if self.channels else None
        policy = (kept.policy if kept else None) or standard()
        found = await self.moderator.judge_texts(job.texts, policy, job.context, job.language)
        findings = SeenFindings(findings=tuple(found))
        judged = sha256_of(job.texts)
        await self.catalog.record_decision(
            effect_key(job.content_id, "moderation-texts", judged, sha256_of(findings)),
            content_id=job.content_id,
            kind="moderation",
            decision=findings.decision,
            by=self.moderator.name,
            note="; ".join(findings.reasons),
            artifact_sha256=judged,
        )
        return findings
