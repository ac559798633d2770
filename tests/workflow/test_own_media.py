"""Media of the user's own in a content: in the place of drawings, and refused before anything is spent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from reelwright.domain.content.material_lines import pictures_told
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import PipelineStatus, Stage
from reelwright.domain.content.story import Material
from reelwright.domain.content.taken import StoredMedia
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import ProviderUnavailable
from reelwright.domain.ports.rendering import Progress
from reelwright.providers.own.fetching import AWAY
from reelwright.providers.own.intake import OwnIntake
from reelwright.providers.writing.script import ScriptWriter
from reelwright.render.text.preferred import NO_FILES
from tests import own_samples as samples
from workflows import policies
from workflows.content.board import Board

from .conftest import FakeStudio
from .fakes import MemoryMedia, own_intake
from .test_content_pipeline import SCRIPT, question

pytestmark = pytest.mark.lengthy


@pytest.fixture(scope="module")
async def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[MemoryMedia, dict[str, StoredMedia]]:
    """A file of each kind, taken in once for all tests: the bytes, and the records by name."""
    folder, media = tmp_path_factory.mktemp("own"), MemoryMedia()
    (folder / "a.png").write_bytes(samples.saved(samples.picture(), "PNG"))
    files = {
        "picture": folder / "a.png",
        "clip": samples.clip(folder / "a.mp4", shades=lambda n: 20 * n),
        "sound": samples.sound(folder / "a.wav"),
        "short": samples.sound(folder / "short.wav", seconds=0.5),
    }
    intake = own_intake(media)
    return media, {
        name: await intake.add(path, name=path.name, field="file", workdir=folder, progress=lambda share: None)
        for name, path in files.items()
    }


@pytest.fixture
def own(studio: FakeStudio, stored: tuple[MemoryMedia, dict[str, StoredMedia]]) -> dict[str, str]:
    """The addresses of files that were added to the studio, by name."""
    media, records = stored
    studio.media.files |= media.files
    studio.own.rows |= {record.file.sha256: record for record in records.values()}
    return {name: f"media:{record.file.sha256}" for name, record in records.items()}


@pytest.fixture
def rendered(studio: FakeStudio, monkeypatch: pytest.MonkeyPatch) -> list[Material]:
    """The material that was rendered."""
    seen: list[Material] = []
    cut = studio.renderer.cut

    async def noted(plan: RenderPlan, format: Any, files: Mapping[str, Path] = NO_FILES) -> Any:
        seen.append(plan.material)
        return await cut(plan, format, files)

    monkeypatch.setattr(studio.renderer, "cut", noted)
    return seen


async def test_pictures_and_clips_are_used_where_they_are_named(
    studio: FakeStudio, own: dict[str, str], rendered: list[Material]
) -> None:
    handle = await studio.start(
        {
            "script": f"{SCRIPT}\n\nThe third scene is drawn.",
            "media": {
                "1": {"file": own["picture"], "shows": "a gradient"},
                "2": {"file": own["clip"], "sound": "mute", "fit": "loop", "start_s": 0.5},
            },
            "intro": {"file": own["clip"]},
            "auto_approve": True,
            "platforms": [],
        }
    )
    await handle.result()
    status: PipelineStatus = await handle.query("status", result_type=PipelineStatus)
    assert status.steps["own media"] == "2 files checked"
    [material] = rendered
    first, second, third = material.pictures
    assert (first.provider, first.clip, first.shows) == ("own", None, "a gradient")
    assert second.provider == "own" and second.clip is not None and second.image.media_type == "image/jpeg"
    assert (second.clip.sound, second.clip.fit, second.clip.start_s) == ("mute", "loop", 0.5)
    [(_, context)] = studio.makers.judged
    assert context is not None and context.texts == {"what the own picture of scene 1 shows": "a gradient"}
    assert second.image != studio.own.rows[own["clip"].removeprefix("media:")].still, "it begins later"
    assert third.provider == "fake" and studio.makers.calls["draw"] == 1
    assert material.intro is not None and material.intro.file == second.clip.file and material.outro is None
    assert "scene 1: own picture: a gradient" in pictures_told(material)
    assert "scene 2: own clip" in pictures_told(material)


async def test_media_lines_of_a_script_and_a_revised_one(
    studio: FakeStudio, own: dict[str, str], rendered: list[Material]
) -> None:
    studio.makers.write = ScriptWriter().write  # type: ignore[method-assign]
    script = (
        "The first scene has a picture drawn for it by the studio.\n\n"
        f"![A gradient]({own['picture']})\nThe second has its own."
    )
    handle = await studio.start({"script": script, "platforms": []})
    first = await question(handle)
    assert first.pictures[-1] == "scene 2: own picture: A gradient"
    revised = f"![A clip]({own['clip']})\nThere is only one scene left in it."
    await handle.execute_update(
        "submit_review",
        {
            "decision": "revise",
            "reviewer": "e",
            "note": "shorter",
            "script": revised,
            "artifact_sha256": first.artifact_sha256,
        },
    )
    second = await question(handle, 1)
    assert second.pictures == ("scene 1: own clip: A clip",)
    await handle.signal("review", {"decision": "approve", "reviewer": "e", "artifact_sha256": second.artifact_sha256})
    await handle.result()
    assert rendered[0].story.text == "There is only one scene left in it." and studio.makers.calls["draw"] == 1


NO_SUCH = "media:" + "a" * 64
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "not stored": (
        {"media": {"1": {"file": NO_SUCH}}},
        r"media\.1\.file: no file with the sha256 a{12}… is stored; add",
    ),
    "private address": ({"music": {"file": "https://127.0.0.1/a.mp3"}}, r"music\.file: 127\.0\.0\.1 is a private or"),
    "closed bucket": ({"intro": {"file": "s3://secrets/a.mp4"}}, r"intro\.file: the bucket secrets is not open"),
    "a local file in a script": (
        {"script": "![A cat](cat.jpg)\nCats sleep a lot."},
        r"script: 'cat\.jpg' is no address of media; store the file with `reelwright media add`",
    ),
    "sound as a picture": (
        {"media": {"1": {"file": "sound"}}},
        r"media\.1: a\.wav is an audio file; give a picture",
    ),
    "a picture as an intro": ({"intro": {"file": "picture"}}, r"intro: a\.png is a picture; give a video clip"),
    "a picture as music": ({"music": {"file": "picture"}}, r"music\.file: a\.png is a picture; give an audio file"),
    "a silent clip as a narration": (
        {"narration": {"file": "clip"}},
        r"narration\.file: a\.mp4 is a clip without sound; give an audio file",
    ),
    "short music": ({"music": {"file": "short"}}, r"music\.file: short\.wav is 0\.50 s long, shorter than a second"),
    "a start behind the end": (
        {"media": {"1": {"file": "clip", "start_s": 9}}},
        r"media\.1\.start_s: 9 s is behind its end at 1\.00 s; begin earlier",
    ),
    "a recording for no scene": (
        {"narration": {"scenes": {"1": "sound", "7": "sound"}}},
        r"narration\.scenes\.7: there is no scene 7; the story has 2",
    ),
    "a picture for no scene": ({"media": {"3": {"file": "picture"}}}, r"media\.3: there is no scene 3"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_cannot_be_used_is_refused_before_anything_is_spent(
    case: str, studio: FakeStudio, own: dict[str, str]
) -> None:
    fields, reason = REFUSED[case]

    def named(value: Any) -> Any:
        return {k: named(inner) for k, inner in value.items()} if isinstance(value, dict) else own.get(value, value)

    handle = await studio.start({"script": SCRIPT, **named(fields)})
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    assert isinstance(failed.value.cause, ApplicationError) and failed.value.cause.type == "InvalidInput"
    assert re.search(reason, str(failed.value.cause)), str(failed.value.cause)
    assert not {"speak", "draw", "compose"} & studio.makers.calls.keys()


async def test_a_request_without_own_media_takes_nothing_in(studio: FakeStudio) -> None:
    handle = await studio.start(ContentRequest(script=SCRIPT, auto_approve=True, platforms=()))
    await handle.result()
    names = [
        event.activity_task_scheduled_event_attributes.activity_type.name
        async for event in handle.fetch_history_events()
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert "take_media" not in names and "draw_scene" in names


class Away:
    """A host that is down for the first `times` tries."""

    def __init__(self, times: int, file: Path) -> None:
        self.times, self.file = times, file

    async def fetch(self, url: str, to: Path, *, field: str, progress: Progress) -> None:
        self.times -= 1
        if self.times >= 0:
            raise ProviderUnavailable("example.org cannot be reached (ConnectError)", field=field, remedy=AWAY)
        to.write_bytes(self.file.read_bytes())


def test_an_address_is_tried_for_about_a_day() -> None:
    assert timedelta(hours=23) < sum(policies.TAKE_WAITS, timedelta()) < timedelta(hours=26)


@pytest.mark.parametrize("times", [2, 9], ids=["hours", "for good"])
async def test_a_host_that_is_down_is_told_and_waited_for(
    times: int, studio: FakeStudio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "TAKE_WAITS", (timedelta(minutes=1), timedelta(hours=1)))
    monkeypatch.setitem(policies.TAKE_ROUND, "retry_policy", policies.ONCE)
    away = Away(times, samples.sound(tmp_path / "a.wav"))
    find = OwnIntake.find

    async def found(self: OwnIntake, *args: Any, **named: Any) -> StoredMedia:
        return await find(replace(self, sources={"https": away}), *args, **named)

    monkeypatch.setattr(OwnIntake, "find", found)
    seen: list[str] = []
    step = Board.step
    monkeypatch.setattr(
        Board, "step", lambda self, *told, **more: (seen.append(": ".join(told)), step(self, *told, **more))
    )
    music = {"music": {"file": "https://example.org/a.wav"}, "auto_approve": True, "platforms": []}
    handle = await studio.start({"script": SCRIPT, **music})
    line = f"music.file: example.org cannot be reached (ConnectError); {AWAY}"
    if times == 9:
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
        assert isinstance(failed.value.cause, ApplicationError) and failed.value.cause.message == line
        assert not studio.makers.calls
    else:
        assert (await handle.result()).status is Stage.DONE
    waits = [f"own media: waits for {line} (tried again in {minutes} min)" for minutes in (1, 60)]
    assert [told for told in seen if "waits for" in told] == waits
