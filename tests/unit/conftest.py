"""What every unit test begins with."""

from __future__ import annotations

import pytest

from reelwright.domain import redaction


@pytest.fixture(autouse=True)
def no_known_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """No secret of an earlier test: tokens there are plain words ("second"), which would be struck here."""
    monkeypatch.setattr(redaction, "KNOWN", redaction.KnownSecrets())
