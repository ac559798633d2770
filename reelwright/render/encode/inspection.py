"""Measures a finished file and raises when it is not what was planned.

A file whose segments have findings is not decoded: its packets must be those that the findings are of, so what was
measured on the parts holds for the whole, and what joining can change is read from the file (streams, times, order of
boxes). Any other file is opened twice by different programs: PyAV reads its structure, and the FFmpeg program decodes
all of it once, through its loudness meter and its detectors of silence, black and standing pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

import av
import ffmpeg

from reelwright.domain.content.findings import SegmentFindings, SoundFindings
from reelwright.domain.content.video import Inspection, RenderJob, RenderPlan, Soundtrack
from reelwright.domain.errors import RenderFailed
from reelwright.domain.formats import VideoFormat
from reelwright.domain.ports.rendering import Progress

from ..captions.burn import format_track
from ..plan.layout import LAYOUTS
from ..plan.timeline import SAMPLE_RATE, Timeline, build_timeline
from ..process import program
from ..process.follow import follow
from ..process.trouble import reason
from ..sound.mixing import LUFS_TOLERANCE, PEAK_DBTP, TARGET_LUFS
from .findings import LONGEST_STILL_S, same_picture
from .mp4 import UNDECODED
from .packets import packets_of, picture_run, sound_digest

AAC_FRAME_S = 1024 / SAMPLE_RATE
MAX_BLACK_S = 0.6
"""The final fade is dark for less than half a second; more black than this at once was not planned."""
BLACK_PER_TRANSITION_S = 0.3
"""A dip between two scenes is dark for about this long; it counts towards the sum."""
MAX_SILENCE_S = 2.0
MAX_FROZEN_SHARE = 0.25
"""Pictures always move. Plain stills may look frozen to the detector for a while; a file that stands still does for
all of its length. Cards and clips are not counted: they are allowed to stand."""
SHORTEST_BLACK_S = 0.1
_QUIET_LUFS = -50.0


@dataclass(frozen=True)
class _Structure:
    """What PyAV reads from the file. Times in seconds."""

    faults: tuple[str, ...]
    frames: int
    duration_s: float


@dataclass(frozen=True)
class _Seen:
    """The measurements of picture and sound. Times in seconds."""

    frames: int
    heard: program.Heard
    black_s: float
    longest_black_s: float
    frozen_s: float


def inspect(
    render: RenderJob, video: Path, scratch: Path, progress: Progress, findings: Sequence[SegmentFindings] = ()
) -> Inspection:
    """The measurements of a good file. Raises `RenderFailed` naming everything that is not as planned. `findings` are
    those of its segments in order.

    Material that could not be brought to -14 LUFS (silence, a few clicks) is compared with its soundtrack's measurement
    instead, and a note reports it.
    """
    plan, format, soundtrack = render.plan, render.format, render.soundtrack
    timeline = build_timeline(plan)
    structure = _structure(video, format, timeline)
    if structure.faults:
        raise _failed(format, structure.faults)
    if findings:
        faults = _packet_faults(video, soundtrack, findings, timeline.fps)
        if faults:
            raise _failed(format, faults)
        seen = _known(video, soundtrack, findings, timeline)
    else:
        seen = _decode(video, timeline, scratch, progress)
    faults = _differences(seen, timeline, soundtrack)
    outside = [found.outside for found in findings]
    if not findings or None in outside:
        faults += _caption_faults(plan, format, timeline)
    elif most := max(filter(None, outside), default=0):
        faults.append(f"a caption stands {most} pixels outside the safe area")
    if faults:
        raise _failed(format, faults)
    return Inspection(
        format=format,
        duration_s=structure.duration_s,
        frames=seen.frames,
        integrated_lufs=seen.heard.loudness.integrated,
        true_peak_dbtp=seen.heard.loudness.true_peak,
        longest_silence_s=seen.heard.silence_s,
        black_s=seen.black_s,
        frozen_s=seen.frozen_s,
        notes=_notes(seen),
    )


def _notes(seen: _Seen) -> tuple[str, ...]:
    heard = seen.heard.loudness.integrated
    if abs(heard - TARGET_LUFS) <= LUFS_TOLERANCE + 0.05:
        return ()
    return (f"loudness is {heard:.1f} LUFS: {TARGET_LUFS:.0f} could not be reached with these sounds",)


def _failed(format: VideoFormat, faults: tuple[str, ...] | list[str]) -> RenderFailed:
    return RenderFailed("; ".join(faults), field=f"video {format.value}", remedy="render it again")


def _structure(video: Path, format: VideoFormat, timeline: Timeline) -> _Structure:
    try:
        with av.open(str(video)) as container:
            pictures, sounds = container.streams.video, container.streams.audio
            if len(pictures) != 1 or len(sounds) != 1 or len(container.streams) != 2:
                counts = f"{len(pictures)} video and {len(sounds)} audio of {len(container.streams)} streams"
                return _Structure((f"{counts}, not one of each",), 0, 0.0)
            picture, sound = pictures[0], sounds[0]
            faults = _picture_faults(picture, format, timeline) + _sound_faults(sound)
            first = [_seconds(stream.start_time, stream.time_base) for stream in (picture, sound)]
            if abs(first[0]) > 1e-6 or abs(first[1]) > 1e-6:
                faults.append(f"picture begins at {first[0]:.3f} s and sound at {first[1]:.3f} s, not both at 0")
            lasts = [_seconds(stream.duration, stream.time_base) for stream in (picture, sound)]
            frames = sum(1 for packet in container.demux(picture) if packet.size)
    except (OSError, av.FFmpegError) as error:
        raise _failed(format, [f"it cannot be opened ({reason(error)})"]) from error
    if frames != timeline.frames:
        faults.append(f"{frames} frames, {timeline.frames} were planned")
    if abs(lasts[0] - timeline.seconds) > 0.5 / timeline.fps:
        faults.append(f"the picture lasts {lasts[0]:.3f} s, {timeline.seconds:.3f} s were planned")
    if abs(lasts[1] - timeline.seconds) > AAC_FRAME_S + 1e-3:
        faults.append(f"the sound lasts {lasts[1]:.3f} s, {timeline.seconds:.3f} s were planned")
    order = box_order(video)
    if "moov" not in order or order.index("moov") > order.index("mdat"):
        faults.append("its index is not at the front (faststart)")
    return _Structure(tuple(faults), frames, lasts[0])


def _seconds(ticks: int | None, base: object) -> float:
    return float(ticks * base) if ticks is not None and base else 0.0  # type: ignore[operator]


def _picture_faults(stream: av.VideoStream, format: VideoFormat, timeline: Timeline) -> list[str]:
    context = stream.codec_context
    width, height = format.size
    facts: list[tuple[str, object, object]] = [
        ("codec", context.name, "h264"),
        ("profile", context.profile, "High"),
        ("pixel format", context.pix_fmt, "yuv420p"),
        ("size", f"{context.width}x{context.height}", f"{width}x{height}"),
        ("frame rate", stream.average_rate, timeline.fps),
        ("colour primaries", int(context.color_primaries), 1),
        ("colour transfer", int(context.color_trc), 1),
        ("colour matrix", int(context.colorspace), 1),
        ("colour range", int(context.color_range), 1),
    ]
    return [f"{name} is {is_}, not {wanted}" for name, is_, wanted in facts if is_ != wanted]


def _sound_faults(stream: av.AudioStream) -> list[str]:
    context = stream.codec_context
    facts: list[tuple[str, object, object]] = [
        ("sound codec", context.name, "aac"),
        ("sound profile", context.profile, "LC"),
        ("sample rate", context.sample_rate, SAMPLE_RATE),
        ("channels", context.layout.nb_channels, 2),
    ]
    return [f"{name} is {is_}, not {wanted}" for name, is_, wanted in facts if is_ != wanted]


def box_order(video: Path) -> list[str]:
    """The types of the file's outermost boxes in order (ISO/IEC 14496-12, 4.2): 32-bit size, type, 64-bit size."""
    order: list[str] = []
    end = video.stat().st_size
    with video.open("rb") as file:
        at = 0
        while at + 8 <= end:
            file.seek(at)
            header = file.read(16)
            size = int.from_bytes(header[:4], "big")
            order.append(header[4:8].decode("latin-1"))
            if size == 1:
                size = int.from_bytes(header[8:16], "big")
            if size < 8:
                break
            at += size
    return order


