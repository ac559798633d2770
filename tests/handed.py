"""A `Studio` for tests of operations that need Temporal alone."""

from __future__ import annotations

from typing import Any

from control.studio import Studio
from reelwright.domain.people import HERE, Caller


def studio_of(client: Any, contents: Any = None, caller: Caller = HERE) -> Studio:
    """Its media store and its layout are not to be used."""
    return Studio(client, contents, _unused, _unused, caller=caller)


def _unused(*args: Any) -> Any:
    raise AssertionError("not to be used here")
