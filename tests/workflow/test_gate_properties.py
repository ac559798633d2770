"""A guard for the gate: whatever is decided, in whatever order, nothing is rendered or posted but what was approved by
its own hash after it was shown, and each account gets one post.

Each seed is a run of moves on a real server: decisions as signals and updates, with and without hash, early, late,
doubled, contrary, by several reviewers, with revisions, resets and restarts of the workers in between. The test keeps
its own account of what a reviewer can have approved, and knows nothing of how the workflow decides it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import ContentResult, PipelineStatus, ReviewWanted, Stage
from reelwright.domain.content.story import Story, WriteTask
from reelwright.domain.content.video import FormatCut, RenderPlan
from reelwright.domain.formats import Platform, VideoFormat
from reelwright.domain.ids import publish_workflow_id, sha256_of
from reelwright.domain.ports.rendering import EncodedVideo
from reelwright.domain.publishing.posting import PublishTask
from reelwright.render.text.preferred import NO_FILES
from workers.pools import cpu_workers, media_worker
from workflows import policies

from .conftest import ONE_FORMAT, FakeStudio, looks
from .fake_renderer import FakeRenderer
from .fakes import Makers
from .resets import reset, task_ends

pytestmark = pytest.mark.lengthy

PLATFORMS = (Platform.YOUTUBE, Platform.X)
MOVES = 7


class WatchedRenderer(FakeRenderer):
    """Notes which material is rendered, and which video came of which."""

    def __init__(self) -> None:
        super().__init__()
        self.rendered: set[str] = set()
        self.videos: dict[bytes, str] = {}

    async def cut(self, plan: RenderPlan, format: VideoFormat, files: Mapping[str, Path] = NO_FILES) -> FormatCut:
        self.rendered.add(sha256_of(plan.material))
        return await super().cut(plan, format, files)

    async def join(
        self,
        plan: RenderPlan,
        format: VideoFormat,
        parts: Sequence[tuple[Path, int]],
        sound: Path,
        workdir: Path,
        progress: Callable[[float], None],
    ) -> EncodedVideo:
        made = await super().join(plan, format, parts, sound, workdir, progress)
        self.videos[made.path.read_bytes()] = sha256_of(plan.material)
        return made


class HeldMakers(Makers):
    """Writes when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.free = asyncio.Event()
        self.free.set()

    async def write(self, task: WriteTask) -> Story:
        await self.free.wait()
        return await super().write(task)