def _packet_faults(video: Path, soundtrack: Soundtrack, findings: Sequence[SegmentFindings], fps: int) -> list[str]:
    """Where the file does not hold what the findings, and those on the sound, are of."""
    faults: list[str] = []
    try:
        with av.open(str(video), options=UNDECODED) as container:
            packets = packets_of(container, container.streams.video[0])
            first = 0
            for number, found in enumerate(findings, 1):
                run = picture_run(packets, fps, first, found.frames)
                if (run.count, run.digest) != (found.frames, found.packets):
                    faults.append(f"segment {number} is not the one that was inspected")
                faults += [f"segment {number} {fault}" for fault in run.faults]
                first += found.frames
            if more := sum(1 for _ in packets):
                faults.append(f"{more} frames follow the last segment")
        if sound := _sound_findings(soundtrack):
            with av.open(str(video), options=UNDECODED) as container:
                if sound_digest(packets_of(container, container.streams.audio[0])) != sound.packets:
                    faults.append("the sound is not the one that was mixed")
    except (OSError, av.FFmpegError) as error:
        faults.append(f"it cannot be read ({reason(error)})")
    return faults


def _known(video: Path, soundtrack: Soundtrack, findings: Sequence[SegmentFindings], timeline: Timeline) -> _Seen:
    """What was found on the parts, put together."""
    firsts = [0, *accumulate(found.frames for found in findings)]
    black = [(end - begin) / timeline.fps for begin, end in _runs([found.black for found in findings], firsts)]
    black = [seconds for seconds in black if seconds >= SHORTEST_BLACK_S]
    meets = [same_picture(one.closing, other.opening) for one, other in pairwise(findings)]
    still = _runs([found.still for found in findings], firsts, meets)
    sound = _sound_findings(soundtrack)
    return _Seen(
        frames=firsts[-1],
        heard=_heard(sound) if sound else program.listen(video, timeline.seconds),
        black_s=sum(black),
        longest_black_s=max(black, default=0.0),
        frozen_s=sum(
            (end - begin) / timeline.fps for begin, end in still if end - begin > LONGEST_STILL_S * timeline.fps
        ),
    )


