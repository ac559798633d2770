"""How a change of commands is brought to runs that are under way. See docs/architecture.md#versions."""

from __future__ import annotations

from temporalio import workflow


def changed_from_here(change: str, turn: int) -> bool:
    """Whether a change counts at this turn of a loop: always in runs that never took the old way, and in the others at
    each turn that was not taken before the change was deployed. `workflow.patched` alone answers once for a whole run,
    which for a rule about approvals may be months too long."""
    return workflow.patched(change) or workflow.patched(f"{change}-{turn}")
