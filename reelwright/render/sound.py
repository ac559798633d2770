"""The soundtrack: narration placed to the sample, music under it, loudness as the platforms want it.

Levels: the music lies 14 dB under the voice while someone speaks and 6 dB under it otherwise. The whole is brought to
-14 LUFS (EBU R128 / ITU-R BS.1770, the level the big platforms play at) with true peaks under -1 dBTP, measured after
the AAC encoder, which adds a little to the peaks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import av
import ffmpeg
import numpy as np
from av.audio.resampler import AudioResampler

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import RenderFailed
from reelwright.domain.ports import MixedSound, Progress
from reelwright.domain.video import RenderPlan

from . import program
from .encode import encode_sound
from .timeline import SAMPLE_RATE, SAMPLES_PER_FRAME, SceneSpan, Timeline, Word, build_timeline
from .trouble import reason, writing
from .yuv import F32

TARGET_LUFS = -14.0
PEAK_DBTP = -1.0
ATTACK_S, RELEASE_S = 0.12, 0.4
BRIDGE_S = 0.8
"""A pause shorter than this keeps the music down: rising and falling in every breath sounds like pumping."""
SPEECH_UNDER_DB, REST_UNDER_DB = 14.0, 6.0
FADE_IN_S, FADE_OUT_S = 0.3, 1.1
CONTROL_HZ = 400
_EDGE_S = 0.005
_SILENCE_DB = -60.0
_BLOCK = 10 * SAMPLE_RATE
_ROUNDS = 7
_READ_OPTIONS = {"format_whitelist": "wav,w64,flac,mp3,ogg,mov,aac", "protocol_whitelist": "file"}
"""Only plain sound files are opened: a playlist in a file that calls itself WAV must not make FFmpeg fetch things."""


def mix(plan: RenderPlan, files: Mapping[str, Path], scratch: Path, workdir: Path, progress: Progress) -> MixedSound:
    """Writes `soundtrack.flac` (16 bit, stereo, 48 kHz) into `workdir`, exactly as long as the timeline."""
    timeline = build_timeline(plan)
    raw, mixed = scratch / "mix.f32", scratch / "mix.flac"
    with writing(workdir, "mixing the sound"):
        voice = narration_track(timeline, files)
        progress(0.2)
        music = _decode(_file(plan.material.music.audio, files, "music"), "stereo", "music", timeline.samples)
        _write_raw(timeline, voice, music, raw)
        progress(0.4)
        loudness = _master(raw, mixed, timeline.samples, scratch, progress)
        mixed.replace(workdir / "soundtrack.flac")
    return MixedSound(workdir / "soundtrack.flac", timeline.seconds, loudness.integrated, loudness.true_peak)


def narration_track(timeline: Timeline, files: Mapping[str, Path]) -> F32:
    """All narrations at their places, mono. One that is longer than its place is cut where the next scene begins."""
    track = np.zeros(timeline.samples, np.float32)
    for scene in timeline.scenes:
        begin, room = scene.speech_first * SAMPLES_PER_FRAME, _room(timeline, scene)
        where = f"narrations[{scene.scene}]"
        spoken = _decode(_file(scene.narration, files, where), "mono", where, room)[0]
        edge = min(int(_EDGE_S * SAMPLE_RATE), len(spoken) // 2)
        if edge:
            ramp = np.linspace(0.0, 1.0, edge, dtype=np.float32)
            spoken[:edge] *= ramp
            spoken[-edge:] *= ramp[::-1]
        track[begin : begin + len(spoken)] = spoken
    return track


def _room(timeline: Timeline, scene: SceneSpan) -> int:
    following = timeline.scenes[scene.position + 1 :]
    last = following[0].speech_first if following else timeline.frames
    return (last - scene.speech_first) * SAMPLES_PER_FRAME


def _file(asset: AssetRef, files: Mapping[str, Path], where: str) -> Path:
    if asset.sha256 not in files:
        raise RenderFailed("the file was not handed over", field=f"material.{where}", remedy="fetch it before mixing")
    return files[asset.sha256]


def _decode(path: Path, layout: str, where: str, most: int) -> F32:
    """At most `most` samples of a sound file: channels x samples, 48 kHz, -1..1."""
    resampler = AudioResampler(format="fltp", layout=layout, rate=SAMPLE_RATE)
    pieces: list[F32] = []
    count = 0
    try:
        with av.open(str(path), options=_READ_OPTIONS) as container:
            if not container.streams.audio:
                raise RenderFailed("the file has no sound", field=f"material.{where}", remedy="make it again")
            for frame in chain(container.decode(audio=0), (None,)):
                for piece in resampler.resample(frame):
                    pieces.append(np.asarray(piece.to_ndarray(), np.float32))
                    count += piece.samples
                if count >= most:
                    break
    except (OSError, av.FFmpegError) as error:
        raise RenderFailed(
            f"the sound file cannot be read ({reason(error)})", field=f"material.{where}", remedy="make it again"
        ) from error
    if not pieces:
        return np.zeros((1 if layout == "mono" else 2, 0), np.float32)
    return np.ascontiguousarray(np.concatenate(pieces, axis=1)[:, :most], np.float32)


def active_level(samples: F32) -> float:
    """The level in dBFS of a sound where it sounds: RMS over the 100 ms blocks within 30 dB of the loudest one."""
    block = SAMPLE_RATE // 10
    mono = samples if samples.ndim == 1 else samples.mean(axis=0)
    whole = mono[: len(mono) // block * block].reshape(-1, block)
    if not whole.size:
        whole = mono.reshape(1, -1) if mono.size else np.zeros((1, 1), np.float32)
    power = np.square(whole, dtype=np.float64).mean(axis=1)
    heard = power[power > power.max() * 1e-3]
    return float(10 * np.log10(heard.mean())) if heard.size else program.SILENT


def speech_spans(words: Sequence[Word]) -> list[tuple[float, float]]:
    """When someone speaks, in seconds; short pauses bridged."""
    spans: list[tuple[float, float]] = []
    for word in words:
        if spans and word.start - spans[-1][1] < BRIDGE_S:
            spans[-1] = spans[-1][0], max(word.end, spans[-1][1])
        else:
            spans.append((word.start, word.end))
    return spans


def duck_curve(spans: Sequence[tuple[float, float]], seconds: float) -> F32:
    """How far the music is taken down, 0..1, `CONTROL_HZ` times a second: down before speech begins, up after it."""
    times = np.arange(int(np.ceil(seconds * CONTROL_HZ)) + 2) / CONTROL_HZ
    depth = np.zeros(len(times))
    for begin, end in spans:
        first = max(int((begin - ATTACK_S) * CONTROL_HZ), 0)
        last = int((end + RELEASE_S) * CONTROL_HZ) + 2
        part = times[first:last]
        ramp = np.minimum((part - (begin - ATTACK_S)) / ATTACK_S, (end + RELEASE_S - part) / RELEASE_S)
        ramp = np.clip(ramp, 0.0, 1.0)
        # Smoothstep: no corner that could be heard.
        depth[first:last] = np.maximum(depth[first:last], ramp * ramp * (3.0 - 2.0 * ramp))
    return depth.astype(np.float32)


@dataclass(frozen=True)
class _Bed:
    """The music's gain over time: `rest` and `duck` in dB, the duck curve, and the fades at both ends."""

    rest: float
    duck: float
    curve: F32
    seconds: float

    def gain(self, first: int, count: int) -> F32:
        times = np.arange(first, first + count) / SAMPLE_RATE
        depth = np.interp(times * CONTROL_HZ, np.arange(len(self.curve)), self.curve)
        fades = np.minimum(times / FADE_IN_S, (self.seconds - times) / FADE_OUT_S).clip(0.0, 1.0)
        return np.asarray(10 ** ((self.rest - self.duck * depth) / 20) * np.sin(fades * np.pi / 2), np.float32)


