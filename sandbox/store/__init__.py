"""What the sandbox remembers: SQLite and files in one folder, so that a restart keeps sessions, posts and quotas."""

from __future__ import annotations

from datetime import UTC, datetime

from ..settings import PlatformSettings as PlatformSettings
from ..settings import Settings as Settings
from .access import Access
from .posts import Post as Post
from .posts import Posts
from .uploads import Session as Session


class SandboxStore(Access, Posts):
    """One folder's state. Used from one event loop; every call is short."""


def iso(seconds: float) -> str:
    """An instant the way the platforms write it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
