"""What must hold before a post is sent: no pause, an approval, the reviewed text, evidence, unchanged files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from reelwright.domain.errors import AssetCorrupt, PlatformPaused, PostRejected
from reelwright.domain.ports.ledgers import Approvals, Evidence, Gate, TextBook
from reelwright.domain.ports.making import MediaStore
from reelwright.domain.publishing.posting import PublishTask


@dataclass(frozen=True)
class Preconditions:
    """Checked again at every step, since each of them may change while a post waits. Without `evidence` no file is
    checked, without `texts` no text."""

    gate: Gate
    approvals: Approvals
    media: MediaStore
    evidence: Evidence | None = None
    texts: TextBook | None = None

    async def need_open(self, task: PublishTask) -> None:
        """Raises `PlatformPaused` where the platform or the account is paused."""
        pause = await self.gate.closed(task.draft.platform, task.draft.account)
        if pause:
            who = f"{pause.platform.label}{f' ({pause.account})' if pause.account else ''}"
            by = f" by {pause.by}" if pause.by else ""
            raise PlatformPaused(
                f"{who} is paused since {pause.since:%Y-%m-%d %H:%M} UTC{by}{f': {pause.note}' if pause.note else ''}",
                field=pause.platform.value,
                remedy=f"`reelwright platform resume {pause.platform.value}`",
            )

    async def need_allowed(self, task: PublishTask) -> None:
        """Raises `PostRejected` where the post is not approved, where its text is not the reviewed one, and where the
        evidence of what it is made of does not hold."""
        await self.approvals.need(task.content_id, task.approval_digest)
        await self._need_reviewed_text(task)
        if self.evidence is not None:
            await self.evidence.need(task.content_id, task.files)

    async def need_unchanged(self, task: PublishTask) -> None:
        """Reads all files of the post; raises `PostRejected` where one is not the one that was approved."""
        if self.evidence is None:
            return
        for name, ref in task.files:
            digest = hashlib.sha256()
            try:
                async for piece in self.media.read(ref):
                    digest.update(piece)
            except AssetCorrupt as error:
                raise _altered(task, name, error.message) from error
            if digest.hexdigest() != ref.sha256:
                raise _altered(task, name, f"its sha256 is {digest.hexdigest()[:12]} now, not {ref.sha256[:12]}")

    async def _need_reviewed_text(self, task: PublishTask) -> None:
        """Raises `PostRejected` where the stored text is not the one that was reviewed, or the post has another."""
        if not task.text_sha256:
            return
        kept = await self.texts.find(task.content_id, task.text_sha256) if self.texts else None
        if kept is None or kept.sha256 != task.text_sha256 or not kept.is_in(task.draft):
            raise PostRejected(
                f"the {task.draft.platform.label} text on record is not the one that was reviewed",
                field="text",
                remedy="have the content reviewed again",
            )


def _altered(task: PublishTask, name: str, why: str) -> PostRejected:
    """The error for a file that is not what was approved."""
    return PostRejected(
        f"the {name} in the media store is not the one that was approved: {why}",
        field="evidence",
        remedy=f"put the file back, then `reelwright retry {task.content_id}`; or make it anew under another id",
    )
