"""What the commands tell of contents: the same percent as the content itself, ids that work, addresses that answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import Mock

import pytest

from control.background import _laid_out
from control.contents import ContentFailed, ended
from control.listing import STAGES, Listed, _with_ids
from control.resolve import Content
from control.view import ContentView, _shown, view_of
from reelwright.domain.assets import AssetRef
from reelwright.domain.content.media import ClipFacts, SceneClip
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import ContentResult, PipelineStatus, ReviewWanted, Stage
from reelwright.domain.content.story import Narration, Scene, Story, WordTiming
from reelwright.domain.content.taken import TakenMedia
from reelwright.domain.content.video import RenderedVideo
from reelwright.domain.formats import Platform, VideoFormat
from reelwright.domain.publishing.posting import PostResult
from reelwright.render.plan.timeline import build_timeline
from reelwright.storage.contents import FiledContent, FiledDocuments, FiledResult
from starter import console
from starter.commands import _tell
from starter.looking import _status_fields
from starter.options import STAGES as COMPLETED_STAGES
from starter.review_shown import show

REF = AssetRef(key="k", sha256="0" * 64, size=1, media_type="v/m")
WHEN = datetime(2026, 11, 29, tzinfo=UTC)


def video(seconds: float) -> RenderedVideo:
    return RenderedVideo(
        format=VideoFormat.WIDE,
        file=REF,
        width=1920,
        height=1080,
        fps=30,
        frames=round(30 * seconds),
        duration_s=seconds,
    )


def test_status_says_the_percent_that_the_query_says() -> None:
    answer = PipelineStatus(content_id="c", stage=Stage.RENDERING, percent=38, steps={"story": "5 scenes"})
    view = _shown(Content("c", "content-c"), answer)
    assert view.model_dump(mode="json")["percent"] == answer.percent
    fields = dict(_status_fields(view, "57 % of the pictures"))
    assert (fields["stage"], fields["doing"]) == ("rendering, 38 %", "57 % of the pictures")


class Filed:
    """The database's view of one content."""

    def __init__(self, result: ContentResult | None) -> None:
        self._result = result.model_dump_json() if result else None

    async def documents(self, content_id: str) -> FiledDocuments:
        return FiledDocuments("{}", self._result)


def filed_as(status: str) -> Content:
    closed = None if status == "running" else WHEN
    row = FiledContent("c", "my-video", status, "Tides", "news", 0.5, WHEN, closed)
    return Content("c", "my-video", None, row)


async def test_what_temporal_does_not_know_is_told_from_the_database() -> None:
    result = ContentResult(content_id="c", workflow_id="my-video", status=Stage.DONE, title="Tides", notes=("mended",))
    view = await view_of(Mock(), Filed(result), filed_as("done"))  # type: ignore[arg-type]
    assert (view.stage, view.percent, view.title, view.notes) == ("done", 100, "Tides", ("mended",))
    assert (view.workflow_id, view.channel, view.cost_usd, view.final, view.dead) == (
        "my-video",
        "news",
        0.5,
        True,
        False,
    )


async def test_a_run_that_is_gone_without_an_end_is_lost_and_said_to_be() -> None:
    view = await view_of(Mock(), Filed(None), filed_as("running"))  # type: ignore[arg-type]
    assert (view.stage, view.final, view.dead) == ("lost", True, True)
    assert view.error == "Temporal knows no run of it" and "takes it up again" in view.remedy
    with pytest.raises(ContentFailed, match="ended without a result"):
        await ended(Mock(), Filed(None), filed_as("running"))  # type: ignore[arg-type]


def listed(content_id: str, workflow_id: str) -> Listed:
    return Listed(
        id=content_id, content_id=content_id, workflow_id=workflow_id, stage="done", title="", channel="", usd=0.0,
        review="", started=WHEN,
    )  # fmt: skip


def test_a_list_prints_ids_that_reach_one_content() -> None:
    rows = [listed("tides", "content-tides"), listed("own", "own"), listed("w1", "a b/c")]
    assert [row.id for row in _with_ids(rows)] == ["tides", "own", "w1"]
    twins = [listed("twin", "content-twin"), listed("twin", "twin"), listed("content-x", "content-content-x")]
    twins += [listed("x", "content-x")]
    assert [row.id for row in _with_ids(twins)] == [
        "workflow:content-twin", "workflow:twin", "workflow:content-content-x", "x",
    ]  # fmt: skip


def test_every_stage_can_be_completed_and_asked_for() -> None:
    assert set(COMPLETED_STAGES) == set(STAGES)


def told(capsys: pytest.CaptureFixture[str], result: ContentResult, *, stops: bool = False) -> str:
    _tell(result, Path("out/c"), stops=stops)
    return capsys.readouterr().err


