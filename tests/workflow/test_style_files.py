"""What is wrong with the files of a style is told before anything is made."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.rendering.rendering import CheckStyle, Rendering
from reelwright.domain.assets import AssetRef
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import Stage
from reelwright.domain.content.style import BrandKit, RenderStyle
from reelwright.domain.errors import InvalidInput
from reelwright.storage.media import LocalMediaStore

from .conftest import FakeStudio
from .fake_renderer import FakeRenderer
from .fakes import MemoryCatalog

CUBE = b"\xef\xbb\xbfLUT_3D_SIZE\t2\r\n" + b"0.5 0.5 0.5\r\n" * 8
LOST = AssetRef(key="ab/" + "ab" * 32 + ".png", sha256="ab" * 32, size=9, media_type="image/png")


@pytest.mark.parametrize("field", ["style.lut", "style.brand.logo", "style.fonts"])
async def test_a_file_that_cannot_be_used_fails_before_a_word_is_written(studio: FakeStudio, field: str) -> None:
    ref = await studio.media.put_bytes(b"LUT_3D_SIZE 2\n0 0 0\n", "text/plain")
    styles = {
        "style.lut": RenderStyle(lut=ref),
        "style.brand.logo": RenderStyle(brand=BrandKit(logo=ref)),
        "style.fonts": RenderStyle(fonts=("Noto Sans", "Noto Sens")),
    }
    style = styles[field]
    handle = await studio.start(ContentRequest(topic="Why octopuses have three hearts", style=style))
    with pytest.raises(WorkflowFailureError) as failure:
        await asyncio.wait_for(handle.result(), 600)
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError) and cause.message.startswith(f"{field}: ")
    assert studio.makers.calls.total() == 0


async def test_a_good_file_is_looked_at_and_used(studio: FakeStudio) -> None:
    ref = await studio.media.put_bytes(CUBE, "text/plain")
    request = ContentRequest(topic="Why octopuses have three hearts", style=RenderStyle(lut=ref), auto_approve=True)
    handle = await studio.start(request)
    assert (await asyncio.wait_for(handle.result(), 600)).status is Stage.DONE
    assert studio.renderer.calls["check_style"] == 1


async def test_a_request_without_files_is_not_looked_at(studio: FakeStudio) -> None:
    handle = await studio.start(ContentRequest(topic="Why octopuses have three hearts", auto_approve=True))
    assert (await asyncio.wait_for(handle.result(), 600)).status is Stage.DONE
    assert studio.renderer.calls["check_style"] == 0


@pytest.mark.parametrize("key", [LOST.key, "../../../etc/passwd", "ab/" + "cd" * 32 + ".png"])
async def test_a_file_that_is_not_in_the_store_is_told_by_its_field(tmp_path: Path, key: str) -> None:
    activities = Rendering(MemoryCatalog(), LocalMediaStore(tmp_path / "media"), FakeRenderer(), tmp_path / "scratch")
    logo = LOST.model_copy(update={"key": key})
    with pytest.raises(InvalidInput, match="store the file, then name it") as caught:
        await ActivityEnvironment().run(
            activities.check_style, CheckStyle(style=RenderStyle(brand=BrandKit(logo=logo)))
        )
    assert caught.value.field == "style.brand.logo"