def _sound_findings(soundtrack: Soundtrack) -> SoundFindings | None:
    """What was found on the sound that is delivered, if that is known."""
    found = soundtrack.found
    return found if found and found.hold_for(soundtrack.delivered.sha256) else None


def _heard(sound: SoundFindings) -> program.Heard:
    return program.Heard(program.Loudness(sound.integrated_lufs, sound.true_peak_dbtp), sound.longest_silence_s)


def _runs(
    parts: Sequence[Sequence[tuple[int, int]]], firsts: Sequence[int], meets: Sequence[bool] | None = None
) -> list[tuple[int, int]]:
    """The runs of all segments, counted from the video's first frame; those that touch at a border, where it `meets`,
    are one."""
    whole: list[tuple[int, int]] = []
    for number, (runs, first) in enumerate(zip(parts, firsts, strict=False)):
        moved = [(first + begin, first + end) for begin, end in runs]
        touch = bool(whole and moved) and whole[-1][1] == first == moved[0][0]
        if touch and (meets is None or meets[number - 1]):
            whole[-1] = whole[-1][0], moved.pop(0)[1]
        whole += moved
    return whole


def _decode(video: Path, timeline: Timeline, scratch: Path, progress: Progress) -> _Seen:
    source = ffmpeg.input(f"file:{video}")
    # A third of the size is plenty for these two, and cheaper to compare.
    picture = (
        source.video.filter("scale", "iw/3", "-2", flags="fast_bilinear")
        .filter("blackdetect", d=SHORTEST_BLACK_S, pic_th=0.98, pix_th=0.1)
        .filter("freezedetect", n="-60dB", d=LONGEST_STILL_S)
    )
    sound = program.metered(source.audio)
    args: list[str] = ffmpeg.output(picture, sound, "-", format="null").get_args()
    done = follow(
        ["-xerror", *args],
        what="decoding the finished video",
        folder=scratch,
        frames=timeline.frames,
        progress=progress,
    )
    told, seconds = done.log, timeline.seconds
    black = program.spans(told, "black_start", "black_end", seconds)
    return _Seen(
        frames=done.frames,
        heard=program.read_heard(told, seconds),
        black_s=sum(black),
        longest_black_s=max(black, default=0.0),
        frozen_s=sum(program.spans(told, "freeze_start", "freeze_end", seconds)),
    )


