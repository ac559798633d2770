"""Fetches a file of the user's own from a public `https://` address, with limits on size and time."""

from __future__ import annotations

from pathlib import Path

from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.ports.rendering import Progress

from ..common.downloading import BadDownload, Rule, download
from .limits import Limits

AWAY = "check that it is there, or store the file with `reelwright media add` and give what that prints"
"""What to do about a host that does not answer."""


class Web:
    """The web as far as it is public. `allow_private` is for intranets and tests."""

    def __init__(self, limits: Limits, *, allow_private: bool) -> None:
        self._rule = Rule(most_bytes=limits.bytes, seconds=limits.fetch_s, allow_private=allow_private, anywhere=True)

    async def fetch(self, url: str, to: Path, *, field: str, progress: Progress) -> None:
        """Writes the file to `to`. Raises `InvalidInput` (naming the field) where the request cannot succeed,
        `ProviderUnavailable` where it may later."""
        try:
            await download(url, to, self._rule, progress=progress)
        except BadDownload as error:
            if error.later:
                raise ProviderUnavailable(error.reason, field=field, remedy=AWAY) from error
            raise InvalidInput(error.reason, field=field, remedy=error.remedy) from error
