"""A render worker that cannot do what it was told to does not take work."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput
from reelwright.render.encode.encoders import ENCODERS, trial
from workers.settings import Settings
from workers.wiring import media_staff


def settings(dsn: str, folder: Path, encoder: str) -> Settings:
    return Settings(
        _env_file=None,
        DATABASE_URL=SecretStr(dsn),
        REELWRIGHT_STATE_DIR=folder,
        REELWRIGHT_ENCODER=encoder,
    )


async def test_an_encoder_that_is_not_there_keeps_a_worker_from_starting(postgres_dsn: str, tmp_path: Path) -> None:
    missing = next(name for name in ENCODERS if trial(name) is not None)
    with pytest.raises(InvalidInput) as caught:
        async with media_staff(settings(postgres_dsn, tmp_path, missing)):
            pytest.fail("the worker would take work")
    assert caught.value.field == "REELWRIGHT_ENCODER" and missing in str(caught.value) and caught.value.remedy
    async with media_staff(settings(postgres_dsn, tmp_path, "x264")) as staff:
        assert staff.rendering.renderer is not None
        assert staff.rendering.marker is not None and staff.finishing.marker is not None
    assert (tmp_path / "marking" / "chain.pem").exists(), "nor does one that cannot sign"
