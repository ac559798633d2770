"""What `doctor` makes of what its checks say: by type, not by their words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from control.doctor import Finding, Note, State, look_at
from control.studio import NoStudio
from reelwright.domain.errors import ProviderUnavailable, ReelwrightError
from starter import doctor
from workers.settings import Settings


async def test_a_check_says_by_type_whether_it_is_a_note() -> None:
    async def later() -> Note:
        return Note("no key")

    assert await look_at("writer", lambda: "note: not one") == Finding("writer", State.OK, "note: not one")
    assert await look_at("writer", lambda: Note("no key")) == Finding("writer", State.NOTE, "no key")
    assert await look_at("writer", later) == Finding("writer", State.NOTE, "no key")


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (NoStudio(field="TEMPORAL_ADDRESS"), State.NOTE),
        (ProviderUnavailable("the proxy says: no studio is running", field="TEMPORAL_ADDRESS"), State.WRONG),
    ],
)
async def test_only_a_studio_that_is_not_started_is_no_fault(
    error: ReelwrightError, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def unreachable() -> AsyncIterator[None]:
        raise error
        yield

    monkeypatch.setattr(doctor, "studio", unreachable)
    monkeypatch.setattr(doctor, "load_settings", lambda: Settings(_env_file=None))  # type: ignore[call-arg]
    [finding] = await doctor._studio_findings()
    assert (finding.part, finding.state) == ("studio", state)
    assert "no studio is running" in finding.seen
