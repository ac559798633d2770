"""Scenes in, files and measurements out. `LocalRenderer` is the way in."""

from .renderer import LocalRenderer

__all__ = ["LocalRenderer"]
