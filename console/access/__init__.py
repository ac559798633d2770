"""Who may come in: sessions, tokens, the checks of each request. docs/access.md."""

from .recognising import recognise

__all__ = ["recognise"]