def test_the_end_is_told_in_words_that_fit(capsys: pytest.CaptureFixture[str]) -> None:
    base = ContentResult(content_id="c", workflow_id="w", status=Stage.REJECTED, reason="rejected by anna: too [loud]")
    assert told(capsys, base) == "rejected by anna: too [loud]\n"
    one = base.model_copy(update={"status": Stage.DONE, "title": "Tides", "reason": "", "videos": (video(5.0),)})
    said = told(capsys, one)
    assert said.startswith("done Tides\n") and "1 video and report.json in out/c" in said
    assert "out/c/video-16x9.mp4" in said and "1 videos" not in said


def test_addresses_that_end_with_the_command_are_said_to(capsys: pytest.CaptureFixture[str]) -> None:
    post = PostResult(platform=Platform.X, account="default", status="posted", url="http://127.0.0.1:1/status/1")
    result = ContentResult(content_id="c", workflow_id="w", status=Stage.DONE, posts=(post,))
    assert "`reelwright up`" in told(capsys, result, stops=True)
    assert "`reelwright up`" not in told(capsys, result)
    real = post.model_copy(update={"url": "https://x.com/i/status/1"})
    assert "`reelwright up`" not in told(capsys, result.model_copy(update={"posts": (real,)}), stops=True)


def test_what_a_note_changes_is_said_before_it_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    class Asked(ReviewWanted):
        note_effect: str = "the note is kept; the text stays as it is"

    view = ContentView(content_id="c", workflow_id="w", stage="review", percent=35)
    show(view, Asked(artifact_sha256="a" * 64, revision=0, title="T", text="one\n[bold]two"))
    printed = capsys.readouterr().out
    assert "the text stays as it is" in printed and "\n[bold]two\n" in printed
    show(view, ReviewWanted(artifact_sha256="a" * 64, revision=0))
    assert "revise with a note" not in capsys.readouterr().out


def narrated(scene: int, text: str, seconds: float) -> FiledResult:
    words = tuple(WordTiming(text=word, start=0, end=seconds) for word in text.split())
    spoken = Narration(scene=scene, audio=REF, duration_s=seconds, words=words, provider="p")
    return FiledResult("speech", spoken.model_dump_json(), WHEN)


def test_scenes_are_told_only_as_they_were_delivered() -> None:
    scenes = (Scene(index=0, text="The moon pulls."), Scene(index=1, text="The sea comes."))
    story = Story(title="T", description="", scenes=scenes, writer="w")
    speech = [
        narrated(0, "An older text.", 9.0),
        narrated(0, "The moon pulls.", 2.0),
        narrated(1, "The sea comes.", 3.0),
    ]
    request = ContentRequest(script="The moon pulls. The sea comes.")

    def laid_out(seconds: float) -> tuple[Any, ...]:
        result = ContentResult(content_id="c", workflow_id="w", status=Stage.DONE, videos=(video(seconds),))
        return _laid_out(story, speech, request, result, build_timeline, TakenMedia())

    assert laid_out(60.0) == (), "another length: that is not the speech of this video"
    [length] = [seconds / 30 for seconds in range(150, 300) if laid_out(seconds / 30)][:1]
    first, second = laid_out(length)
    assert (first.text, first.duration_s, second.text, second.duration_s) == (
        "The moon pulls.",
        2.0,
        "The sea comes.",
        3.0,
    )
    assert 0 < first.start_s < first.start_s + 2.0 < second.start_s < length


def test_scenes_of_a_recording_begin_after_the_intro() -> None:
    scenes = (Scene(index=0, text="The moon pulls."), Scene(index=1, text="The sea comes."))
    story = Story(title="T", description="", scenes=scenes, writer="w")
    parts = [narrated(0, "The moon pulls.", 2.0), narrated(1, "The sea comes.", 3.0)]
    narrations = [json.loads(part.result_json) for part in parts]
    recorded = FiledResult("own-narration", json.dumps({"narrations": narrations}), WHEN)
    facts = ClipFacts(width=640, height=360, duration_s=4.0, fps=25.0)
    request, intro = ContentRequest(script="The moon pulls. The sea comes."), SceneClip(file=REF, facts=facts)

    def begins(own: TakenMedia) -> float:
        for seconds in range(150, 400):
            done = ContentResult(content_id="c", workflow_id="w", status=Stage.DONE, videos=(video(seconds / 30),))
            if told := _laid_out(story, [recorded], request, done, build_timeline, own):
                assert [scene.duration_s for scene in told] == [2.0, 3.0]
                return told[0].start_s
        raise AssertionError("no length fits")

    assert begins(TakenMedia(intro=intro)) == pytest.approx(begins(TakenMedia()) + 4.0, abs=0.7)


@pytest.mark.parametrize(
    ("trouble", "code"), [(KeyboardInterrupt(), 130), (BrokenPipeError(), 141), (KeyError("x"), 1), (SystemExit(1), 1)]
)
def test_how_a_command_ends(monkeypatch: pytest.MonkeyPatch, trouble: BaseException, code: int) -> None:
    codes: list[int] = []

    async def work() -> NoReturn:
        raise trouble

    monkeypatch.setattr("os._exit", codes.append)
    console.run(work())
    assert codes == [code]
