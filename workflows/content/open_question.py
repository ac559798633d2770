"""What is shown to the reviewer of a content's open question. Kept in memory alone, and put together for a query: the
history has nothing of it."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from reelwright.domain.content.finished import FinishedMaterial
    from reelwright.domain.content.request import ContentRequest
    from reelwright.domain.content.shown import ShownMaterial, before_of, composed_of, findings_of, scenes_of, texts_of
    from reelwright.domain.content.story import Material, ModerationVerdict, Story
    from reelwright.domain.content.video import RenderedContent
    from reelwright.domain.publishing.texts import PlatformText

# Reloaded inside the sandbox on purpose: these run as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from ..publishing.distribution import post_tasks
    from ..rendering.preview import Preview

NOTHING_RENDERED = RenderedContent(videos=(), captions=(), thumbnails=())


@dataclass(frozen=True)
class Question:
    """An open question. `previous` is the story before, as far as the task of a revision carries it; `preview` is
    what was rendered of the material before it was asked, `texts` those that were composed before."""

    request: ContentRequest
    material: Material | FinishedMaterial
    artifact: str
    revision: int
    verdict: ModerationVerdict
    previous: Story | None = None
    preview: Preview | None = None
    texts: tuple[PlatformText, ...] = ()


class OpenQuestion:
    """The open question, and the material of the one before it."""

    def __init__(self, content_id: str) -> None:
        self._id = content_id
        self._open: Question | None = None
        self._before: Material | FinishedMaterial | None = None

    def ask(self, question: Question) -> None:
        """A question is opened."""
        self._open = question

    def close(self) -> None:
        """It was answered."""
        if self._open is not None:
            self._before, self._open = self._open.material, None

    def shown(self) -> ShownMaterial | None:
        """All that the open question is about; None while there is none."""
        asked = self._open
        if asked is None:
            return None
        material, story = asked.material, asked.material.story
        preview = asked.preview
        rendered = material.rendered if isinstance(material, FinishedMaterial) else preview and preview.rendered
        return ShownMaterial(
            artifact_sha256=asked.artifact,
            revision=asked.revision,
            shows=preview.shows if preview else "final" if rendered else "material",
            title=story.title,
            description=story.description,
            language=story.language,
            scenes=scenes_of(material),
            texts=composed_of(asked.texts)
            or texts_of(post_tasks(self._id, asked.request, material, rendered or NOTHING_RENDERED)),
            findings=findings_of(asked.verdict),
            before=before_of(self._before, asked.previous),
            rendered=rendered,
            timeline_sha256=preview.timeline_sha256 if preview else "",
            hooks=story.hooks,
        )
