"""Names of models with the day of their release at the end."""

from __future__ import annotations

import re

_DATED = re.compile(r"-(?:\d{8}|\d{4}-\d{2}-\d{2})$")


def undated(name: str) -> str:
    """`claude-haiku-4-5-20251001` and `gpt-5.2-2025-12-11` without their day."""
    return _DATED.sub("", name)
