"""The soundtrack: narration placed to the sample, music under it, loudness at the platforms' level.

Levels: the music is 14 dB under the voice during speech and 6 dB under it otherwise. So is a clip's own sound, unless
it is kept at its own level; the music is then taken down for it as for speech, and is silent under a clip before or
after the story that is heard. The whole is brought to
-14 LUFS (EBU R128 / ITU-R BS.1770, the level the big platforms play at) with true peaks under -1 dBTP, measured after
the AAC encoder, which adds a little to the peaks.

Everything is streamed through files in the scratch folder: the memory this takes does not grow with the length.

Repairs, each reported in the notes: those of `tracks`; scenes spoken at different levels are brought together; a
narration longer than its place is cut where the next one begins, a shorter one is followed by silence; music without
a sample is left out; music that is shorter than the video begins again, longer music is cut.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import ffmpeg
import numpy as np
from numpy.typing import NDArray

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.findings import SoundFindings
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import RenderFailed
from reelwright.domain.ports.rendering import MixedSound, Progress

from ..encode.mp4 import encode_sound
from ..encode.packets import packets_of, sound_digest
from ..picture.yuv import F32
from ..plan.timeline import SAMPLE_RATE, SceneSpan, Timeline, build_timeline
from ..process import program
from ..process.trouble import writing
from .clips import ClipSound, clip_sounds
from .tracks import BLOCK_S, SILENCE_DB, Note, Track, active_level, write_track

TARGET_LUFS = -14.0
PEAK_DBTP = -1.0
LUFS_TOLERANCE = 0.5
ATTACK_S, RELEASE_S = 0.12, 0.4
BRIDGE_S = 0.8
"""A pause shorter than this keeps the music down: rising and falling in every breath sounds like pumping."""
SHORTEST_SPEECH_S = 0.06
"""A shorter sound is a click, not a word, and leaves the music where it is."""
SPEECH_RANGE_DB = 25.0
"""What is this far below the voice's level is its room, not its words."""
SPEECH_UNDER_DB, REST_UNDER_DB = 14.0, 6.0
MAX_LIFT_DB = 12.0
"""How much a scene that was spoken too low is lifted towards the others at most: its noise comes up with it."""
FADE_IN_S, FADE_OUT_S = 0.3, 1.1
CONTROL_HZ = 400
_EDGE_S = 0.005
_UNEVEN_DB = 2.0
_PLACE_S = 0.25
"""A narration may differ by this much from its stated length before a note is made."""
_BLOCK = 10 * SAMPLE_RATE
_ROUNDS = 7


def mix(
    plan: RenderPlan,
    files: Mapping[str, Path],
    scratch: Path,
    workdir: Path,
    progress: Progress,
) -> MixedSound:
    """Writes `soundtrack.flac` (16 bit, stereo, 48 kHz), exactly as long as the timeline, and the same as AAC,
    `soundtrack.m4a`, into `workdir`.

    Raises `RenderFailed` naming the narration or the music whose file cannot be used. Its notes report each repair.
    """
    notes: list[str] = []
    note = notes.append
    timeline = build_timeline(plan)
    raw, mixed, encoded = scratch / "mix.f32", scratch / "mix.flac", scratch / "mix.m4a"
    with writing(workdir, "mixing the sound"):
        voice = narration_track(timeline, files, scratch / "voice.f32", note)
        progress(0.2)
        music = _music(timeline, plan.material.music.audio, files, scratch / "music.f32", note)
        overlap = round(plan.material.music.overlap_s * SAMPLE_RATE)
        _write_raw(timeline, voice, music, clip_sounds(timeline, files, scratch, note), raw, overlap)
        progress(0.4)
        loudness, heard = _master(raw, mixed, encoded, timeline.samples, progress, note)
        found = _found(encoded, heard)
        mixed, encoded = (made.replace(workdir / f"soundtrack{made.suffix}") for made in (mixed, encoded))
    levels = loudness.integrated, loudness.true_peak
    return MixedSound(mixed, encoded, timeline.seconds, *levels, tuple(notes), found)


