"""A recorded narration and own music through the pipeline: real recordings, really cut; the rest is fakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import ContentResult, PipelineStatus, ReviewWanted, Stage
from reelwright.domain.content.story import Music, Narration
from reelwright.providers.recorded.recordings import OwnRecordings
from reelwright.providers.speech import espeak
from reelwright.providers.speech.espeak import EspeakSpeaker
from reelwright.providers.speech.sound import read_wav, wav_bytes

from .conftest import FakeStudio
from .fakes import own_intake
from .test_content_pipeline import question

pytestmark = pytest.mark.lengthy

TEXTS = ("The harbour wakes long before the sun does.", "Two boats are gone by 5, and nobody waves.")
SCRIPT = "\n\n".join(TEXTS)
RATE = 48_000


@pytest.fixture(scope="module")
async def recorded() -> tuple[np.ndarray, ...]:
    """The scenes, spoken by somebody whose voice is not the aligner's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(espeak, "VARIANT", "f3")
        speeches = [await EspeakSpeaker(rate=180).speak(text, language="en") for text in TEXTS]
    return tuple(read_wav(speech.wav)[0] for speech in speeches)


async def stored(studio: FakeStudio, folder: Path, samples: np.ndarray) -> str:
    """The address of a WAV file that is in the store."""
    path = folder / "sound.wav"
    path.write_bytes(wav_bytes(samples))
    media = await own_intake(studio.media, studio.own).add(
        path, name=path.name, field="file", workdir=folder, progress=lambda share: None
    )
    return f"media:{media.file.sha256}"


def with_pauses(*scenes: np.ndarray) -> np.ndarray:
    pause = np.zeros(round(0.6 * RATE))
    return np.concatenate([pause, *(part for scene in scenes for part in (scene, pause))])


def tune(seconds: float) -> np.ndarray:
    return 0.3 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * RATE)) / RATE)


def made_of(studio: FakeStudio, step: str) -> list[str]:
    return [result for key, result in studio.catalog.results.items() if f"/{step}/" in key]


async def start(studio: FakeStudio, **request: Any) -> WorkflowHandle[Any, ContentResult]:
    return await studio.start(ContentRequest(script=SCRIPT, **{"auto_approve": True, **request}))


async def decide(handle: WorkflowHandle[Any, ContentResult], wanted: ReviewWanted, decision: str, **more: str) -> None:
    said = {"decision": decision, "reviewer": "Ada", "artifact_sha256": wanted.artifact_sha256}
    await handle.execute_update("submit_review", {**said, **more})


async def test_a_recording_for_all_scenes_and_own_music_take_the_makers_places(
    studio: FakeStudio, recorded: tuple[np.ndarray, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []
    usual = OwnRecordings.narration

    async def counted(self: OwnRecordings, path: Path, readings: Any, **options: Any) -> Any:
        taken.append(" ".join(reading.source for reading in readings))
        return await usual(self, path, readings, **options)

    monkeypatch.setattr(OwnRecordings, "narration", counted)
    narration = await stored(studio, tmp_path, 0.01 * with_pauses(*recorded))
    music = await stored(studio, tmp_path, tune(4.0))
    named = {"narration": {"file": narration}, "music": {"file": music, "start_s": 1.5}}
    handle = await start(studio, **named, auto_approve=False)
    wanted = await question(handle)
    await decide(handle, wanted, "revise", note="scene 2: a boat at night")
    wanted = await question(handle, 1)
    await decide(handle, wanted, "approve")
    result = await handle.result()
    assert result.status is Stage.DONE and not {"speak", "compose"} & set(studio.makers.calls)
    assert taken == [" ".join(TEXTS)], "what was taken once is not taken again after a revision of pictures"
    assert not [reason for reason in wanted.reasons if "certainty" in reason]
    (kept,) = made_of(studio, "own-narration")
    assert all(text.split()[-1] in kept for text in TEXTS) and '"provider":"own"' in kept
    (tuned,) = made_of(studio, "own-music")
    assert '"duration_s":2.5' in tuned and '"mood":"curious"' in tuned
    assert [note for note in result.notes if "narration.file: the recording is" in note and "dB too quiet" in note]
    status = await handle.query("status", result_type=PipelineStatus)
    assert (status.steps["speech"], status.steps["music"]) == ("2 made", "1 made")


@pytest.mark.deep
async def test_a_scene_with_a_recording_of_its_own_and_the_rest_as_ever(
    studio: FakeStudio, recorded: tuple[np.ndarray, ...], tmp_path: Path
) -> None:
    own = {2: await stored(studio, tmp_path, recorded[1])}
    assert (await (await start(studio, narration={"scenes": own})).result()).status is Stage.DONE
    assert studio.makers.calls["speak"] == 1 and studio.makers.calls["compose"] == 1
    (kept,) = made_of(studio, "own-narration")
    assert '"scene":1' in kept and '"scene":0' not in kept
    both = {"scenes": own, "file": await stored(studio, tmp_path, recorded[0])}
    assert (await (await start(studio, narration=both)).result()).status is Stage.DONE
    assert studio.makers.calls["speak"] == 1, "one file for the scenes that have none of their own"


async def test_a_recording_of_another_text_is_listened_to_by_a_person(
    studio: FakeStudio, recorded: tuple[np.ndarray, ...], tmp_path: Path
) -> None:
    narration = await stored(studio, tmp_path, with_pauses(recorded[1], recorded[0]))
    handle = await start(studio, narration={"file": narration})
    wanted = await question(handle)
    assert [reason for reason in wanted.reasons if reason.startswith("scene 1: what is heard may not be its text")]
    assert [reason for reason in wanted.reasons if reason.startswith("scene 2: what is heard may not be its text")]
    await decide(handle, wanted, "reject")
    assert (await handle.result()).status is Stage.REJECTED


@pytest.mark.parametrize(
    ("field", "samples", "said"),
    [
        ("narration", np.zeros(2 * RATE), "narration.file: sound.wav is silent; record it again, or leave it out"),
        ("narration", tune(0.4), "narration.file: the recording has 0.4 s of speech, its text takes about 6 s"),
        ("music", tune(0.9), "music.file: sound.wav is 0.90 s long, shorter than a second"),
        ("music", np.zeros(2 * RATE), "music.file: sound.wav is silent; give a piece with sound"),
    ],
    ids=["silence", "too short", "short music", "silent music"],
)
@pytest.mark.sample(1)
async def test_sound_that_cannot_be_used_ends_it_with_the_field(
    studio: FakeStudio, tmp_path: Path, field: str, samples: np.ndarray, said: str
) -> None:
    handle = await start(studio, **{field: {"file": await stored(studio, tmp_path, samples)}})
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    assert said in str(caught.value.cause)


def test_music_of_an_earlier_release_has_the_same_json() -> None:
    asset = {"key": "a.wav", "sha256": "0" * 64, "size": 1, "media_type": "audio/wav"}
    old = {"usd": 0.0, "audio": asset, "duration_s": 1.0, "mood": "calm", "provider": "synth"}
    assert Music.model_validate(old).model_dump(mode="json") == old
    assert "overlap_s" in Music.model_validate({**old, "overlap_s": 1.0}).model_dump_json()
    assert "overlap_s" not in Narration.model_fields
