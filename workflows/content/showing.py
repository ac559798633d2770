"""What a reviewer is shown: the material, the texts as they will be posted, and one digest over all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.publishing.composing import Composing
    from reelwright.domain.assets import AssetRef
    from reelwright.domain.content.changes import TextChange
    from reelwright.domain.content.decision import ReviewDecision
    from reelwright.domain.content.finished import FinishedMaterial
    from reelwright.domain.content.manifest import ReviewManifest
    from reelwright.domain.content.request import ContentRequest
    from reelwright.domain.content.story import Material
    from reelwright.domain.content.video import RenderedContent
    from reelwright.domain.formats import Platform
    from reelwright.domain.ids import sha256_of
    from reelwright.domain.publishing.posting import ApprovePosts, PublishTask
    from reelwright.domain.publishing.texts import NO_TEXTS, ComposedTexts, ComposeTexts, WantedText

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .. import policies
    from ..publishing.distribution import draft_of
    from ..rendering.preview import Preview

AnyMaterial = Material | FinishedMaterial
Changes = Mapping[Platform, TextChange]


@dataclass(frozen=True)
class Shown:
    """What is up for review, or was approved. `manifest` is None in contents of earlier releases: there the material
    alone is. `thumbnail` is the one that the approval chose, `approvers` how many people have approved it."""

    material: AnyMaterial
    manifest: ReviewManifest | None = None
    texts: ComposedTexts = NO_TEXTS
    thumbnail: AssetRef | None = None
    approvers: int = 1
    rendered: RenderedContent | None = None
    """What was rendered before the review."""

    @property
    def artifact_sha256(self) -> str:
        """What a decision names."""
        return self.manifest.sha256 if self.manifest else sha256_of(self.material)

    @property
    def thumbnails(self) -> tuple[AssetRef, ...]:
        """Those to choose from: where files exist before the review."""
        if self.manifest is None or self.rendered is None:
            return ()
        return tuple(dict.fromkeys(image.file for image in self.rendered.thumbnails))

    def approved(self, decisions: tuple[ReviewDecision, ...]) -> Shown:
        """The same as these decisions have approved it."""
        chosen = next((said.thumbnail for said in reversed(decisions) if said.thumbnail), None)
        thumbnail = self.thumbnails[chosen - 1] if chosen else None
        return replace(self, thumbnail=thumbnail, approvers=len(decisions))

    def approval_of(self, content_id: str, tasks: list[PublishTask]) -> ApprovePosts:
        """The record of the posts that are made of it."""
        return ApprovePosts(
            content_id=content_id,
            artifact_sha256=self.artifact_sha256,
            digests=tuple(task.approval_digest for task in tasks),
            shown=self.manifest,
            texts=tuple(task.text_sha256 for task in tasks if task.text_sha256),
            approvers=self.approvers,
        )


def shown_of(
    material: AnyMaterial, texts: ComposedTexts, findings: tuple[str, ...], preview: Preview | None = None
) -> Shown:
    """Takes the digest of everything that is shown."""
    finished = material.rendered if isinstance(material, FinishedMaterial) else None
    manifest = ReviewManifest(
        material=sha256_of(material),
        texts={text.place: text.sha256 for text in texts.texts},
        videos={video.format: video.file.sha256 for video in finished.videos} if finished else {},
        thumbnails={image.format: image.file.sha256 for image in finished.thumbnails} if finished else {},
        findings=sha256_of(list(findings)),
        timeline_sha256=preview.timeline_sha256 if preview else "",
        files=preview.files if preview else {},
    )
    return Shown(material, manifest, texts, rendered=finished or (preview.rendered if preview else None))


async def composed(content_id: str, request: ContentRequest, material: AnyMaterial, changes: Changes) -> ComposedTexts:
    """The posts' texts as they will be posted, with the changes that reviewers made to them."""
    posts: list[WantedText] = []
    for platform in request.platforms:
        draft = draft_of(platform, "", request, material)
        if change := changes.get(platform):
            draft = draft.model_copy(
                update={"title": change.title or draft.title, "caption": change.text or draft.caption}
            )
        posts.append(WantedText(draft=draft, accounts=request.accounts_on(platform)))
    if not posts:
        return NO_TEXTS
    wanted = ComposeTexts(content_id=content_id, posts=tuple(posts))
    texts: ComposedTexts = await workflow.execute_activity_method(Composing.compose_texts, wanted, **policies.RECORD)
    return texts