def _caption_faults(plan: RenderPlan, format: VideoFormat, timeline: Timeline) -> list[str]:
    """Whether every state of the captions lies inside the format's safe area, soft shadows aside."""
    seen = LAYOUTS[format].shaded
    track = format_track(plan, format, timeline)
    for word in timeline.words:
        shown = track.at(min(round(word.start * timeline.fps), timeline.frames - 1))
        for overlay in shown[0].overlays if shown else ():
            out = seen.missed_by(overlay.box)
            if out > 0:
                return [f"the caption at {word.start:.1f} s stands {out} pixels outside the safe area"]
    return []


def _differences(seen: _Seen, timeline: Timeline, soundtrack: Soundtrack) -> list[str]:
    faults: list[str] = []
    if seen.frames != timeline.frames:
        faults.append(f"{seen.frames} frames can be decoded, {timeline.frames} were planned")
    # A clip may be as dark, and as still, as it is: what its owner filmed is no fault of the render.
    clips, longest = _clips(timeline)
    black = clips + MAX_BLACK_S + BLACK_PER_TRANSITION_S * (len(timeline.spans) - 1)
    if seen.longest_black_s > longest + MAX_BLACK_S or seen.black_s > black:
        faults.append(f"it is black for {seen.longest_black_s:.1f} s at once and {seen.black_s:.1f} s in all")
    cards = clips + sum(card.frames for card in timeline.cards) / timeline.fps
    if seen.frozen_s > cards + max(MAX_FROZEN_SHARE * (timeline.seconds - cards), 1.5):
        faults.append(f"the picture stands still for {seen.frozen_s:.1f} of {timeline.seconds:.1f} s")
    loudness, silence_s = seen.heard.loudness, seen.heard.silence_s
    faults += _loudness_faults(loudness.integrated, soundtrack.integrated_lufs)
    if loudness.true_peak > PEAK_DBTP + 0.05:
        faults.append(f"true peak is {loudness.true_peak:.1f} dBTP, above {PEAK_DBTP:.1f}")
    if silence_s > max(MAX_SILENCE_S, _longest_pause(timeline) + 1.0) and soundtrack.integrated_lufs > _QUIET_LUFS:
        faults.append(f"it is silent for {silence_s:.1f} s")
    return faults


def _clips(timeline: Timeline) -> tuple[float, float]:
    """How long clips are seen, in all and at most at once, in seconds."""
    runs: list[list[int]] = []
    for span in timeline.clips:
        if not runs or runs[-1][1] < span.first:
            runs.append([span.first, span.last])
        runs[-1][1] = span.last
    lengths = [(last - first) / timeline.fps for first, last in runs]
    return sum(lengths), max(lengths, default=0.0)


def _longest_pause(timeline: Timeline) -> float:
    """The longest time in seconds without narration, which is silence where there is no music."""
    begins = [*(scene.speech_first for scene in timeline.scenes), timeline.frames]
    ends = [0, *(scene.speech_last for scene in timeline.scenes)]
    return max(begin - end for begin, end in zip(begins, ends, strict=True)) / timeline.fps


def _loudness_faults(heard: float, mixed: float) -> list[str]:
    # The meter gives one decimal; what is a hair over only by its rounding is not over.
    if abs(heard - TARGET_LUFS) <= LUFS_TOLERANCE + 0.05:
        return []
    if abs(mixed - TARGET_LUFS) > LUFS_TOLERANCE and abs(heard - mixed) <= 2 * LUFS_TOLERANCE:
        return []
    return [f"loudness is {heard:.1f} LUFS, not {TARGET_LUFS:.1f} ±{LUFS_TOLERANCE:.1f}"]
