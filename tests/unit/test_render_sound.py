"""The mix: real decoding, real mastering, sounds of every unkind sort made here."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
import pytest

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.story import Material, Music, Narration, Picture, Scene, Story, WordTiming
from reelwright.domain.content.style import RenderStyle
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import RenderFailed
from reelwright.domain.formats import FRAME_RATES, VideoFormat
from reelwright.domain.ports.rendering import MixedSound
from reelwright.render.encode.mp4 import encode_sound
from reelwright.render.plan.timeline import build_timeline
from reelwright.render.process.program import measure_loudness
from reelwright.render.sound.mixing import mix, speech_spans
from reelwright.render.sound.tracks import look, write_track

RATE = 48_000
PICTURE = AssetRef(key="p", sha256="p", size=1, media_type="image/png")


@lru_cache(maxsize=16)
def _buzz(seconds: float, rate: int) -> np.ndarray:
    times = np.arange(round(seconds * rate)) / rate
    return np.sum([np.sin(2 * np.pi * 140 * k * times + k * k) / k for k in range(1, 16)], axis=0)


def voice(
    seconds: float, *, rate: int = RATE, level: float = 0.2, pauses: tuple[tuple[float, float], ...] = ()
) -> np.ndarray:
    """A buzz with syllables; silent in the pauses."""
    times = np.arange(round(seconds * rate)) / rate
    samples = level * _buzz(seconds, rate) / 2 * (0.65 + 0.35 * np.sin(2 * np.pi * 4 * times))
    for begin, end in pauses:
        samples[(times >= begin) & (times < end)] = 0.0
    return samples


def tune(seconds: float = 2.0) -> np.ndarray:
    """A tone left, another right."""
    times = np.arange(round(seconds * RATE)) / RATE
    return np.stack([0.2 * np.sin(2 * np.pi * f * times) for f in (220.0, 330.0)], axis=1)


def wav(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    shaped = samples if samples.ndim == 2 else samples[:, None]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(shaped.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((shaped.clip(-1, 1) * 32767).astype("<i2").tobytes())
    return path


@dataclass
class Mixing:
    """A plan of sounds, its files, and what the mix tells."""

    folder: Path
    files: dict[str, Path] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def keep(self, path: Path) -> AssetRef:
        data = path.read_bytes()
        ref = AssetRef(key=path.name, sha256=hashlib.sha256(data).hexdigest(), size=len(data), media_type="audio/wav")
        self.files[ref.sha256] = path
        return ref

    def plan(self, voices: list[tuple[Path, float]], music: Path, *, fps: int = 30) -> RenderPlan:
        narrations = tuple(
            Narration(
                scene=index,
                audio=self.keep(path),
                duration_s=seconds,
                words=(WordTiming(text="word", start=0.0, end=seconds),),
                provider="t",
            )
            for index, (path, seconds) in enumerate(voices)
        )
        scenes = tuple(Scene(index=index, text="word") for index in range(len(voices)))
        material = Material(
            story=Story(title="t", description="", scenes=scenes, writer="t"),
            narrations=narrations,
            pictures=tuple(Picture(scene=scene.index, image=PICTURE, provider="t") for scene in scenes),
            music=Music(audio=self.keep(music), duration_s=2.0, mood="calm", provider="t"),
        )
        style = RenderStyle(fps=fps)
        return RenderPlan(content_id="t", material=material, formats=(VideoFormat("1:1"),), style=style)

    def mix(self, plan: RenderPlan) -> MixedSound:
        mixed = mix(plan, self.files, self.folder, self.folder, lambda share: None)
        self.notes += mixed.notes
        return mixed

    def said(self, *parts: str) -> bool:
        return any(all(part in told for part in parts) for told in self.notes)


@pytest.fixture
def mixing(tmp_path: Path) -> Mixing:
    return Mixing(tmp_path)


def samples_of(path: Path) -> np.ndarray:
    """samples x 2, -1..1."""
    with av.open(str(path)) as container:
        assert container.streams.audio[0].rate == RATE and container.streams.audio[0].layout.name == "stereo"
        return np.concatenate([f.to_ndarray().reshape(-1, 2) for f in container.decode(audio=0)]) / 32768.0


def level(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.square(samples).mean() + 1e-12))


@pytest.mark.lengthy
def test_the_level_is_right_after_aac_and_the_peaks_stay_below(mixing: Mixing) -> None:
    # Spiky on purpose: a quiet voice with loud clicks needs the limiter.
    spiky = voice(4.0, level=0.05)
    spiky[:: RATE // 3] = 0.9
    plan = mixing.plan([(wav(mixing.folder / "v.wav", spiky), 4.0)], wav(mixing.folder / "m.wav", tune()))
    mixed = mixing.mix(plan)
    encode_sound(mixed.path, mixing.folder / "a.m4a")
    delivered = measure_loudness(mixing.folder / "a.m4a")
    assert abs(delivered.integrated + 14.0) <= 0.5 and delivered.true_peak <= -1.0
    assert len(samples_of(mixed.path)) == build_timeline(plan).samples


@pytest.mark.parametrize("fps", FRAME_RATES)
@pytest.mark.lengthy
@pytest.mark.sample(1)
def test_the_length_is_the_timelines_to_the_sample_at_every_rate(mixing: Mixing, fps: int) -> None:
    quick = wav(mixing.folder / "v.wav", voice(0.731))
    plan = mixing.plan([(quick, 0.731)], wav(mixing.folder / "m.wav", tune()), fps=fps)
    mixed = mixing.mix(plan)
    assert len(samples_of(mixed.path)) == build_timeline(plan).frames * RATE // fps
    encode_sound(mixed.path, mixing.folder / "a.m4a")
    with av.open(str(mixing.folder / "a.m4a")) as container:
        stream = container.streams.audio[0]
        assert stream.start_time == 0
        assert abs(float(stream.duration * stream.time_base) - mixed.duration_s) < 1024 / RATE


@pytest.mark.lengthy
def test_music_follows_what_is_heard_and_not_the_words_times(mixing: Mixing) -> None:
    # One word is said to last all 6 s, but the voice pauses from 2 s to 4.5 s.
    path = wav(mixing.folder / "v.wav", voice(6.0, pauses=((2.0, 4.5),)))
    plan = mixing.plan([(path, 6.0)], wav(mixing.folder / "m.wav", tune()))
    sound = samples_of(mixing.mix(plan).path)
    # The voice is the same left and right and cancels out: what is left is music.
    music = sound[:, 0] - sound[:, 1]
    at = build_timeline(plan).scenes[0].speech_first / 30

    def heard(first: float, last: float) -> float:
        return level(music[int((at + first) * RATE) : int((at + last) * RATE)])

    under, pause = heard(0.5, 1.5), heard(2.6, 4.2)
    assert 7.0 <= pause - under <= 9.0
    assert abs(heard(5.0, 5.8) - under) < 0.5
    # Eight decibels in 120 ms, smoothly, are at most 2 dB in 20 ms; a switch would be all eight at once.
    steps = np.abs(np.diff([heard(t / 50, t / 50 + 0.02) for t in range(75, 240)]))
    assert 1.0 < steps.max() < 3.0, "the music jumps"
    assert level(music[-RATE // 100 :]) < under - 12 and level(music[: RATE // 100]) < under


def test_speech_is_found_by_ear() -> None:
    powers = np.full(500, 1e-9)
    powers[50:100] = powers[120:150] = powers[300:400] = 0.01
    powers[250] = 0.01  # a click
    assert speech_spans(powers) == [(1.0, 3.0), (6.0, 8.0)]
    assert speech_spans(np.zeros(500)) == []


def stereo(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.stack([left, right], axis=1)


ODD: dict[str, tuple[Callable[[], np.ndarray], int, str]] = {
    "telephone": (lambda: voice(2.0, rate=8000), 8000, "only 8000 samples"),
    "cd": (lambda: voice(2.0, rate=44_100), 44_100, ""),
    "high": (lambda: voice(2.0, rate=96_000), 96_000, ""),
    "stereo": (lambda: stereo(voice(2.0), voice(2.0) * 0.5), RATE, ""),
    "against": (lambda: stereo(voice(2.0), -voice(2.0)), RATE, "cancel each other out"),
    "clipped": (lambda: voice(2.0) * 12, RATE, "clipped"),
    "long": (lambda: voice(6.0), RATE, "longer than its place"),
    "short": (lambda: voice(0.8), RATE, "the rest is left silent"),
    "low": (lambda: voice(2.0, level=0.08), RATE, "off the others' level"),
    "silent": (lambda: np.zeros(2 * RATE), RATE, "silent"),
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.lengthy
@pytest.mark.sample(3)
def test_odd_recordings_are_repaired_and_told(mixing: Mixing, kind: str) -> None:
    make, rate, told = ODD[kind]
    good = wav(mixing.folder / "good.wav", voice(2.0, level=0.25))
    odd = wav(mixing.folder / "odd.wav", make(), rate)
    silence = wav(mixing.folder / "m.wav", np.zeros((RATE, 2)))
    plan = mixing.plan([(good, 2.0), (odd, 2.0), (good, 2.0)], silence)
    mixed = mixing.mix(plan)
    spoken = [note for note in mixing.notes if "narrations[1]" in note]
    assert any(told in note for note in spoken) if told else not spoken
    assert not mixing.said("narrations[0]") and not mixing.said("narrations[2]")
    sound, timeline = samples_of(mixed.path), build_timeline(plan)
    assert len(sound) == timeline.samples

    def scene(position: int, seconds: float) -> float:
        begin = timeline.scenes[position].speech_first * 1600
        return level(sound[begin + RATE // 10 : begin + int(seconds * RATE)])

    if kind == "silent":
        assert scene(1, 2.0) < -80
    else:
        assert abs(scene(1, 0.7) - scene(0, 0.7)) < 2.0, "the scenes are not equally loud"
    third = timeline.scenes[2].speech_first * 1600
    assert level(sound[third - 300 : third]) < level(sound[third + 4800 : third + 9600]) or kind == "long"


@pytest.mark.parametrize("kind", ["empty", "page", "playlist", "picture", "nan", "cut"])
@pytest.mark.sample(3)
def test_what_is_no_sound_is_named(mixing: Mixing, kind: str) -> None:
    good, bad = wav(mixing.folder / "good.wav", voice(1.0)), mixing.folder / "bad.wav"
    if kind == "empty":
        wav(bad, np.zeros(0))
    elif kind == "nan":
        samples = voice(1.0).astype("<f4")
        samples[1000] = np.nan
        with av.open(str(bad), "w", format="wav") as container:
            stream = container.add_stream("pcm_f32le", rate=RATE, layout="mono")
            frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
            frame.rate = RATE
            container.mux(stream.encode(frame))
    else:
        texts = {
            "page": b"<!doctype html><p>Not found",
            "playlist": b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n",
            "picture": b"\x89PNG\r\n\x1a\n",
            "cut": good.read_bytes()[:30],
        }
        bad.write_bytes(texts[kind])
    plan = mixing.plan([(good, 1.0), (bad, 1.0)], wav(mixing.folder / "m.wav", tune()))
    with pytest.raises(RenderFailed) as caught:
        mixing.mix(plan)
    assert caught.value.field == "material.narrations[1]" and caught.value.remedy
    assert not (mixing.folder / "soundtrack.flac").exists()


def test_music_without_a_sample_is_left_out(mixing: Mixing) -> None:
    empty = wav(mixing.folder / "m.wav", np.zeros((0, 2)))
    plan = mixing.plan([(wav(mixing.folder / "v.wav", voice(2.0)), 2.0)], empty)
    mixed = mixing.mix(plan)
    assert mixing.said("material.music", "empty") and abs(mixed.integrated_lufs + 14.0) <= 0.5


def test_looping_and_reading_from_disk(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", np.linspace(-0.5, 0.5, 1000))
    assert look(path, "x").samples == 1000
    track = write_track(path, "x", tmp_path / "a.f32", mono=True, most=600, note=print)
    assert track.samples == 600 and track.read(590, 100).shape == (10, 1)
    looped = track.looped(550, 1300)
    assert looped.shape == (1300, 1) and np.array_equal(looped[:600], looped[600:1200])


LONG_SOUND = """
import pathlib, resource, sys
sys.path.insert(0, sys.argv[2])
from tests.unit.test_render_sound import Mixing, tune, voice, wav
from reelwright.render.sound.mixing import _write_raw, _music, narration_track
from reelwright.render.plan.timeline import build_timeline
m = Mixing(pathlib.Path(sys.argv[1]))
spoken = wav(m.folder / "v.wav", voice(float(sys.argv[3])))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for scenes in map(int, sys.argv[4:]):
    plan = m.plan([(spoken, float(sys.argv[3]))] * scenes, wav(m.folder / "m.wav", tune()))
    timeline = build_timeline(plan)
    track = narration_track(timeline, m.files, m.folder / "voice.f32", print)
    _write_raw(timeline, track, _music(timeline, plan.material.music.audio, m.files, m.folder / "music.f32", print), (),
               m.folder / "raw")
    print("grown", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, timeline.seconds)
