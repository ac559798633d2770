"""The task queues' names. A module of its own without the SDK, since commands of a moment name a queue too."""

from __future__ import annotations

from typing import Literal

MAIN_QUEUE = "reelwright"
"""Workflows and light activities: the cpu pool."""
RENDER_QUEUE = "reelwright-render"
"""Drawing, composing, mixing, encoding, measuring: processor-bound, one or two at a time per machine."""
GPU_QUEUE = "reelwright-gpu"
"""The same work for machines with a graphics card; a request chooses it with `"pool": "gpu"`."""


def publish_queue(platform: str) -> str:
    """A queue for each platform, so that its rate can be set alone (`temporal task-queue config set`)."""
    return f"reelwright-publish-{platform}"


def media_queue(pool: Literal["render", "gpu"]) -> str:
    """The queue a request's media work goes to."""
    return GPU_QUEUE if pool == "gpu" else RENDER_QUEUE
