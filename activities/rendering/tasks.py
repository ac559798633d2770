"""How the segments that are still to be made are divided into tasks, which several workers do at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain

from reelwright.domain.content.video import FormatCut

from .segments import by_name

MAX_TASKS = 192
"""Each task is three events of the workflow's history; this many keep it small and replaying it quick."""


def tasks_of(cuts: Sequence[FormatCut]) -> list[FormatCut]:
    """The cuts divided into tasks, the longest first: a long one begun last would keep everybody waiting.

    A task is a scene. Where that would be more than `MAX_TASKS`, it is several scenes in a row.
    """
    parts = [by_name(cut) for cut in cuts]
    size = max(math.ceil(sum(map(len, parts)) / MAX_TASKS), 1)
    tasks = [
        scenes[0].model_copy(update={"segments": tuple(chain.from_iterable(scene.segments for scene in scenes))})
        for cut in parts
        for scenes in (cut[first : first + size] for first in range(0, len(cut), size))
    ]
    return sorted(tasks, key=lambda task: task.frames * math.prod(task.format.size), reverse=True)
