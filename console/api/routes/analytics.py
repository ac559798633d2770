"""Analytics. This build collects no figures of posts: the answers are typed and empty, and no figure is made up."""

from __future__ import annotations

from reelwright.domain.people import Role

from ..calls import Called
from ..models.money import Analytics
from ..routing import operation

TAG = "Analytics"
NOTE = "no data yet: this build does not collect figures of posts"


@operation("GET", "/analytics/performance", needs=Role.VIEWER, tag=TAG, answers=Analytics)
async def analytics_performance(call: Called) -> Analytics:
    """How posts are watched and liked."""
    return Analytics(note=NOTE)


@operation("GET", "/analytics/revenue", needs=Role.VIEWER, tag=TAG, answers=Analytics)
async def analytics_revenue(call: Called) -> Analytics:
    """What posts have earned."""
    return Analytics(note=NOTE)


@operation("GET", "/analytics/optimization", needs=Role.VIEWER, tag=TAG, answers=Analytics)
async def analytics_optimization(call: Called) -> Analytics:
    """What is recommended on account of it."""
    return Analytics(note=NOTE)


OPERATIONS = [analytics_performance, analytics_revenue, analytics_optimization]
