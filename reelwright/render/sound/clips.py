"""The own sound of clips: each at its place in the video, played as its pictures are.

A clip's sound is decoded to a track that begins with the first picture that is seen of it. Where the pictures are
slowed, so is the sound, at its own pitch (FFmpeg's `atempo`); where they begin again, so does it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.error import BlockingIOError as NotYet
from av.filter import Graph

from reelwright.domain.content.media import SceneClip
from reelwright.domain.errors import RenderFailed

from ..picture.decoding import CLIP_OPTIONS
from ..picture.yuv import F32
from ..plan.playing import Playing
from ..plan.timeline import SAMPLE_RATE, ClipSpan, SceneSpan, Timeline
from ..process.trouble import reason
from .tracks import Note, Track

EDGE_S = 0.005
"""A ramp at both ends of a clip's sound, so that neither a cut nor a beginning again clicks."""
_PIECE = 4096


@dataclass(frozen=True)
class ClipSound:
    """What is heard of a clip: `samples` of the video from sample `first` on, with its fades in samples. `kept`: at its
    own level; `alone`: without the music."""

    track: Track
    first: int
    samples: int
    fade_in: int
    fade_out: int
    loops: bool
    kept: bool
    alone: bool

    def read(self, first: int, count: int) -> F32:
        """count x 2, for `count` samples of the video from `first` on; zeros outside of its place."""
        made = np.zeros((count, 2), np.float32)
        begin, end = max(first, self.first), min(first + count, self.first + self.samples)
        if begin < end:
            at, length = begin - self.first, end - begin
            heard = self.track.looped(at, length) if self.loops else self.track.read(at, length)
            made[begin - first : begin - first + len(heard)] = heard
        return made * self.shape(first, count)[:, None]

    def shape(self, first: int, count: int) -> F32:
        """Its fades: 0 outside of its place, 1 in the middle."""
        places = np.arange(first - self.first, first - self.first + count, dtype=np.float64) + 0.5
        rising = places / self.fade_in if self.fade_in else np.where(places > 0, 1.0, 0.0)
        left = self.samples - places
        falling = left / self.fade_out if self.fade_out else np.where(left > 0, 1.0, 0.0)
        return np.asarray(np.sin(np.clip(np.minimum(rising, falling), 0.0, 1.0) * np.pi / 2), np.float32)


def clip_sounds(timeline: Timeline, files: Mapping[str, Path], scratch: Path, note: Note) -> Sequence[ClipSound]:
    """The sounds of a video's clips in order, each decoded to a track in `scratch`. Raises `RenderFailed` naming the
    clip whose sound cannot be used."""
    return [
        sound
        for number, span in enumerate(timeline.clips)
        if (sound := _sound(timeline, span, files, scratch / f"clip-{number}.f32", note))
    ]


def heard_of(clip: SceneClip | None) -> bool:
    """Whether a clip's own sound is wanted, and there."""
    return clip is not None and clip.sound != "mute" and clip.facts.has_sound


def _sound(
    timeline: Timeline, span: SceneSpan | ClipSpan, files: Mapping[str, Path], path: Path, note: Note
) -> ClipSound | None:
    assert span.clip is not None and span.playing is not None
    if not heard_of(span.clip):
        return None
    alone = isinstance(span, ClipSpan)
    field = f"material.{span.kind}" if isinstance(span, ClipSpan) else f"material.pictures[{span.scene}].clip"
    if span.clip.file.sha256 not in files:
        raise RenderFailed("the file was not handed over", field=field, remedy="fetch it before mixing")
    track = clip_track(files[span.clip.file.sha256], span.playing, span.frames / timeline.fps, path, field)
    if not track.samples:
        note(f"{field}: the clip has no sound after its start")
        return None
    unit, pace = timeline.samples_per_frame, timeline.pace
    last = span.last == timeline.frames
    return ClipSound(
        track=track,
        first=span.first * unit,
        samples=span.frames * unit,
        fade_in=span.transition_in * unit,
        fade_out=(pace.fade_out if last else pace.transition) * unit,
        loops=span.playing.loops,
        kept=span.clip.sound == "keep",
        alone=alone,
    )