class Gate:
    """One content under moves, and what a reviewer can have approved of it."""

    def __init__(self, studio: FakeStudio, seed: int) -> None:
        self.rng = random.Random(seed)
        self.studio = studio
        self.makers, self.renderer = HeldMakers(), WatchedRenderer()
        studio.makers, studio.renderer = self.makers, self.renderer
        self.makers.verdict = self.rng.choice(["allow", "allow", "review"])
        self.id = f"content-gate-{seed}"
        self.two = seed % 3 == 2
        studio.review(reviewers=["ana", "bob"], second_person=self.two)
        self.shown: list[str] = []
        self.shows: dict[str, ReviewWanted] = {}
        self.approvers: dict[str, set[str]] = {}
        self.struck: set[str] = set()
        self.scripts = 0

    @property
    def handle(self) -> WorkflowHandle[Any, ContentResult]:
        return self.studio.client.get_workflow_handle(self.id, result_type=ContentResult)

    # --- what is seen ------------------------------------------------------------------------------------------------

    async def settled(self) -> ReviewWanted | None:
        """The open question, or None when the content has ended. Everything that is shown is remembered."""
        async for _ in looks():
            try:
                status = await self.handle.query("status", result_type=PipelineStatus)
            except RPCError:
                continue  # the workers are just coming back
            if status.review:
                self.shown.append(status.review.artifact_sha256)
                self.shows[status.review.artifact_sha256] = status.review
                return status.review
            if status.stage.final:
                return None
        raise AssertionError("it looks until it raises")

    @property
    def approved(self) -> set[str]:
        """The artifacts that as many people can have approved as must."""
        return {artifact for artifact, people in self.approvers.items() if len(people) > self.two}

    def check(self) -> None:
        """The property."""
        manifests = [self.shows[artifact].manifest for artifact in self.approved]
        materials = {manifest.material for manifest in manifests if manifest}
        assert self.renderer.rendered <= materials, "something was rendered that nobody approved"
        for platform in PLATFORMS:
            posts = self.studio.platforms[platform].posts
            assert len(posts) <= 1, f"{platform} has {len(posts)} posts"
            assert {self.renderer.videos[post] for post in posts} <= materials, "posted, but never approved"

    async def check_texts(self) -> None:
        """Each post has the texts of one approved question."""
        shown = [self.shows[artifact].texts for artifact in self.approved]
        for platform in PLATFORMS:
            id = publish_workflow_id(self.id.removeprefix("content-"), platform.value, "default")
            task = await self.studio.client.get_workflow_handle(id).query("task", result_type=PublishTask)
            assert any(text.is_in(task.draft) for texts in shown for text in texts), "posted with texts never approved"

    def approve(self, artifact: str, reviewer: str) -> None:
        """A reviewer of the list can have approved it."""
        if reviewer in ("ana", "bob"):
            self.approvers.setdefault(artifact, set()).add(reviewer)

    # --- what is sent ------------------------------------------------------------------------------------------------

    def decision(self, question: ReviewWanted | None, kind: str = "") -> dict[str, Any]:
        """Something a reviewer may send while `question` is open, or while none can be (None)."""
        kind = kind or self.rng.choice(["approve", "approve", "revise", "revise", "revise", "nonsense"])
        said: dict[str, Any] = {"decision": kind, "reviewer": self.rng.choice(["ana", "bob", "eve"])}
        if kind == "revise" and self.rng.random() < 0.6:
            self.scripts += 1
            said["script"] = f"Script number {self.scripts} is here.\n\nIt has two scenes."
        elif kind == "revise" and self.rng.random() < 0.4:
            self.scripts += 1
            said["texts"] = {self.rng.choice(PLATFORMS).value: {"text": f"Text number {self.scripts}."}}
        elif kind == "revise":
            said["note"] = self.rng.choice(["scene 1", "other pictures", "the music"])
        seen = self.rng.choice([None, None, "now", "before", "never"])
        if seen == "now" and question:
            said["artifact_sha256"] = question.artifact_sha256
        elif seen == "before" and self.shown:
            said["artifact_sha256"] = self.rng.choice(self.shown)
        elif seen == "never":
            said["artifact_sha256"] = "e" * 64
        if kind == "approve":
            named = said.get("artifact_sha256")
            if named in self.shown:
                self.approve(named, said["reviewer"])
            elif named is None and question and question.revision == 0 and not question.reasons:
                self.approve(question.artifact_sha256, said["reviewer"])
        return said

    async def send(self, said: dict[str, Any]) -> None:
        try:
            if self.rng.random() < 0.5:
                await self.handle.signal("review", said)
            else:
                await self.handle.execute_update("submit_review", said)
        except WorkflowUpdateFailedError as error:
            assert isinstance(error.cause, ApplicationError)
            self.struck.add("refused")
        except RPCError as error:
            assert "already completed" in error.message or "not found" in error.message, error.message
            self.struck.add("too late")

    # --- moves -------------------------------------------------------------------------------------------------------

    async def move(self, question: ReviewWanted | None) -> None:
        moves = [self.one, self.burst, self.burst, self.doubled, self.early, self.reset, self.by_hand]
        if question is None:
            moves = [self.late, self.reset, self.by_hand]
        chosen = self.rng.choice(moves)
        self.struck.add(chosen.__name__)
        await chosen(question)

    async def one(self, question: ReviewWanted | None) -> None:
        await self.send(self.decision(question))

    async def late(self, question: ReviewWanted | None) -> None:
        await self.send(self.decision(None))

    async def burst(self, question: ReviewWanted | None) -> None:
        """Several reviewers in the same moment."""
        await asyncio.gather(*(self.send(self.decision(question)) for _ in range(self.rng.randint(2, 4))))

    async def doubled(self, question: ReviewWanted | None) -> None:
        said = self.decision(question)
        await asyncio.gather(*(self.send(said) for _ in range(3)))

    async def early(self, question: ReviewWanted | None) -> None:
        """Decisions while the next question cannot be open: the writer is held."""
        self.makers.free.clear()
        try:
            await self.send(self.decision(question, "revise"))
            held = await self.handle.query("status", result_type=PipelineStatus)
            if held.stage is Stage.WRITING:
                self.struck.add("held")
                await asyncio.gather(*(self.send(self.decision(None)) for _ in range(3)))
        finally:
            self.makers.free.set()

    async def reset(self, question: ReviewWanted | None) -> None:
        ends = await task_ends(self.handle)
        await reset(self.studio.client, self.id, self.rng.choice(ends))

    async def by_hand(self, question: ReviewWanted | None) -> None:
        """Somebody starts a publication with another text."""
        platform = self.rng.choice(PLATFORMS)
        id = publish_workflow_id(self.id.removeprefix("content-"), platform.value, "default")
        try:
            task = await self.studio.client.get_workflow_handle(id).query("task", result_type=PublishTask)
        except RPCError:
            return
        draft = task.draft.model_copy(update={"title": "Buy now"})
        changed = task.model_copy(update={"draft": draft, "key": f"{task.key}/{self.rng.random()}"})
        type_ = {Platform.YOUTUBE: "PublishYouTube", Platform.X: "PublishX"}[platform]
        with pytest.raises(WorkflowFailureError) as failure:
            await self.studio.client.execute_workflow(
                type_, changed, id=f"{id}/by-hand-{self.rng.random()}", task_queue=policies.MAIN_QUEUE
            )
        assert "no approval is on record" in str(failure.value.cause)


