"""Who calls."""

from __future__ import annotations

from reelwright.domain.people import Role

from ..calls import Called
from ..models.money import SessionNow
from ..routing import operation

TAG = "Session"


@operation("GET", "/auth/session", needs=Role.VIEWER, tag=TAG, answers=SessionNow)
async def get_session(call: Called) -> SessionNow:
    """Who calls, with which role, and how they were recognised."""
    caller = call.caller
    return SessionNow(name=caller.name, role=caller.role.value, way=caller.way)


OPERATIONS = [get_session]