def _found(encoded: Path, heard: program.Heard) -> SoundFindings:
    """What was measured on the delivered sound, with what it is recognised by."""
    with av.open(str(encoded)) as container, encoded.open("rb") as file:
        return SoundFindings(
            sha256=hashlib.file_digest(file, "sha256").hexdigest(),
            packets=sound_digest(packets_of(container, container.streams.audio[0])),
            integrated_lufs=heard.loudness.integrated,
            true_peak_dbtp=heard.loudness.true_peak,
            longest_silence_s=heard.silence_s,
        )


@dataclass(frozen=True)
class Voice:
    """All narrations at their places, mono, and what each scene's is multiplied by: (first sample, gain), rising."""

    track: Track
    gains: tuple[tuple[int, float], ...]

    def read(self, first: int, count: int) -> F32:
        """`count` samples with their gains."""
        samples = self.track.read(first, count)[:, 0].copy()
        ends = [begin for begin, _ in self.gains[1:]] + [self.track.samples]
        for (begin, gain), end in zip(self.gains, ends, strict=True):
            samples[max(begin - first, 0) : max(end - first, 0)] *= np.float32(gain)
        return samples

    def powers(self) -> NDArray[np.float64]:
        """The power of each 20 ms block, gains applied."""
        powers = self.track.powers()
        block = round(BLOCK_S * SAMPLE_RATE)
        for index, (begin, gain) in enumerate(self.gains):
            end = self.gains[index + 1][0] if index + 1 < len(self.gains) else self.track.samples
            powers[begin // block : -(-end // block)] *= gain**2
        return powers


def narration_track(timeline: Timeline, files: Mapping[str, Path], path: Path, note: Note) -> Voice:
    """Writes all narrations at their places to `path`. One that is longer than its place is cut where the next scene
    begins; all are brought to the median of their levels."""
    path.unlink(missing_ok=True)
    path.touch()
    places: list[tuple[int, float]] = []
    for scene in timeline.scenes:
        begin, room = scene.speech_first * timeline.samples_per_frame, _room(timeline, scene)
        where = f"narrations[{scene.scene}]"
        said = write_track(_file(scene.narration, files, where), where, path, mono=True, most=room, note=note, at=begin)
        if not said.samples:
            raise RenderFailed("the sound file is empty", field=f"material.{where}", remedy="make it again")
        _tell_place(timeline, scene, said.samples, room, where, note)
        _soften_edges(path, begin, said.samples)
        whole = Track(path, 1, begin + said.samples)
        places.append((begin, active_level(whole.powers(begin, said.samples))))
    with path.open("r+b") as file:
        file.truncate(4 * timeline.samples)
    return Voice(Track(path, 1, timeline.samples), _even_out(timeline, places, note))


def _tell_place(timeline: Timeline, scene: SceneSpan, samples: int, room: int, where: str, note: Note) -> None:
    stated, spoken = scene.speech_frames / timeline.fps, samples / SAMPLE_RATE
    if samples >= room:
        note(f"material.{where}: the recording is longer than its place of {room / SAMPLE_RATE:.2f} s and is cut there")
    elif stated - spoken > max(_PLACE_S, 1 / timeline.fps) and scene.speech_frames > timeline.pace.min_speech:
        note(f"material.{where}: the recording lasts {spoken:.2f} of {stated:.2f} s; the rest is left silent")


def _soften_edges(path: Path, begin: int, samples: int) -> None:
    """A ramp of 5 ms at both ends of what was written, so that a cut does not click."""
    edge = min(int(_EDGE_S * SAMPLE_RATE), samples // 2)
    ramp = np.linspace(0.0, 1.0, edge, dtype=np.float32)
    track = Track(path, 1, begin + samples)
    with path.open("r+b") as file:
        for first, shape in ((begin, ramp), (begin + samples - edge, ramp[::-1])):
            softened = track.read(first, edge)[:, 0] * shape
            file.seek(4 * first)
            file.write(softened.astype("<f4").tobytes())


def _even_out(timeline: Timeline, places: Sequence[tuple[int, float]], note: Note) -> tuple[tuple[int, float], ...]:
    """The gain of each scene's voice: towards the median level of the audible ones."""
    heard = [level for _, level in places if level > SILENCE_DB]
    median = float(np.median(heard)) if heard else 0.0
    gains: list[tuple[int, float]] = []
    for scene, (begin, level) in zip(timeline.scenes, places, strict=True):
        where = f"material.narrations[{scene.scene}]"
        lift = min(median - level, MAX_LIFT_DB) if level > SILENCE_DB else 0.0
        if level <= SILENCE_DB:
            note(f"{where}: the recording is silent")
        elif abs(lift) > _UNEVEN_DB:
            note(f"{where}: the recording is {-lift:+.1f} dB off the others' level; it is brought to theirs")
        gains.append((begin, 10 ** (lift / 20)))
    return tuple(gains)


def _music(timeline: Timeline, asset: AssetRef, files: Mapping[str, Path], path: Path, note: Note) -> Track:
    path.unlink(missing_ok=True)
    track = write_track(_file(asset, files, "music"), "music", path, mono=False, most=timeline.samples, note=note)
    if not track.samples:
        note("material.music: the sound file is empty; there is no music")
    elif active_level(track.powers()) <= SILENCE_DB:
        note("material.music: the recording is silent")
    return track


def _room(timeline: Timeline, scene: SceneSpan) -> int:
    following = timeline.scenes[scene.position + 1 :]
    last = following[0].speech_first if following else timeline.frames
    return (last - scene.speech_first) * timeline.samples_per_frame


def _file(asset: AssetRef, files: Mapping[str, Path], where: str) -> Path:
    if asset.sha256 not in files:
        raise RenderFailed("the file was not handed over", field=f"material.{where}", remedy="fetch it before mixing")
    return files[asset.sha256]


def speech_spans(powers: NDArray[np.float64]) -> list[tuple[float, float]]:
    """The times with speech, in seconds, from the voice's power in blocks of 20 ms; short pauses bridged.

    The sound itself is measured, not the words' times: those may be estimates, and music must not cover a word."""
    level = active_level(powers)
    if level <= SILENCE_DB:
        return []
    floor = 10 ** (max(level - SPEECH_RANGE_DB, SILENCE_DB) / 10)
    heard = np.concatenate([[False], powers > floor, [False]])
    edges = np.flatnonzero(np.diff(heard.astype(np.int8)))
    spans: list[tuple[float, float]] = []
    for begin, end in edges.reshape(-1, 2) * BLOCK_S:
        if spans and begin - spans[-1][1] < BRIDGE_S:
            spans[-1] = spans[-1][0], float(end)
        else:
            spans.append((float(begin), float(end)))
    return [(begin, end) for begin, end in spans if end - begin >= SHORTEST_SPEECH_S]


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
        # Smoothstep: no audible corner.
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
        fades = np.minimum(times / FADE_IN_S, (self.seconds - times) / FADE_OUT_S).clip(0.0, 1.0)
        return np.asarray(self.under(first, count) * np.sin(fades * np.pi / 2), np.float32)

    def under(self, first: int, count: int) -> F32:
        times = np.arange(first, first + count) / SAMPLE_RATE
        depth = np.interp(times * CONTROL_HZ, np.arange(len(self.curve)), self.curve)
        return np.asarray(10 ** ((self.rest - self.duck * depth) / 20), np.float32)


def _write_raw(
    timeline: Timeline, voice: Voice, music: Track, clips: Sequence[ClipSound], path: Path, overlap: int = 0
) -> None:
    """Voice, music and clips as raw stereo 32-bit floats, in blocks. Music that is long enough ends as it is."""
    overlap = overlap if music.samples < timeline.samples else 0
    powers = voice.powers()
    said = active_level(powers)
    level = said if said > SILENCE_DB else -20.0
    speech = speech_spans(powers)

    def bed(track: Track, spans: Sequence[tuple[float, float]]) -> _Bed:
        played = active_level(track.powers())
        return _Bed(
            rest=level - REST_UNDER_DB - played if played > SILENCE_DB else 0.0,
            duck=SPEECH_UNDER_DB - REST_UNDER_DB,
            curve=duck_curve(spans, timeline.seconds),
            seconds=timeline.seconds,
        )

    under = bed(music, [*speech, *(span for clip in clips if clip.kept for span in _sounding(clip))])
    beds = [None if clip.kept else bed(clip.track, speech) for clip in clips]
    with path.open("wb") as file:
        for first in range(0, timeline.samples, _BLOCK):
            spoken = voice.read(first, _BLOCK)
            count = len(spoken)
            block = np.repeat(spoken[:, None], 2, axis=1)
            if music.samples:
                gain = under.gain(first, count)
                for clip in clips:
                    if clip.alone:
                        gain = gain * (1.0 - clip.shape(first, count))
                block += music.looped(first, count, overlap) * gain[:, None]
            for clip, ducked in zip(clips, beds, strict=True):
                if clip.first < first + count and first < clip.first + clip.samples:
                    heard = clip.read(first, count)
                    block += heard if ducked is None else heard * ducked.under(first, count)[:, None]
            file.write(block.astype("<f4").tobytes())


def _sounding(clip: ClipSound) -> list[tuple[float, float]]:
    """When a kept clip is heard, in seconds of the video."""
    block = round(BLOCK_S * SAMPLE_RATE)
    reads = range(clip.first, clip.first + clip.samples, _BLOCK)
    pieces = [clip.read(first, min(_BLOCK, clip.first + clip.samples - first)) for first in reads]
    whole = np.concatenate(pieces)[: clip.samples // block * block]
    powers = np.square(whole, dtype=np.float64).reshape(-1, 2 * block).mean(axis=1)
    begin = clip.first / SAMPLE_RATE
    return [(begin + first, begin + last) for first, last in speech_spans(powers)]


def _master(
    raw: Path, out: Path, encoded: Path, samples: int, progress: Progress, note: Note
) -> tuple[program.Loudness, program.Heard]:
    """Gain and a true-peak limiter, repeated until what the AAC encoder makes of it, `encoded`, measures as it should.
    Both are measured.

    Two rounds are usual. Sound without any level (silence) is left as it is."""
    scratch, seconds = out.parent, samples / SAMPLE_RATE
    probe = scratch / "probe.flac"
    _render_sound(raw, probe, samples, gain=0.0, limit=None, scratch=scratch)
    quiet = program.measure_loudness(probe).integrated
    if quiet <= SILENCE_DB:
        encode_sound(probe.replace(out), encoded)
        return program.measure_loudness(out), program.listen(encoded, seconds)
    gain, limit = TARGET_LUFS - quiet, PEAK_DBTP - 1.0
    # How many dB louder one dB of gain makes it: 1 as long as the limiter has nothing to do, less when it has.
    slope, before = 1.0, (0.0, quiet)
    for attempt in range(_ROUNDS):
        _render_sound(raw, out, samples, gain=gain, limit=limit, scratch=scratch)
        encode_sound(out, encoded)
        heard = program.listen(encoded, seconds)
        delivered = heard.loudness
        progress(0.5 + 0.5 * attempt / _ROUNDS)
        off, over = TARGET_LUFS - delivered.integrated, delivered.true_peak - (PEAK_DBTP - 0.1)
        if abs(off) <= 0.15 and over <= 0.0:
            break
        if abs(gain - before[0]) > 0.2:
            slope = min(max((delivered.integrated - before[1]) / (gain - before[0]), 0.15), 1.0)
        before = gain, delivered.integrated
        gain += min(max(off / slope, -6.0), 6.0)
        limit -= over + 0.1 if over > 0.0 else 0.0
    made = program.measure_loudness(out)
    if abs(made.integrated - TARGET_LUFS) > LUFS_TOLERANCE:
        note(f"sound: {TARGET_LUFS:.0f} LUFS could not be reached without distortion; it is {made.integrated:.1f}")
    return made, heard


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
