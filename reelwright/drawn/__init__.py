"""Pictures for scenes, drawn offline from their words."""

from .illustrator import DrawnIllustrator

__all__ = ["DrawnIllustrator"]
