"""Cuts a format into segments that are encoded by themselves, and names each by all that decides it.

The borders are where what is seen changes: a transition is a segment of its own, and so is what lies between two. A
changed scene is then seen in its own segments only, and in the two transitions at its ends. The digest counts time
from the segment's own first frame, so that scenes that only moved keep theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import PIL

from reelwright.domain.content.video import FormatCut, RenderPlan, Segment
from reelwright.domain.formats import VideoFormat
from reelwright.domain.ids import sha256_of

from ..captions.burn import caption_cues
from ..captions.cues import Cue
from ..picture.sampling import best_sampler
from ..plan.layout import LAYOUTS
from ..plan.timeline import CardSpan, ClipSpan, SceneSpan, Span, Timeline, build_timeline
from ..text.fonts import Faces, text_versions
from ..text.preferred import NO_FILES, family_digests, preferred_faces
from ..text.shaping import reads_right_to_left
from ..text.titles import Shown, still_overlays
from .encoders import EncodeSettings

RENDER_VERSION = 5
"""To be raised with every change of this package that changes pixels: it sets old and new segments apart."""
MIN_FRAMES = 4
"""A shorter run is no segment of its own: x264 needs more frames than it reorders to start with a regular clock."""
_NEAR_S = 0.2
"""A caption fades where no other is this near, which is more than any fade takes."""


def cut_format(
    plan: RenderPlan, format: VideoFormat, settings: EncodeSettings, files: Mapping[str, Path] = NO_FILES
) -> FormatCut:
    """One format's segments in order. `files` has the fonts of the plan's style by sha256. Raises `InvalidInput` where
    the plan cannot be laid out in time."""
    canvas = plan.canvas(format)
    timeline = build_timeline(plan)
    chain = toolchain(settings.styled(plan.style), family_digests(plan.style.families))
    fonts = preferred_faces(plan.style, files)
    grounds = _Grounds(plan, timeline, canvas, fonts)
    segments = []
    for frames in borders(timeline):
        seen = [span for span in timeline.spans if span.first < frames.stop and frames.start < span.last]
        segments.append(
            Segment(
                digest=sha256_of({"toolchain": chain, "format": canvas.value, **grounds.of(frames, seen)}),
                first=frames.start,
                frames=len(frames),
                # A transition goes with the span it leads to.
                name=_name(seen[-1]),
                scenes=tuple(span.scene for span in seen if isinstance(span, SceneSpan)),
                ends=tuple(span.kind for span in seen if isinstance(span, ClipSpan)),
            )
        )
    return FormatCut(format=format, toolchain=chain, segments=tuple(segments))


def borders(timeline: Timeline) -> list[range]:
    """The frames of each segment: together every frame once, in order."""
    marks = {0, timeline.frames}
    for span in timeline.spans:
        marks |= {span.first, span.first + span.transition_in}
    kept = [0]
    for mark in sorted(marks):
        if kept[-1] + MIN_FRAMES <= mark <= timeline.frames - MIN_FRAMES:
            kept.append(mark)
    return [range(first, last) for first, last in pairwise([*kept, timeline.frames])]


@lru_cache(maxsize=16)
def toolchain(settings: EncodeSettings, families: tuple[tuple[str, str], ...] = ()) -> str:
    """A digest over everything but the plan that decides the bits: this package, the libraries, the encoder, and the
    files of the font families that the plan's style names (`family_digests`)."""
    libraries = {
        "av": [av.__version__, *(list(version) for _, version in sorted(av.library_versions.items()))],
        "opencv": cv2.__version__,
        "numpy": np.__version__,
        "pillow": PIL.__version__,
        "text": text_versions(),
        "sampler": best_sampler().name,
    }
    own = [families] if families else []
    return sha256_of([RENDER_VERSION, libraries, settings.model_dump(), *own])


def _name(span: Span) -> str:
    return f"scene {span.position + 1}" if isinstance(span, SceneSpan) else span.kind


