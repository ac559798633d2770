"""Draws any frame of a video by number: pictures in moving windows, cards, transitions, titles, captions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import cv2

from reelwright.domain.content.video import RenderPlan
from reelwright.domain.formats import VideoFormat
from reelwright.domain.ids import seed_of

from ..captions.art import Layers
from ..captions.burn import caption_track
from ..plan.layout import LAYOUTS, derive
from ..plan.motion import Path as CameraPath
from ..plan.motion import aim, camera_paths
from ..plan.timeline import CardSpan, ClipSpan, SceneSpan, Span, build_timeline
from ..text.preferred import preferred_faces
from ..text.titles import still_overlays
from .cards import Card
from .colour import codes_of, palette_of
from .footage import Footage
from .frames import Still, still_size
from .overlay import ProgressBar
from .pictures import Pictures, Shelf
from .sampling import best_sampler
from .transitions import transition_of
from .yuv import Planes, darken

_KEPT = 2
"""Pictures in memory at a time: the most a transition needs."""


class Composer:
    """One format of a plan. `draw` may be called for any frames in any order; in order it is quick.

    `size` (width, height, both even) draws the format in another size. Pictures are opened when a frame first shows
    them and let go when others need their place, so a Composer that draws one segment opens only what is seen in it.
    Composers that are used by turns may share a `shelf` of opened pictures.
    Single-threaded by design: work is spread over processes, not over OpenCV's threads.
    """

    def __init__(
        self,
        plan: RenderPlan,
        format: VideoFormat,
        files: Mapping[str, Path],
        size: tuple[int, int] | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        cv2.setNumThreads(1)
        self.width, self.height = size or format.size
        self.timeline = build_timeline(plan)
        self._seed, self._style = plan.seed, plan.style
        layout = LAYOUTS[format] if (self.width, self.height) == format.size else derive(self.width, self.height)
        self._layout = replace(layout, fonts=preferred_faces(plan.style, files))
        self._palette = palette_of(self._style.brand)
        self._pictures = Pictures(plan, files, shelf)
        self._sampler = best_sampler()
        self._logo = self._pictures.logo()
        self._paths = camera_paths(self.timeline, plan.seed)
        self._overlays = still_overlays(plan, self.timeline, self._layout, self._logo)
        self._captions = caption_track(plan, self.timeline, self._layout)
        self._caption: Layers | None = None
        bar = self._style.progress_bar
        accent = codes_of(self._palette.accent)
        self._progress = ProgressBar(self.width, self.height, accent) if bar else None
        self._seen: dict[int, _Scene | Card | Footage] = {}
        self._spare: tuple[Planes, Planes] | None = None

    def use(self, files: Mapping[str, Path]) -> None:
        """From now on the plan's files are found here."""
        self._pictures.use(files)
        # They read from files that may be gone.
        self.close_clips()

    def close_clips(self) -> None:
        """Lets go of clips' files and decoders, which take much memory; the next frame opens them again."""
        for key in [key for key, seen in self._seen.items() if isinstance(seen, Footage)]:
            self._forget(key)

    def draw(self, frame: int, out: Planes) -> None:
        """Writes one frame into `out`. Raises `RenderFailed` naming the scene whose picture cannot be used."""
        seen = self.timeline.visible(frame)
        if len(seen) == 2:
            self._meet(seen[0][0], seen[1][0], seen[1][1], frame, out)
        else:
            self._picture(seen[0][0], frame, out)
        for shown in self._overlays:
            shown.blend(out, frame)
        caption = self._captions.at(frame)
        self._caption = caption[0] if caption else None
        if caption:
            caption[0].blend(out, caption[1])
        brightness = self.timeline.brightness(frame)
        if brightness < 1.0:
            darken(out, brightness)
        if self._progress:
            self._progress.draw(out, (frame + 1) / self.timeline.frames)

    def outside(self) -> int:
        """By how many pixels the caption of the frame that was drawn last leaves the safe area, its soft shadow aside;
        0 or less where it does not."""
        overlays = self._caption.overlays if self._caption else ()
        return max((self._layout.shaded.missed_by(overlay.box) for overlay in overlays), default=0)

    def _meet(self, leaving: Span, coming: Span, share: float, frame: int, out: Planes) -> None:
        """A frame of a transition. Wipes and pushes change their side from one to the next."""
        if self._spare is None:
            self._spare = Planes.empty(self.width, self.height), Planes.empty(self.width, self.height)
        before, after = self._spare
        name = self._style.transition
        if name == "dip":
            # Only one of them is seen at a time.
            before = after = out
        if name != "dip" or share < 0.5:
            self._picture(leaving, frame, before)
        if name != "dip" or share >= 0.5:
            self._picture(coming, frame, after)
        position = coming.position if isinstance(coming, SceneSpan) else 0
        backwards = (seed_of(self._seed, "transition") + position) % 2 == 1
        transition = transition_of(name, self._palette.ground_codes, backwards=backwards)
        transition(before, after, share, out)

    def _picture(self, span: Span, frame: int, out: Planes) -> None:
        key = span.first
        if key not in self._seen:
            while len(self._seen) >= _KEPT:
                self._forget(next(iter(self._seen)))
            self._seen[key] = self._open(span)
        self._seen[key].draw(frame - span.first, out)

    def _forget(self, key: int) -> None:
        seen = self._seen.pop(key)
        if isinstance(seen, Footage):
            seen.close()

    def _open(self, span: Span) -> _Scene | Card | Footage:
        if isinstance(span, CardSpan):
            return self._card(span)
        if isinstance(span, ClipSpan) or span.clip is not None:
            return self._pictures.footage(span, (self.width, self.height), self.timeline.fps)
        return self._scene(span)

    def _card(self, span: CardSpan) -> Card:
        line = self._style.brand.watermark
        return Card(span, self._palette, self._layout, self._logo, line, self.timeline.fps)

    def _scene(self, span: SceneSpan) -> _Scene:
        framed = self._pictures.framed(span, *still_size(self.width, self.height))
        still = Still(framed.rgb, self.width, self.height, framed.region, self._sampler)
        return _Scene(still, aim(self._paths[span.position], framed.region))


class _Scene:
    """A still and the camera's path over it."""

    def __init__(self, still: Still, path: CameraPath) -> None:
        self._still, self._path = still, path

    def draw(self, frame: int, out: Planes) -> None:
        """`frame` counts from the scene's first one."""
        self._still.draw(self._path.at(frame), out)
