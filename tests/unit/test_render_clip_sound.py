"""A clip's own sound in the mix: at its place, at its level, played as its pictures are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reelwright.domain.content.media import SceneClip
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import RenderFailed
from reelwright.render.plan.playing import Playing
from reelwright.render.plan.timeline import build_timeline
from reelwright.render.sound.clips import clip_track

from .clip_files import clip_of, numbered, write_clip
from .test_render_sound import RATE, Mixing, level, samples_of, voice, wav

pytestmark = pytest.mark.lengthy

TONE = 1000.0
UNIT = RATE // 30


@pytest.fixture
def mixing(tmp_path: Path) -> Mixing:
    return Mixing(tmp_path)


def beeping(path: Path, seconds: float = 2.0, loud: float = 0.3) -> Path:
    """A clip with a tone, and a gap in it from 0.5 to 0.7 s by which its time is found."""
    times = np.arange(round(seconds * RATE)) / RATE
    tone = loud * np.sin(2 * np.pi * TONE * times) * ((times < 0.5) | (times >= 0.7))
    return write_clip(path, numbered(round(seconds * 30)), sound=np.stack([tone, tone], axis=1))


def tone_level(samples: np.ndarray, frequency: float = TONE) -> float:
    """The level in dB of one frequency."""
    times = np.arange(len(samples)) / RATE
    part = np.exp(-2j * np.pi * frequency * times) * np.hanning(len(samples))
    return float(20 * np.log10(abs((samples.mean(axis=1) * part).sum()) * 4 / len(samples) + 1e-9))


def plan_with(mixing: Mixing, clip: SceneClip | None, **ends: SceneClip | None) -> RenderPlan:
    """Two scenes of 2 s, spoken for 1.2 s of it; the second one shows the clip. The music hums at 220 Hz."""
    spoken = voice(2.0, level=0.2, pauses=((1.2, 2.0),))
    times = np.arange(2 * RATE) / RATE
    hum = np.repeat(0.2 * np.sin(2 * np.pi * 220 * times)[:, None], 2, axis=1)
    good = wav(mixing.folder / "v.wav", spoken)
    plan = mixing.plan([(good, 2.0), (good, 2.0)], wav(mixing.folder / "m.wav", hum))
    pictures = (plan.material.pictures[0], plan.material.pictures[1].model_copy(update={"clip": clip}))
    material = plan.material.model_copy(update={"pictures": pictures, **ends})
    return plan.model_copy(update={"material": material})


@pytest.mark.parametrize("sound", ["duck", "keep", "mute"])
@pytest.mark.sample(1)
def test_a_clip_is_heard_as_wished(mixing: Mixing, sound: str) -> None:
    clip = clip_of(beeping(mixing.folder / "c.mp4", 3.4), mixing.files, 3.4, sound=sound)
    plan = plan_with(mixing, clip)
    scene = build_timeline(plan).scenes[1]
    heard = samples_of(mixing.mix(plan).path)

    def at(frame: int, seconds: float = 0.3) -> np.ndarray:
        return heard[frame * UNIT : frame * UNIT + round(seconds * RATE)]

    spoken, rest = scene.speech_first + 12, scene.speech_first + 48
    said, before = level(at(spoken, 0.8)), tone_level(at(scene.speech_first - 60))
    if sound == "mute":
        assert tone_level(at(rest)) < -60
        return
    # Nothing of it before the scene begins; all of it when the transition is over.
    assert tone_level(at(rest)) > before + 20
    difference = tone_level(at(rest)) - tone_level(at(spoken))
    music = tone_level(at(rest), 220) - tone_level(at(spoken), 220)
    if sound == "duck":
        assert 6 < difference < 10 and 6 < music < 10
        # Together with the voice's level: as music is.
        assert -20 < tone_level(at(spoken)) - 3 - said < -9
    else:
        # At its own level all the way, and the music stays down under it.
        assert abs(difference) < 1.5 and abs(music) < 2.5


def test_a_clip_is_heard_when_it_is_seen(mixing: Mixing) -> None:
    clip = clip_of(beeping(mixing.folder / "c.mp4"), mixing.files, 2.0, sound="keep", fit="loop", start_s=0.25)
    plan = plan_with(mixing, clip)
    scene = build_timeline(plan).scenes[1]
    heard = samples_of(mixing.mix(plan).path)
    # The gap begins at 0.5 s of the clip: 0.25 s into the scene, and again 1.75 s later.
    for begin in (0.25, 0.25 + 1.75):
        first = scene.first * UNIT + round(begin * RATE)
        inside, after = heard[first + 2400 : first + 7200], heard[first + 12_000 : first + 16_800]
        assert tone_level(after) > tone_level(inside) + 25


@pytest.mark.parametrize("speed", [1.0, 0.8, 0.5])
def test_a_slowed_clip_is_slower_at_its_own_pitch(tmp_path: Path, speed: float) -> None:
    path = beeping(tmp_path / "c.mp4")
    track = clip_track(path, Playing(0.0, 2.0, speed), 2.0 / speed, tmp_path / "t.f32", "f")
    heard = track.read(0, track.samples)
    assert track.samples == round(2.0 / speed * RATE)
    inside, after = (heard[round(at / speed * RATE) :][:4096] for at in (0.56, 1.2))
    assert tone_level(after) > tone_level(inside) + 25
    assert tone_level(after) > tone_level(after, TONE * speed) + 20 or speed == 1.0


def test_a_clip_before_the_story_is_heard_without_the_music(mixing: Mixing) -> None:
    path = beeping(mixing.folder / "c.mp4", 2.0)
    clip = clip_of(path, mixing.files, 2.0, sound="keep")
    plan = plan_with(mixing, None, intro=clip)
    timeline = build_timeline(plan)
    heard = samples_of(mixing.mix(plan).path)
    assert len(heard) == timeline.samples
    inside = heard[round(0.8 * RATE) : round(1.4 * RATE)]
    later = heard[(timeline.scenes[0].speech_first + 45) * UNIT :][: RATE // 3]
    assert tone_level(inside) > tone_level(inside, 220) + 40, "the music is heard under the clip"
    assert tone_level(later, 220) > tone_level(later) + 20
    silent = plan_with(mixing, None, intro=clip.model_copy(update={"sound": "mute"}))
    muted = samples_of(mixing.mix(silent).path)[round(0.8 * RATE) : round(1.4 * RATE)]
    assert tone_level(muted, 220) > tone_level(muted) + 20


def test_a_clip_without_the_sound_it_should_have_is_told_and_a_broken_one_named(mixing: Mixing) -> None:
    dumb = write_clip(mixing.folder / "dumb.mp4", numbered(60))
    clip = clip_of(dumb, mixing.files, 2.0)
    clip = clip.model_copy(update={"facts": clip.facts.model_copy(update={"has_sound": True})})
    mixing.mix(plan_with(mixing, clip))
    assert mixing.said("pictures[1].clip", "no sound")
    mixing.files[clip.file.sha256].write_bytes(b"no clip at all")
    with pytest.raises(RenderFailed) as caught:
        mixing.mix(plan_with(mixing, clip))
    assert caught.value.field == "material.pictures[1].clip" and "mute" in caught.value.remedy
