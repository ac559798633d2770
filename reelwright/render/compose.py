"""Draws any frame of a video, by number: the picture through its moving window, cross-fades, titles, captions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2

from reelwright.domain.errors import RenderFailed
from reelwright.domain.formats import VideoFormat
from reelwright.domain.video import RenderPlan

from .captions import CaptionTrack, caption_cues
from .frames import Still
from .layout import LAYOUTS
from .motion import camera_paths
from .stills import open_still
from .timeline import SceneSpan, build_timeline
from .titles import still_overlays
from .yuv import Planes, darken, mix


class Composer:
    """One format of a plan. `draw` may be called for any frames in any order; in order it is quick.

    Single-threaded by design: work is spread over processes, not over OpenCV's threads.
    """

    def __init__(self, plan: RenderPlan, format: VideoFormat, files: Mapping[str, Path]) -> None:
        cv2.setNumThreads(1)
        self.width, self.height = format.size
        self.timeline = build_timeline(plan)
        layout = LAYOUTS[format]
        self._files = files
        self._paths = camera_paths(self.timeline, plan.seed)
        self._overlays = still_overlays(plan, self.timeline, layout)
        self._captions = CaptionTrack(caption_cues(self.timeline, layout), layout)
        self._stills: dict[int, Still] = {}
        self._second = Planes.empty(self.width, self.height)

    def draw(self, frame: int, out: Planes) -> None:
        """Writes one frame into `out`. Raises `RenderFailed` naming the scene whose picture cannot be used."""
        seen = self.timeline.visible(frame)
        self._picture(seen[0][0], frame, out)
        if len(seen) == 2:
            self._picture(seen[1][0], frame, self._second)
            mix(out, self._second, seen[1][1], out)
        for shown in self._overlays:
            shown.overlay.blend(out, shown.weight(frame))
        caption = self._captions.at(frame)
        if caption:
            caption[0].blend(out, caption[1])
        brightness = self.timeline.brightness(frame)
        if brightness < 1.0:
            darken(out, brightness)

    def _picture(self, scene: SceneSpan, frame: int, out: Planes) -> None:
        view = self._paths[scene.position].at(frame - scene.first)
        self._still(scene).draw(view, out)

    def _still(self, scene: SceneSpan) -> Still:
        """The scene's still. Two are kept, the most a cross-fade needs."""
        position = scene.position
        if position not in self._stills:
            while len(self._stills) > 1:
                del self._stills[next(iter(self._stills))]
            path = self._files.get(scene.picture.sha256)
            if path is None:
                raise RenderFailed(
                    f"the picture of scene {scene.scene} was not handed over",
                    field=f"material.pictures[{scene.scene}].image",
                    remedy="fetch it before rendering",
                )
            self._stills[position] = Still(open_still(path, scene=scene.scene), self.width, self.height)
        return self._stills[position]
