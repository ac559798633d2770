"""Laying a plan out in time, for `control`: what it takes is loaded when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from control.background import Timeline
    from reelwright.domain.content.video import RenderPlan


def layout(plan: RenderPlan) -> Timeline:
    """When each scene of a plan is seen."""
    from reelwright.render.plan.timeline import build_timeline

    return build_timeline(plan)