"""


@pytest.mark.lengthy
@pytest.mark.deep
def test_a_long_sound_takes_no_more_memory(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", LONG_SOUND, str(tmp_path), str(root), "15", "2", "12"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    grown = [int(line.split()[1]) / 1024 for line in done.stdout.splitlines() if line.startswith("grown ")]
    # 180 s of decoded stereo alone would be 69 MB.
    assert grown[1] < grown[0] + 40 and grown[1] < 110, grown


@pytest.mark.parametrize(("seconds", "repeated"), [(1.5, True), (8.0, False)], ids=["short", "long"])
def test_music_that_dies_away_begins_again_while_it_does(mixing: Mixing, seconds: float, repeated: bool) -> None:
    """The second half of the voice's place is silent: there the music is heard alone."""
    music = tune(seconds) * np.minimum((seconds - np.arange(round(seconds * RATE)) / RATE) / 0.5, 1.0)[:, None]
    spoken = voice(4.0, pauses=((1.0, 4.0),))
    plan = mixing.plan([(wav(mixing.folder / "v.wav", spoken), 4.0)], wav(mixing.folder / "m.wav", music))
    own = plan.material.music.model_copy(update={"overlap_s": 0.4})
    timeline = build_timeline(plan)
    mixed = samples_of(
        mixing.mix(plan.model_copy(update={"material": plan.material.model_copy(update={"music": own})})).path
    )
    first = timeline.scenes[0].speech_first * timeline.samples_per_frame + 2 * RATE
    levels = np.array([level(mixed[at : at + RATE // 20]) for at in range(first, first + 3 * RATE // 2, RATE // 20)])
    assert levels.max() - levels.min() < (7 if repeated else 2), "no gap where it begins again"
    joint = round(1.1 * RATE)
    if repeated:
        ends = 20 * np.log10(np.abs(music[joint : joint + RATE // 5]).mean() / np.abs(music[:RATE]).mean())
        assert ends < -1, "the music itself is dying away there"
