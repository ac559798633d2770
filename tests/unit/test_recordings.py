"""The user's own recordings: a narration is cut where its scenes end, and music is repeated without a seam."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from reelwright.domain.content.story import SURE_ENOUGH
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ports.making import Speech
from reelwright.domain.ports.own_sound import RecordedMusic, RecordedSpeech
from reelwright.domain.text.spoken.reading import read_aloud
from reelwright.providers.recorded.recordings import OwnRecordings
from reelwright.providers.speech import espeak
from reelwright.providers.speech.espeak import EspeakSpeaker
from reelwright.providers.speech.piper import PiperSpeaker
from reelwright.providers.speech.sound import read_wav, wav_bytes
from reelwright.providers.speech.voices import installed_voices
from reelwright.providers.speech.warping import frames_of, warp
from reelwright.render.sound.tracks import SAMPLE_RATE, Track, write_track

pytestmark = pytest.mark.lengthy

RATE = 48_000
TEXTS = (
    "An octopus has three hearts, and two of them pump blood through the gills.",
    "In 1969 it cost $5 to see one. Today you can watch it at home",
    "Its arms taste what they touch, each with a mind of its own.",
)
OTHER = (
    "Bread needs only flour, water and salt, and a lot of time.",
    "Let the dough rest overnight in a cool place, covered with a cloth.",
    "Then bake it in a very hot oven, slowly.",
)
GAPS = (0.7, 0.4, 0.9, 0.6)


@dataclass(frozen=True)
class Spoken:
    """Scenes spoken by Joe. `recorded` puts them behind each other: the sound, and where each scene begins and ends."""

    speeches: tuple[Speech, ...]

    def recorded(self, gaps: Sequence[float] = GAPS) -> tuple[np.ndarray, list[tuple[float, float]]]:
        parts, spans, at = [np.zeros(0)], [], 0.0
        for gap, speech in zip(gaps, self.speeches, strict=False):
            parts += [np.zeros(round(gap * RATE)), read_wav(speech.wav)[0]]
            spans.append((at + gap, at + gap + speech.duration_s))
            at = spans[-1][1]
        return np.concatenate([*parts, np.zeros(round(gaps[-1] * RATE))]), spans


@pytest.fixture(scope="module")
async def spoken() -> Spoken:
    joe = PiperSpeaker(installed_voices()[0])
    try:
        said = (
            TEXTS[0],
            "In nineteen sixty nine it cost five dollars to see one. Today you can watch it at home",
            TEXTS[2],
        )
        return Spoken(tuple([await joe.speak(text, language="en") for text in said]))
    finally:
        await joe.close()


def stored(folder: Path, samples: np.ndarray, *arguments: str, rate: int = RATE, name: str = "recording") -> Path:
    """A sound file: WAV, or what FFmpeg makes of it."""
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    raw = ("-f", "f32le", "-ar", str(rate), "-ac", str(channels), "-i", "-")
    command = (get_ffmpeg_exe(), "-v", "error", "-y", *raw, *(arguments or ("-f", "wav")), str(folder / name))
    subprocess.run(command, input=samples.astype("<f4").tobytes(), check=True)
    return folder / name


async def taken(path: Path, texts: Sequence[str] = TEXTS, language: str = "en") -> RecordedSpeech:
    return await OwnRecordings().narration(
        path,
        [read_aloud(text, language) for text in texts],
        language=language,
        field="narration.file",
        workdir=path.parent,
        progress=lambda share: None,
    )


def noisy(samples: np.ndarray) -> np.ndarray:
    return samples + 0.004 * np.random.default_rng(3).standard_normal(samples.size)


def opposed(samples: np.ndarray) -> np.ndarray:
    return np.stack([samples, -0.9 * samples], axis=1)


CASES: dict[str, tuple[tuple[float, ...], Callable[[np.ndarray], np.ndarray], tuple[str, ...], str]] = {
    "as it is": (GAPS, lambda samples: samples, (), ""),
    "a noisy room": (GAPS, noisy, (), ""),
    "hardly a pause": ((0.0, 0.12, 0.12, 0.0), lambda samples: samples, (), ""),
    "long pauses, far too quiet": ((4.0, 3.0, 0.3, 2.0), lambda samples: 0.02 * samples, (), "dB too quiet"),
    "MP3 of a telephone": (GAPS, lambda samples: samples, ("-ar", "16000", "-b:a", "48k", "-f", "mp3"), ""),
    "two channels that cancel out": (GAPS, opposed, (), "cancel each other out"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.sample(2)
async def test_a_recording_is_cut_where_its_scenes_end(spoken: Spoken, tmp_path: Path, case: str) -> None:
    """Measured: the cut 0.00 to 0.08 s outside of the speech, words 0.05 s (median)."""
    gaps, made, arguments, noted = CASES[case]
    samples, spans = spoken.recorded(gaps)
    found = await taken(stored(tmp_path, made(samples), *arguments))
    for text, scene, (begin, end), speech in zip(TEXTS, found.scenes, spans, spoken.speeches, strict=True):
        assert scene.began_s == pytest.approx(begin, abs=0.15) and scene.ended_s == pytest.approx(end, abs=0.15)
        assert [word.text for word in scene.words] == text.split()
        first, last = scene.words[0], scene.words[-1]
        assert scene.began_s + first.start == pytest.approx(begin + speech.words[0].start, abs=0.15)
        assert scene.began_s + last.end == pytest.approx(begin + speech.words[-1].end, abs=0.25)
        heard, rate = read_wav(scene.wav.read_bytes())
        assert (rate, heard.size / rate) == (RATE, scene.duration_s) and last.end <= scene.duration_s
        loud = np.sqrt(np.mean(heard[np.abs(heard) > 0.02] ** 2))
        assert -26 < 20 * np.log10(loud) < -12 and np.abs(heard).max() <= 10 ** (-3 / 20), "as the voices are"
        assert scene.certainty > SURE_ENOUGH and scene.timing == "aligned"
    assert all(noted in note for note in found.notes) and bool(found.notes) == bool(noted), found.notes


async def test_another_text_and_a_scene_that_is_not_there_are_doubted(spoken: Spoken, tmp_path: Path) -> None:
    samples, spans = spoken.recorded()
    path = stored(tmp_path, samples)
    other = await taken(path, OTHER)
    assert all(scene.certainty < SURE_ENOUGH for scene in other.scenes)
    assert [word.text for word in other.scenes[1].words] == OTHER[1].split()
    swapped = await taken(path, (TEXTS[0], OTHER[1], TEXTS[2]))
    assert [scene.certainty > SURE_ENOUGH for scene in swapped.scenes] == [True, False, True]
    without = np.concatenate([samples[: round(spans[0][1] * RATE)], samples[round(spans[1][1] * RATE) :]])
    missing = await taken(stored(tmp_path, without), TEXTS)
    assert [scene.certainty > SURE_ENOUGH for scene in missing.scenes][:2] == [True, False]
    assert all(scene.duration_s >= 0.25 for scene in missing.scenes), "the renderer refuses an empty sound"


async def test_one_recording_for_one_scene(spoken: Spoken, tmp_path: Path) -> None:
    """And the same times for a sound that stays as it is, as that of a finished video does."""
    path = tmp_path / "one.wav"
    path.write_bytes(spoken.speeches[2].wav)
    (scene,) = (await taken(path, TEXTS[2:])).scenes
    assert scene.certainty > SURE_ENOUGH and scene.duration_s == pytest.approx(spoken.speeches[2].duration_s, abs=0.1)
    found = await OwnRecordings().words(path.read_bytes(), read_aloud(TEXTS[2], "en"), language="en")
    assert found.certainty == pytest.approx(scene.certainty, abs=0.1) and found.timing == scene.timing
    assert [word.text for word in found.words] == TEXTS[2].split()
    for one, other in zip(found.words, scene.words, strict=True):
        assert one.start == pytest.approx(scene.began_s + other.start, abs=0.1)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.zeros(3 * RATE), "narration.file: the recording is silent; record it again, or leave it out"),
        (
            0.1 * np.sin(np.arange(RATE) / 9),
            r"narration.file: the recording has 1.0 s of speech, its text takes about 1\d s; give the recording",
        ),
        (np.full(RATE, np.nan), "narration.file: the file is not usable: it holds samples that are no numbers; give"),
        (None, "narration.file: the file is not usable: it is no sound file that can be read .*; give a WAV"),
    ],
    ids=["silence", "far too short", "no numbers", "no sound file"],
)
@pytest.mark.sample(2)
async def test_what_cannot_be_a_narration_is_refused(tmp_path: Path, samples: np.ndarray | None, said: str) -> None:
    path = tmp_path / "text.wav"
    if samples is None:
        path.write_text("#EXTM3U\nfile:///etc/hostname\n")
    else:
        path = stored(tmp_path, samples, "-c:a", "pcm_f32le", "-f", "wav")
    with pytest.raises(InvalidInput, match=said):
        await taken(path)


async def test_a_long_recording_is_laid_along_in_three_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """From about six minutes on; here from nothing on."""
    text = " ".join(TEXTS)
    with monkeypatch.context() as patch:
        patch.setattr(espeak, "VARIANT", "f3")
        other = await EspeakSpeaker(rate=190).raw(text, language="en")
    usual = await EspeakSpeaker().raw(text, language="en")
    frames = frames_of(usual.samples, usual.rate), frames_of(other.samples, other.rate)
    two = warp(*frames)
    monkeypatch.setattr("reelwright.providers.speech.warping._ALL_PAIRS", 10_000)
    three = warp(*frames)
    assert np.quantile(np.abs(two.path - three.path), 0.99) <= 5 and three.distance < 1.02 * two.distance


# --- music -------------------------------------------------------------------------------------------------------


def chords(seconds: float) -> np.ndarray:
    """A chord that goes on: 200 whole periods a second of all of its tones."""
    times = np.arange(round(seconds * RATE)) / RATE
    return np.stack([sum(0.1 * np.sin(2 * np.pi * f * times + f) for f in fs) for fs in ((200, 300), (400, 500))], 1)


def faded(seconds: float) -> np.ndarray:
    """Rises in half a second, and dies away over the last two."""
    music = chords(seconds)
    times = np.arange(len(music)) / RATE
    return music * np.minimum(times / 0.5, (seconds - times) / 2).clip(0, 1)[:, None]


async def music(path: Path, *, start_s: float = 0.0, most_s: float = 60.0) -> RecordedMusic:
    return await OwnRecordings().music(
        path, start_s=start_s, most_s=most_s, field="music", workdir=path.parent, progress=lambda share: None
    )


@pytest.mark.parametrize(
    ("samples", "least", "most"),
    [
        (chords(2.0), 0.0, 0.0),
        (chords(2.00125), 0.02, 0.02),
        (faded(4.0), 0.6, 2.5),
        (np.pad(faded(4.0), ((RATE, 2 * RATE), (0, 0))), 0.6, 2.5),
        (chords(2.0)[:, 0], 0.0, 0.0),
    ],
    ids=["a loop", "cut off", "fades out", "silence around it", "mono"],
)
@pytest.mark.sample(1)
async def test_music_is_repeated_without_a_seam(tmp_path: Path, samples: np.ndarray, least: float, most: float) -> None:
    found = await music(stored(tmp_path, samples))
    assert least <= found.overlap_s <= most
    track = write_track(found.wav, "music", tmp_path / "m.f32", mono=False, most=RATE * 60, note=lambda note: None)
    assert track.samples / RATE == pytest.approx(found.duration_s, abs=1e-4)
    overlap = round(found.overlap_s * RATE)
    looped = track.looped(0, 3 * track.samples, overlap)
    assert (looped[: track.samples - overlap] == track.read(0, track.samples - overlap)).all(), "it begins as it is"
    again = np.concatenate([track.looped(at, 7_001, overlap) for at in range(0, len(looped), 7_001)])[: len(looped)]
    assert np.allclose(again, looped, atol=1e-6), "whatever blocks it is read in"
    inside = slice(RATE // 2, track.samples - overlap - 100)
    steps = np.abs(np.diff(looped, axis=0))
    assert steps[RATE // 2 :].max() <= 1.5 * steps[inside].max(), "no step at a joint is larger than inside"
    levels = np.sqrt(np.square(looped[RATE // 2 : len(looped) // 4_800 * 4_800]).reshape(-1, 4_800, 2).mean(axis=1))
    assert 20 * np.log10(levels.min() / np.median(levels)) > -14, "no gap"


async def test_music_begins_where_it_should_and_is_kept_as_long_as_it_may_be_needed(tmp_path: Path) -> None:
    rising = np.stack([np.sin(np.arange(4 * RATE) / 40) * np.repeat([0.1, 0.2, 0.4, 0.8], RATE)] * 2, axis=1)
    found = await music(stored(tmp_path, rising, "-f", "flac"), start_s=1.0, most_s=2.0)
    track = write_track(found.wav, "music", tmp_path / "m.f32", mono=False, most=RATE * 60, note=lambda note: None)
    assert found.duration_s == 2.0
    assert [round(float(np.abs(track.read(at, RATE)).max()), 2) for at in (0, RATE)] == [0.2, 0.4]


@pytest.mark.parametrize(
    ("samples", "start_s", "said"),
    [
        (chords(0.9), 0.0, "music.file: the music lasts 0.90 s; give a longer piece"),
        (chords(3.0), 2.5, "music.start_s: the music from 2.5 s on lasts 0.50 s; begin earlier"),
        (np.zeros((2 * RATE, 2)), 0.0, "music.file: the music is silent; give a piece with sound"),
        (np.pad(chords(0.5), ((RATE, RATE), (0, 0))), 0.0, "music.file: the music has 0.5. s of sound between sil"),
    ],
    ids=["short", "short from there", "silent", "hardly any"],
)
@pytest.mark.sample(2)
async def test_what_cannot_be_music_is_refused(tmp_path: Path, samples: np.ndarray, start_s: float, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        await music(stored(tmp_path, samples), start_s=start_s)


def test_a_track_without_samples_stays_silent(tmp_path: Path) -> None:
    (tmp_path / "empty.f32").touch()
    assert SAMPLE_RATE == RATE and not Track(tmp_path / "empty.f32", 2, 0).looped(0, 100, 10).any()
    assert wav_bytes(np.zeros(1))