def clip_track(path: Path, playing: Playing, seconds: float, out: Path, field: str) -> Track:
    """Writes the sound that belongs to what is seen of a clip in so many seconds, once through, and no more; without
    any, an empty track."""
    wanted = round(min(playing.available_s, seconds * playing.speed) * SAMPLE_RATE)
    try:
        heard = _decoded(path, playing.start_s, wanted)
    except (OSError, av.FFmpegError) as error:
        raise RenderFailed(
            f"the clip's sound is not usable: it cannot be read ({reason(error)})",
            field=field,
            remedy='mute it ("sound": "mute"), or give another file',
        ) from error
    if not len(heard):
        return Track(out, 2, 0)
    length = round(wanted / playing.speed)
    if playing.speed < 1.0:
        heard = _slowed(heard, playing.speed)
    # Sound that ends before the pictures is followed by silence, so that both begin again together.
    whole = np.zeros((length, 2), np.float32)
    whole[: min(length, len(heard))] = heard[:length]
    edge = min(round(EDGE_S * SAMPLE_RATE), length // 2)
    ramp = np.linspace(0.0, 1.0, edge, dtype=np.float32)[:, None]
    whole[:edge] *= ramp
    whole[length - edge :] *= ramp[::-1]
    out.write_bytes(whole.astype("<f4").tobytes())
    return Track(out, 2, length)


def _decoded(path: Path, start_s: float, most: int) -> F32:
    """At most `most` samples x 2 from a moment of the clip on, counted as its pictures are."""
    with av.open(str(path), options=CLIP_OPTIONS) as container:
        if not container.streams.audio:
            return np.zeros((0, 2), np.float32)
        pictures, sound = container.streams.video[0], container.streams.audio[0]
        origin = float((pictures.start_time or 0) * (pictures.time_base or 0))
        begin = origin + start_s
        if start_s > 1.0 and sound.time_base:
            # A little before it: a decoder needs a packet or two to get going.
            container.seek(int((begin - 0.5) / sound.time_base), stream=sound)
        made = np.zeros((most, 2), np.float32)
        written = 0
        resampler = AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
        at: int | None = None
        for frame in chain(container.decode(sound), (None,)):
            if frame is not None and frame.time is not None and at is None:
                at = round((frame.time - begin) * SAMPLE_RATE)
            for piece in resampler.resample(frame):
                samples = np.nan_to_num(np.asarray(piece.to_ndarray(), np.float32).T)
                place = at or 0
                first, last = max(place, 0), min(place + len(samples), most)
                if first < last:
                    made[first:last] = samples[first - place : last - place]
                    written = last
                at = place + len(samples)
            if at is not None and at >= most:
                break
    return made[:written]


def _slowed(heard: F32, speed: float) -> F32:
    """The same sound at a lower speed and its own pitch."""
    graph = Graph()
    base = Fraction(1, SAMPLE_RATE)
    source = graph.add_abuffer(sample_rate=SAMPLE_RATE, format="fltp", layout="stereo", time_base=base)
    tempo, planar = graph.add("atempo", f"{speed:.6f}"), graph.add("aformat", "sample_fmts=fltp")
    sink = graph.add("abuffersink")
    for one, other in ((source, tempo), (tempo, planar), (planar, sink)):
        one.link_to(other)
    graph.configure()
    pieces: list[F32] = []
    for first in range(0, len(heard), _PIECE):
        piece = AudioFrame.from_ndarray(np.ascontiguousarray(heard[first : first + _PIECE].T), "fltp", "stereo")
        piece.sample_rate, piece.pts, piece.time_base = SAMPLE_RATE, first, base
        graph.push(piece)
        pieces += _pulled(graph)
    graph.push(None)
    pieces += _pulled(graph)
    return np.concatenate(pieces) if pieces else np.zeros((0, 2), np.float32)


def _pulled(graph: Graph) -> Iterator[F32]:
    while True:
        try:
            frame = cast(AudioFrame, graph.pull())
        except (NotYet, EOFError):
            return
        yield np.asarray(frame.to_ndarray(), np.float32).T
