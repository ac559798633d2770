"""What follows a post: thumbnails, captions, comments, and notices for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from temporalio import activity

from reelwright.domain.errors import OutcomeUnknown, ReelwrightError
from reelwright.domain.formats import Platform
from reelwright.domain.ports.ledgers import EffectLedger
from reelwright.domain.ports.making import MediaStore
from reelwright.domain.ports.publishing import AddsExtras, Announcer, Publisher
from reelwright.domain.publishing.posting import AttachTask, ExtraResult, Notice

from ..heartbeat import in_time
from .files import files_of
from .posting import adapter_of


@dataclass
class Extras:
    """Small effects, each once: a row in `effects` before, its result after."""

    effects: EffectLedger
    media: MediaStore
    publishers: Mapping[Platform, Publisher]
    announcer: Announcer | None = None

    @activity.defn
    async def attach_extra(self, attach: AttachTask) -> ExtraResult:
        """Adds an extra to a post that exists. One that may have been added before is looked for; where the platform
        does not report it, it is left out rather than doubled. A refusal is a note, not a failure of the post. Like the
        post itself it is never made late, by an attempt that another has followed."""
        async with in_time(f"adding the {attach.extra.name} on {attach.task.draft.platform.label}"):
            return await self._attach(attach)

    async def _attach(self, attach: AttachTask) -> ExtraResult:
        task, extra = attach.task, attach.extra
        publisher, key = adapter_of(self.publishers, task.draft.platform), _key(attach, extra.name)
        if not isinstance(publisher, AddsExtras):
            label = task.draft.platform.label
            note = f"{extra.name}: {label} takes none through its API; add it in {label} itself"
            return ExtraResult(name=extra.name, status="failed", note=note)
        state = await self.effects.begin(key)
        if state == "done":
            return ExtraResult(name=extra.name, status="done", id=await self.effects.result(key))
        if state == "begun":
            known = await publisher.attached(task.draft, attach.post, extra, await self.effects.begun_at(key))
            if known is None:
                note = f"{extra.name}: {task.draft.platform.label} does not tell whether it is there; not repeated"
                return ExtraResult(name=extra.name, status="skipped", note=note)
            if known:
                await self.effects.done(key, known)
                return ExtraResult(name=extra.name, status="done", id=known)
            await self.effects.again(key)
        before = await self.effects.result(_key(attach, extra.after)) if extra.after else ""
        if extra.after and not before:
            return ExtraResult(name=extra.name, status="skipped", note=f"{extra.name}: {extra.after} is missing")
        try:
            done = await publisher.attach(task.draft, attach.post, extra, files_of(self.media, task), before)
        except ReelwrightError as error:
            if error.retryable or not error.certain:
                raise
            await self.effects.forget(key)
            return ExtraResult(name=extra.name, status="failed", note=f"{extra.name}: {error}")
        await self.effects.done(key, done)
        return ExtraResult(name=extra.name, status="done", id=done)

    @activity.defn
    async def announce(self, notice: Notice) -> None:
        """Sends a notice to the channel's people, once at most: a message that may have been sent is not sent again."""
        if self.announcer is None or await self.effects.begin(notice.key) != "new":
            return
        try:
            await self.announcer.announce(notice)
        except OutcomeUnknown as error:
            activity.logger.warning("%s", error)
        except Exception:
            await self.effects.forget(notice.key)
            raise
        await self.effects.done(notice.key, "told")


def _key(attach: AttachTask, name: str) -> str:
    return f"{attach.task.key}/extra/{name}"
