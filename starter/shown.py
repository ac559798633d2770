"""What a person was shown of each content before deciding: the hash of the artifact, remembered between commands."""

from __future__ import annotations

import json
import os
from pathlib import Path

from reelwright.domain.errors import InvalidInput

FILE = "shown-reviews.json"
KEPT = 500
LOCK_TIMEOUT_S = 10.0


class ShownReviews:
    """`<state dir>/shown-reviews.json`, mode 0600: content id to `artifact_sha256`, the newest last."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def of(self, content_id: str) -> str | None:
        """The hash of what was shown last; None when nothing was."""
        return self._read().get(content_id)

    def remember(self, content_id: str, artifact_sha256: str) -> None:
        """Notes that this artifact was shown. Raises `InvalidInput` where the state folder cannot be written to."""
        from filelock import FileLock

        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._path.with_suffix(".lock"), timeout=LOCK_TIMEOUT_S, mode=0o600):
                shown = self._read()
                shown.pop(content_id, None)
                shown[content_id] = artifact_sha256
                self._write(dict(list(shown.items())[-KEPT:]))
        except OSError as error:
            raise InvalidInput(
                f"what was shown cannot be noted ({error.strerror or error})",
                field=str(self._path),
                remedy="make the state folder writable, or name what you judge with --artifact",
            ) from error

    def _read(self) -> dict[str, str]:
        """An unreadable file counts as empty: then the person is shown the artifact again."""
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(k): str(v) for k, v in data.items()} if isinstance(data, dict) else {}

    def _write(self, shown: dict[str, str]) -> None:
        temporary = self._path.with_suffix(".new")
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(shown, file, indent=0)
        temporary.replace(self._path)
