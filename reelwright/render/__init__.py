"""Scenes in, files and measurements out. `LocalRenderer` is the way in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .renderer import LocalRenderer

__all__ = ["LocalRenderer"]


def __getattr__(name: str) -> Any:
    # Only for those who ask: the child processes, which come and go, need nothing of the parent's side.
    if name == "LocalRenderer":
        from .renderer import LocalRenderer

        return LocalRenderer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
