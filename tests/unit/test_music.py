"""The offline composer: what it writes is in tune, what it plays is in level, in time and without a seam."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import subprocess
import sys
import wave
from itertools import pairwise
from typing import get_args

import numpy as np
import pytest
import scipy  # `scipy.signal` takes a second to load, and is loaded where it is used first

from reelwright.domain.content.story import Mood
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ports.making import Composer, Score
from reelwright.providers.music.arranging import BEATS, LONGEST_S, RATE, Arrangement, arrange
from reelwright.providers.music.drums import SOUNDS, strike
from reelwright.providers.music.mixing import Ring, finish, limit, room, tone_curve
from reelwright.providers.music.styles import STYLES
from reelwright.providers.music.synth import SynthComposer
from reelwright.providers.music.theory import Key, chord, clashes, lead_voices, voicings
from reelwright.providers.music.tones import TONES, Bowed, Instruments, decaying, frequency

MOODS: tuple[Mood, ...] = get_args(Mood)
SEED = 20
LENGTH_S = 16
"""Of the pieces that are listened to."""


def samples_of(score: Score) -> np.ndarray:
    """Shape (samples, 2), -1.0 to 1.0."""
    with wave.open(io.BytesIO(score.wav)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 48_000, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2) / 32_768


def decibels(factor: float) -> float:
    return float(20 * np.log10(factor))


@pytest.fixture(scope="module")
async def scores() -> dict[Mood, Score]:
    composer: Composer = SynthComposer()
    return {mood: await composer.compose(mood, duration_s=LENGTH_S, seed=SEED) for mood in MOODS}


@pytest.fixture(scope="module")
def sounds(scores: dict[Mood, Score]) -> dict[Mood, np.ndarray]:
    return {mood: samples_of(score) for mood, score in scores.items()}


@pytest.fixture(scope="module")
def arrangements() -> list[Arrangement]:
    return [arrange(mood, duration_s=duration, seed=seed) for mood in MOODS for duration, seed in ((45, 1), (20, 2))]


# --- length, format, repeatability -----------------------------------------------------------------------------------


@pytest.mark.parametrize("mood", MOODS)
def test_length_is_as_many_whole_bars_as_reach_the_duration(mood: Mood) -> None:
    for duration in (0.01, 1, 3.3, 8, 15, 21.7, 31.9, 32, 60, 600):
        for seed in range(4):
            piece = arrange(mood, duration_s=duration, seed=seed)
            wanted, bar_s = min(duration, LONGEST_S), piece.bar_samples / RATE
            assert piece.samples == piece.bars * piece.bar_samples
            assert wanted <= piece.samples / RATE < wanted + bar_s, (duration, seed)
            low, high = STYLES[mood].tempo
            assert low * 0.99 <= piece.bpm <= high
            assert len(piece.chords) == len(piece.voicings) == len(piece.levels) == piece.bars


@pytest.mark.deep
@pytest.mark.lengthy
def test_the_file_is_as_long_as_it_says(scores: dict[Mood, Score], sounds: dict[Mood, np.ndarray]) -> None:
    for mood, score in scores.items():
        piece = arrange(mood, duration_s=LENGTH_S, seed=SEED)
        assert len(sounds[mood]) == piece.samples
        assert score.duration_s == pytest.approx(len(sounds[mood]) / 48_000)
        assert score.usd == 0


@pytest.mark.lengthy
@pytest.mark.deep
async def test_same_seed_same_bytes_in_any_process_and_another_seed_another_piece() -> None:
    async def digest(seed: int) -> str:
        score = await SynthComposer().compose("curious", duration_s=4, seed=seed)
        return hashlib.sha256(score.wav).hexdigest()

    first = await digest(1)
    assert await digest(1) == first
    assert len({first, await digest(2), await digest(3), await digest(-1), await digest(2**40)}) == 5
    program = (
        "import asyncio, hashlib; from reelwright.providers.music.synth import SynthComposer;"
        "s = asyncio.run(SynthComposer().compose('curious', duration_s=4, seed=1));"
        "print(hashlib.sha256(s.wav).hexdigest())"
    )
    # Another process, another order of hashing, another number of threads in the linear algebra.
    environment = {**os.environ, "PYTHONHASHSEED": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", program]
    other = await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, check=True, timeout=600
    )
    assert other.stdout.strip() == first


def test_seeds_vary_key_tempo_and_notes() -> None:
    for mood in MOODS:
        pieces = [arrange(mood, duration_s=32, seed=seed) for seed in range(12)]
        assert len({piece.key for piece in pieces}) >= 3
        assert len({round(piece.bpm, 1) for piece in pieces}) >= 4
        assert len({piece.notes for piece in pieces}) == 12


async def test_the_loop_keeps_beating_while_music_is_made() -> None:
    making = asyncio.create_task(SynthComposer().compose("calm", duration_s=8, seed=1))
    beats = 0
    while not making.done():
        await asyncio.sleep(0.005)
        beats += 1
    assert (await making).duration_s >= 8
    assert beats >= 5


@pytest.mark.parametrize(
    ("mood", "duration_s", "field"),
    [
        ("jolly", 10, "mood"),
        ("", 10, "mood"),
        ("calm", 0, "duration_s"),
        ("calm", -3, "duration_s"),
        ("calm", float("nan"), "duration_s"),
        ("calm", float("inf"), "duration_s"),
    ],
)
async def test_bad_input_is_named(mood: Mood, duration_s: float, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await SynthComposer().compose(mood, duration_s=duration_s, seed=0)
    assert caught.value.field == field
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


# --- how it sounds, in numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.lengthy
@pytest.mark.sample(2)
def test_level_peak_and_dc(sounds: dict[Mood, np.ndarray], mood: Mood) -> None:
    sound = sounds[mood]
    assert decibels(np.abs(sound).max()) <= -3.5
    assert -21 <= decibels(np.sqrt(np.mean(sound**2))) <= -19.5
    assert np.abs(sound.mean(axis=0)).max() < 1e-4
    blocks = sound[: len(sound) // RATE * RATE].reshape(-1, RATE * 2)
    seconds = 20 * np.log10(np.sqrt(np.mean(blocks**2, axis=1)))
    assert seconds.min() > -27, "no second falls silent"
    assert seconds.max() < -14, "no second jumps out"


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.lengthy
@pytest.mark.sample(2)
def test_the_loop_has_no_seam(sounds: dict[Mood, np.ndarray], mood: Mood) -> None:
    sound = sounds[mood]
    steps = np.abs(np.diff(sound, axis=0)).max(axis=1)
    assert np.abs(sound[0] - sound[-1]).max() <= np.percentile(steps, 99.5)
    bends = np.abs(np.diff(sound, 2, axis=0)).max(axis=1)
    around = np.concatenate([sound[-3:], sound[:3]])
    assert np.abs(np.diff(around, 2, axis=0)).max() <= np.percentile(bends, 99.9)
    # A click is treble: at the seam there is no more of it than at any other bar line, and no hole in the level.
    looped = np.concatenate([sound, sound, sound[:RATE]]).mean(axis=1)
    treble = scipy.signal.sosfilt(scipy.signal.butter(6, 12_000, "highpass", fs=RATE, output="sos"), looped)
    piece = arrange(mood, duration_s=LENGTH_S, seed=SEED)
    lines = [bar * piece.bar_samples for bar in range(piece.bars, 2 * piece.bars)]
    clicks = [np.abs(treble[line - 96 : line + 96]).max() for line in lines]
    assert clicks[0] <= 1.5 * max(clicks[1:])
    holes = [np.sqrt(np.mean(looped[line - 4_800 : line] ** 2)) for line in lines]
    assert holes[0] >= 0.5 * min(holes[1:])


def test_the_desk_is_a_ring() -> None:
    """Playing everything a third of the round later is the same as turning the finished round by a third."""
    total, turn = 96_000, 32_123
    instruments = Instruments()
    finished = []
    for shift in (0, turn):
        ring = Ring(total)
        for number, pitch in enumerate((50, 57, 62, 66)):
            ring.add(
                instruments.play("strings", pitch, 1.0, offset=number),
                20_000 * number + shift,
                gain=0.2,
                pan=0.3,
                send=0.5,
            )
            ring.add(instruments.play("felt", pitch + 12, 2.0, offset=0), 90_000 + shift, gain=2.0, pan=-0.5, send=0.7)
        ring.add(strike("taiko")[np.newaxis, :], 95_000 + shift, gain=4.0, pan=0.0, send=0.2)
        finished.append(finish(ring, room_s=2.5, wet=0.5, tilt_db=1.0))
    assert np.abs(finished[0]).max() > 0.3
    assert np.abs(np.roll(finished[0], turn, axis=1) - finished[1]).max() < 1e-4


def test_a_sound_longer_than_the_round_goes_round() -> None:
    ring = Ring(100)
    ring.add(np.ones((1, 250), dtype=np.float32), 90, gain=1.0, pan=0.0, send=0.0)
    assert ring.dry[0, 80:90] == pytest.approx(2.0)
    assert ring.dry[0, 90:] == pytest.approx(3.0)
    assert ring.dry[0, :40] == pytest.approx(3.0)
    assert not ring.send.any()


def centroid(sound: np.ndarray) -> float:
    hertz, power = scipy.signal.welch(sound.mean(axis=1), RATE, nperseg=8_192)
    return float((hertz * power).sum() / power.sum())


@pytest.mark.lengthy
def test_moods_differ_in_tempo_and_brightness(sounds: dict[Mood, np.ndarray]) -> None:
    bpm = {mood: arrange(mood, duration_s=LENGTH_S, seed=SEED).bpm for mood in MOODS}
    order = sorted(MOODS, key=lambda mood: bpm[mood])
    assert order == ["sad", "calm", "epic", "curious", "bright", "tense"]
    assert all(bpm[faster] > 1.05 * bpm[slower] for slower, faster in pairwise(order))
    light = {mood: centroid(sounds[mood]) for mood in MOODS}
    assert light["bright"] > 1.15 * max(value for mood, value in light.items() if mood != "bright")
    assert light["curious"] > 1.15 * light["calm"]
    assert light["tense"] < light["curious"]


@pytest.mark.parametrize("mood", ["bright", "tense", "curious"])
@pytest.mark.lengthy
def test_the_beat_is_heard_at_the_written_tempo(sounds: dict[Mood, np.ndarray], mood: Mood) -> None:
    _, _, bins = scipy.signal.stft(sounds[mood].mean(axis=1), RATE, nperseg=1_024, noverlap=544)
    flux = np.maximum(np.diff(np.log1p(500 * np.abs(bins)), axis=1), 0).sum(axis=0)
    flux -= flux.mean()
    ring = np.fft.irfft(np.abs(np.fft.rfft(flux)) ** 2)
    frames_a_bar = arrange(mood, duration_s=LENGTH_S, seed=SEED).bar_samples / 480
    at = {factor: ring[round(frames_a_bar * factor)] / ring[0] for factor in (1.0, 0.93, 1.07)}
    assert at[1.0] > 0.25
    assert at[1.0] > 2 * max(at[0.93], at[1.07])


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.lengthy
@pytest.mark.sample(2)
def test_there_is_room_for_speech(sounds: dict[Mood, np.ndarray], mood: Mood) -> None:
    hertz, power = scipy.signal.welch(sounds[mood].mean(axis=1), RATE, nperseg=8_192)

    def band(low: float, high: float) -> float:
        return float(10 * np.log10(power[(hertz >= low) & (hertz < high)].sum() / power.sum()))

    assert band(1_000, 4_000) < -9
    assert band(150, 1_000) > -5, "the body of the sound lies where small loudspeakers play"
    assert band(20, 60) < -6
    assert band(0, 20) < -35
    left, right = sounds[mood].T
    assert 0.2 < np.corrcoef(left, right)[0, 1] < 0.95, "wide, and still there in mono"


def test_tone_curve() -> None:
    hertz = np.array([0.0, 20.0, 300.0, 2_000.0, 12_000.0])
    gain = tone_curve(hertz, tilt_db=3.0)
    assert gain[0] == 0
    assert gain[1] < 0.1
    assert decibels(gain[3]) < decibels(gain[2]) - 2.5
    assert decibels(gain[4]) == pytest.approx(3.0, abs=0.5)
    assert tone_curve(hertz, tilt_db=-5.0)[4] < tone_curve(hertz, tilt_db=0.0)[4]


def test_limiter_turns_down_only_around_the_peak() -> None:
    quiet = (0.2 * np.sin(np.arange(48_000) * 0.05)).astype(np.float32)
    sound = np.stack([quiet, quiet])
    assert limit(sound, 0.6) is sound
    loud = sound.copy()
    loud[0, 5] = 1.4
    held = limit(loud, 0.6)
    assert np.abs(held).max() <= 0.6
    assert np.array_equal(held[:, 2_000:-2_000], sound[:, 2_000:-2_000])
    assert np.abs(held[:, -200:]).max() < np.abs(sound[:, -200:]).max(), "it reaches round the seam"


def test_room_is_wide_and_dies_away() -> None:
    response = room(5 * RATE, 2.0, seed=5)
    assert np.sum(response**2, axis=1) == pytest.approx(1.0, abs=1e-3)
    assert abs(np.corrcoef(response)[0, 1]) < 0.1
    early = np.mean(response[:, RATE // 10 : RATE // 5] ** 2)
    late = np.mean(response[:, 2 * RATE : 2 * RATE + RATE // 10] ** 2)
    # 1.9 s at 60 dB in 2 s are 57 dB for the lowest band; the higher ones fall sooner.
    assert 57 <= 10 * np.log10(early / late) <= 70
    assert np.sum(room(RATE // 2, 2.0, seed=5) ** 2) == pytest.approx(2.0, abs=1e-3), "folded into a short round"


# --- tones -----------------------------------------------------------------------------------------------------------


def test_decaying_partials_are_the_formula() -> None:
    t = np.arange(3_000) / RATE
    wanted = sum(a * np.sin(2 * np.pi * f * t) * np.exp(-t / d) for f, a, d in ((440, 1.0, 0.1), (1_234.5, 0.3, 0.02)))
    assert decaying([(440, 1.0, 0.1), (1_234.5, 0.3, 0.02)], 3_000) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("name", sorted(TONES))
def test_every_instrument_is_in_tune_and_starts_and_ends_softly(name: str) -> None:
    pitch = 45 if name in ("sub", "round", "bowed") else 69
    note = Instruments().play(name, pitch, 1.5, offset=12_345)
    assert np.isfinite(note).all()
    assert np.abs(note[:, :2]).max() < 0.05 * np.abs(note).max()
    assert np.abs(note[:, -2:]).max() < 0.01 * np.abs(note).max()
    middle = note[0, 4_800 : 4_800 + 48_000]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 4 * RATE))
    expected = frequency(pitch)
    near = slice(round(0.7 * expected * 4), round(1.4 * expected * 4))
    loudest = (np.argmax(spectrum[near]) + near.start) / 4
    assert abs(1200 * np.log2(loudest / expected)) < 25, "cents off"
    if isinstance(TONES[name], Bowed):
        assert np.sqrt(np.mean(note[:, RATE : RATE + 20_000] ** 2)) == pytest.approx(1.0, rel=0.6)
    else:
        assert np.abs(note).max() == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("name", sorted(SOUNDS))
def test_every_stroke_has_peak_one_and_dies_away(name: str) -> None:
    stroke = strike(name)
    assert np.abs(stroke).max() == pytest.approx(1.0)
    assert np.abs(stroke[-5:]).max() < 0.01
    assert np.abs(stroke[0]) < 0.05


# --- what is written -------------------------------------------------------------------------------------------------


def test_chords_are_read_as_musicians_write_them() -> None:
    c = Key(0, "ionian")
    assert chord("1", c).classes == (0, 4, 7)
    assert chord("6.7", c).classes == (9, 0, 4, 7)
    assert chord("5.sus4", c).classes == (7, 0, 2)
    assert chord("4.add9", c).classes == (5, 9, 0, 7)
    assert chord("4", Key(2, "dorian")).classes == (7, 11, 2)
    assert chord("2", Key(4, "phrygian")).classes == (5, 9, 0)
    assert Key(9, "aeolian").classes == c.classes


def test_written_styles_are_sound() -> None:
    assert set(STYLES) == set(MOODS)
    for mood, style in STYLES.items():
        assert style.tempo[0] < style.tempo[1]
        patterns = [*style.bass.patterns, *(p for f in style.figures for p in f.patterns)]
        assert all(len(p) == 16 and set(p) <= set("0123.") for p in patterns), mood
        strokes = [p for beat in style.beats for p in beat.patterns]
        assert all(len(p) == 16 and set(p) <= set("Xxo.") for p in strokes), mood
        assert {beat.sound for beat in style.beats} <= SOUNDS
        assert {style.pad.tone, style.bass.tone, style.melody.tone, *(f.tone for f in style.figures)} <= set(TONES)
        for progression in style.progressions:
            assert (len(progression.bars.split()), len(progression.turn.split())) == (4, 3)
            for tonic in style.tonics:
                key = Key(tonic, progression.mode)
                for written in f"{progression.bars} {progression.turn}".split():
                    classes = chord(written, key).classes
                    assert (classes[0] + 1) % 12 not in classes, "a minor ninth over the root"
                    pad = style.pad
                    assert voicings(chord(written, key), low=pad.low, high=pad.high, voices=pad.voices), (mood, written)


def test_voices_are_led(arrangements: list[Arrangement]) -> None:
    for piece in arrangements:
        for harmony, voicing in zip(piece.chords, piece.voicings, strict=True):
            assert {pitch % 12 for pitch in voicing} == set(harmony.classes), "all of the chord and nothing else"
            assert not any(clashes(pitch, voicing) for pitch in voicing)
            assert list(voicing) == sorted(set(voicing)), "voices do not cross"
        ring = [*piece.voicings, piece.voicings[0]]
        moves = [abs(b - a) for one, two in pairwise(ring) for a, b in zip(one, two, strict=True)]
        assert np.mean(moves) < 2.6
        assert max(moves) <= 9


def test_leading_voices_beats_root_position() -> None:
    key = Key(0, "ionian")
    chords = [chord(written, key) for written in ("1", "6", "4", "5")]
    led = lead_voices(chords, low=50, high=72, voices=4, start=0)
    assert led == lead_voices(chords, low=50, high=72, voices=4, start=0)
    total = sum(abs(b - a) for one, two in pairwise([*led, led[0]]) for a, b in zip(one, two, strict=True))
    roots = [60, 57, 53, 55, 60]
    assert total < sum(4 * abs(b - a) for a, b in pairwise(roots))


def test_every_note_is_in_key_and_no_firm_note_is_foreign_to_its_chord(arrangements: list[Arrangement]) -> None:
    for piece in arrangements:
        for note in piece.notes:
            if note.part == "beat":
                continue
            assert note.pitch % 12 in piece.key.classes
            assert 28 <= note.pitch <= 96
            assert 0 < note.velocity <= 1.1
            assert note.length > 0
            bar = int((note.start + 0.05) // BEATS) % piece.bars
            on_beat = abs(note.start - round(note.start)) < 0.03
            if note.part in ("pad", "bass", "figure") or on_beat or note.length >= 1:
                assert note.pitch % 12 in piece.chords[bar].classes, (piece.mood, note)
            if note.part in ("figure", "melody") and (on_beat or note.length >= 1):
                assert not clashes(note.pitch, piece.voicings[bar]), (piece.mood, note)


def test_the_tune_is_sparse_and_moves_by_small_steps(arrangements: list[Arrangement]) -> None:
    for piece in arrangements:
        part = STYLES[piece.mood].melody
        tune = sorted((note for note in piece.notes if note.part == "melody"), key=lambda note: note.start)
        assert len(tune) <= 3 * piece.bars
        assert all(part.low <= note.pitch <= part.high for note in tune)
        leaps = [abs(b.pitch - a.pitch) for a, b in pairwise(tune) if b.start - a.start < 3]
        assert all(leap <= 9 for leap in leaps), (piece.mood, leaps)
        assert np.mean(leaps) < 5 if leaps else True
        for a, b in pairwise(tune):
            assert b.start >= a.start + a.length - 0.05, "one voice, no overlaps"