class _Grounds:
    """What decides the pixels of any run of frames of one format."""

    def __init__(self, plan: RenderPlan, timeline: Timeline, canvas: VideoFormat, fonts: Faces) -> None:
        layout = replace(LAYOUTS[canvas], fonts=fonts)
        self._plan = plan
        self._timeline = timeline
        self._overlays = still_overlays(plan, timeline, layout)
        self._mirrored = reads_right_to_left(plan.material.story.text, plan.material.story.language)
        self._cues: Sequence[Cue] = ()
        if plan.style.captions.burn_in:
            self._cues = caption_cues(timeline, layout, language=plan.material.story.language)

    def of(self, frames: range, seen: Sequence[Span]) -> dict[str, Any]:
        """Plain data, the same wherever in the video these frames lie."""
        plan, timeline = self._plan, self._timeline
        # The cards' texts are in their spans; everything else in the style may be visible in any frame.
        style = plan.style.model_dump(mode="json")
        del style["brand"]["intro"], style["brand"]["outro"], style["hls"]
        return {
            "frames": len(frames),
            "style": style,
            "language": plan.material.story.language,
            # On which side headings and the watermark stand.
            "mirrored": self._mirrored,
            "seed": plan.seed,
            "spans": [_span(span, frames.start) for span in seen],
            "title": plan.material.story.title if any(_opens(span) for span in seen) else "",
            # When they are seen and how strongly; what they show is in the style, the title and the headings.
            "overlays": [weights for shown in self._overlays if any(weights := _weights(shown, frames))],
            "captions": _captions(self._cues, frames, timeline.fps),
            "brightness": [round(timeline.brightness(frame), 6) for frame in frames if timeline.brightness(frame) < 1],
            "progress": [frames.start, timeline.frames] if plan.style.progress_bar else [],
        }


def _span(span: Span, start: int) -> dict[str, Any]:
    if isinstance(span, CardSpan):
        return {**asdict(span), "first": span.first - start, "last": span.last - start}
    if isinstance(span, ClipSpan):
        return {
            "clip": _clip(span),
            "first": span.first - start,
            "last": span.last - start,
            "transition_in": span.transition_in,
        }
    return {
        # The place in the order decides, with the seed, how the camera moves.
        "position": span.position,
        "heading": span.heading,
        "picture": span.picture.sha256,
        **({"card": span.card.model_dump(mode="json")} if span.card else {}),
        **({"centred": True} if span.centred else {}),
        **({"clip": _clip(span)} if span.clip else {}),
        "first": span.first - start,
        "last": span.last - start,
        "speech_first": span.speech_first - start,
        "speech_frames": span.speech_frames,
        "transition_in": span.transition_in,
    }


def _clip(span: SceneSpan | ClipSpan) -> dict[str, Any]:
    """What is seen of a clip; not what is heard."""
    assert span.clip is not None and span.playing is not None
    return {"file": span.clip.file.sha256, "playing": asdict(span.playing)}


def _opens(span: Span) -> bool:
    """Whether the story's title may be seen over it."""
    return not isinstance(span, SceneSpan) or span.position == 0


def _weights(shown: Shown, frames: range) -> list[float]:
    return [round(shown.weight(frame), 6) for frame in frames]


def _captions(cues: Sequence[Cue], frames: range, fps: int) -> list[Any]:
    """The captions seen in these frames, with the frames they come and go at, and how many frames lie between them
    and their neighbours where that decides whether they fade."""
    drawn = [cue for cue in cues if cue.drawn]
    near = round(_NEAR_S * fps)
    told: list[Any] = []
    for index, cue in enumerate(drawn):
        first, last = round(cue.start * fps), round(cue.end * fps)
        if last < frames.start or first >= frames.stop:
            continue
        before = first - round(drawn[index - 1].end * fps) if index and first >= frames.start - near else near
        after = near
        if index + 1 < len(drawn) and last <= frames.stop + near:
            after = round(drawn[index + 1].start * fps) - last
        places = [first - frames.start, last - frames.start, min(before, near), min(after, near)]
        told.append([*places, _moved(asdict(cue), frames.start / fps)])
    return told


def _moved(value: Any, start: float) -> Any:
    """A cue or a part of one as plain data, its times counted from `start` (seconds)."""
    if isinstance(value, dict):
        return {
            key: _rounded(item - start) if key in ("start", "end") else _moved(item, start)
            for key, item in value.items()
        }
    return [_moved(item, start) for item in value] if isinstance(value, (list, tuple)) else value


def _rounded(time: float) -> float:
    # To a tenth of a microsecond: sums of floating point come out a hair different in another place of the video.
    return round(time, 7) + 0.0