@asynccontextmanager
async def pools(studio: FakeStudio) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for worker in [*cpu_workers(studio.client, studio.cpu()), media_worker(studio.client, studio.staff())]:
            await stack.enter_async_context(worker)
        yield


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.sample(2)
async def test_only_what_was_approved_is_rendered_and_posted(
    environment: WorkflowEnvironment, tmp_path: Path, seed: int
) -> None:
    studio = FakeStudio(environment, tmp_path)
    gate = Gate(studio, seed)
    script = "The first scene is here.\n\nThe second scene is here."
    request = ContentRequest(script=script, platforms=PLATFORMS, formats=ONE_FORMAT)
    left = MOVES
    await studio.client.start_workflow("ContentPipeline", request, id=gate.id, task_queue=policies.MAIN_QUEUE)
    while left:  # the workers are replaced now and then
        async with pools(studio):
            for _ in range(gate.rng.randint(1, left)):
                await gate.move(await gate.settled())
                left -= 1
                gate.check()
    async with pools(studio):
        while question := await gate.settled():  # liveness: an approval of what is shown still leads to the end
            seen = question.artifact_sha256
            person = "bob" if question.approved_by == "ana" else "ana"
            gate.approve(seen, person)
            await gate.send({"decision": "approve", "reviewer": person, "artifact_sha256": seen})
        result = await gate.handle.result()
        gate.check()
        await gate.check_texts()
    assert result.status in (Stage.DONE, Stage.INCOMPLETE)
    assert all(len(studio.platforms[platform].posts) == 1 for platform in PLATFORMS)
    print(f"seed {seed}: {sorted(gate.struck)}, {len(gate.shown)} shown, {len(gate.approved)} approved")