def _write_raw(timeline: Timeline, voice: F32, music: F32, path: Path) -> None:
    """Voice and music as raw stereo 32-bit floats, in blocks: the memory this takes does not grow with the length."""
    said, played = active_level(voice), active_level(music)
    level = said if said > _SILENCE_DB else -20.0
    bed = _Bed(
        rest=level - REST_UNDER_DB - played if played > _SILENCE_DB else 0.0,
        duck=SPEECH_UNDER_DB - REST_UNDER_DB,
        curve=duck_curve(speech_spans(timeline.words), timeline.seconds),
        seconds=timeline.seconds,
    )
    with path.open("wb") as file:
        for first in range(0, timeline.samples, _BLOCK):
            spoken = voice[first : first + _BLOCK]
            block = np.repeat(spoken[:, None], 2, axis=1)
            if music.shape[1]:
                looped = np.arange(first, first + len(spoken)) % music.shape[1]
                block += music[:, looped].T * bed.gain(first, len(spoken))[:, None]
            file.write(block.astype("<f4").tobytes())


def _master(raw: Path, out: Path, samples: int, scratch: Path, progress: Progress) -> program.Loudness:
    """Gain and a true-peak limiter, repeated until what the AAC encoder makes of it measures as it should.

    Two rounds are usual. Sound without any level (silence) is left as it is."""
    probe = scratch / "probe.flac"
    _render_sound(raw, probe, samples, gain=0.0, limit=None, scratch=scratch)
    quiet = program.measure_loudness(probe).integrated
    if quiet <= _SILENCE_DB:
        probe.replace(out)
        return program.measure_loudness(out)
    gain, limit = TARGET_LUFS - quiet, PEAK_DBTP - 1.0
    # How many dB louder one dB of gain makes it: 1 as long as the limiter has nothing to do, less when it has.
    slope, before = 1.0, (0.0, quiet)
    for attempt in range(_ROUNDS):
        _render_sound(raw, out, samples, gain=gain, limit=limit, scratch=scratch)
        encode_sound(out, scratch / "probe.m4a")
        delivered = program.measure_loudness(scratch / "probe.m4a")
        progress(0.5 + 0.5 * attempt / _ROUNDS)
        off, over = TARGET_LUFS - delivered.integrated, delivered.true_peak - (PEAK_DBTP - 0.1)
        if abs(off) <= 0.15 and over <= 0.0:
            break
        if abs(gain - before[0]) > 0.2:
            slope = min(max((delivered.integrated - before[1]) / (gain - before[0]), 0.15), 1.0)
        before = gain, delivered.integrated
        gain += min(max(off / slope, -6.0), 6.0)
        limit -= over + 0.1 if over > 0.0 else 0.0
    return program.measure_loudness(out)


def _render_sound(raw: Path, out: Path, samples: int, *, gain: float, limit: float | None, scratch: Path) -> None:
    """Raw floats to FLAC. The limiter works at 192 kHz, where the peaks between samples can be seen."""
    sound = ffmpeg.input(f"file:{raw}", format="f32le", ar=SAMPLE_RATE, ac=2).audio.filter("volume", f"{gain:.3f}dB")
    if limit is not None:
        sound = (
            sound.filter("aresample", 4 * SAMPLE_RATE)
            .filter("alimiter", limit=f"{10 ** (limit / 20):.6f}", attack=4, release=60, level=0, latency=1)
            .filter("aresample", SAMPLE_RATE)
        )
    sound = sound.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)
    target = sound.output(
        f"file:{out}", format="flac", acodec="flac", sample_fmt="s16", map_metadata=-1, fflags="+bitexact"
    )
    args: list[str] = target.overwrite_output().get_args()
    program.run(["-bitexact", *args], what="mastering the sound", workdir=scratch)
