"""The illustrator with a pipeline of one's own: what it does around the pipeline. The pipeline itself, with torch and
diffusers, is tested by `make test-gpu` (tests/gpu)."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.providers.images import diffusers
from reelwright.providers.images.diffusers import DiffusersIllustrator
from reelwright.providers.images.diffusion import Filtered, OutOfMemory, Painting, Stopped, fingerprint, loaded

from .picture_vendors import SCENES, STORY, picture


class Canvas:
    """A pipeline that paints what it is told to."""

    def __init__(self, *answers: Exception | bytes) -> None:
        self.answers = list(answers)
        self.orders: list[Painting] = []
        self.closed = False

    def paint(self, order: Painting, stopped: Callable[[], bool]) -> bytes:
        self.orders.append(order)
        answer = self.answers.pop(0) if self.answers else picture(512, 512)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What looks like a saved pipeline."""
    model = tmp_path / "tiny"
    (model / "unet").mkdir(parents=True)
    (model / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionPipeline"}))
    (model / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(bytes(100))
    return model


def with_canvas(folder: Path, canvas: Any, **more: Any) -> DiffusersIllustrator:
    return DiffusersIllustrator(
        folder, device="cuda:0", load=lambda *_: canvas, lock_folder=folder.parent, size=512, **more
    )


async def drawn(illustrator: DiffusersIllustrator, seed: int = 7) -> Any:
    return await illustrator.draw(SCENES[0], story=STORY, seed=seed)


async def test_it_paints_by_seed_prompt_and_settings_for_nothing(folder: Path) -> None:
    canvas = Canvas()
    illustrator = with_canvas(folder, canvas, steps=5)
    drawing = await drawn(illustrator, seed=2**64 - 1)
    assert drawing.seed == 2**63 - 1 and drawing.usd == 0.0
    assert drawing.prompt.endswith("(made at 512x512, enlarged to 1920x1920)")
    [order] = canvas.orders
    assert (order.side, order.seed, order.steps) == (512, drawing.seed, 5)
    assert "lighthouse" in order.prompt and "watermark" in order.negative
    assert illustrator.estimate(SCENES[0], story=STORY).free
    await drawn(illustrator)
    await illustrator.close()
    assert canvas.closed and len(canvas.orders) == 2


async def test_too_little_memory_is_tried_once_more_smaller(folder: Path) -> None:
    canvas = Canvas(OutOfMemory())
    illustrator = with_canvas(folder, canvas)
    await drawn(illustrator)
    assert [order.side for order in canvas.orders] == [512, 384]
    canvas.answers = [OutOfMemory(), OutOfMemory()]
    with pytest.raises(ProviderUnavailable, match="does not suffice for 384 pixels"):
        await drawn(illustrator)
    assert canvas.closed, "its memory is free for others"


async def test_a_second_process_for_a_device_is_told_to_wait(folder: Path) -> None:
    one, other = with_canvas(folder, Canvas()), with_canvas(folder, Canvas())
    await drawn(one)
    with pytest.raises(ProviderUnavailable, match="another process paints on cuda:0") as caught:
        await drawn(other)
    assert caught.value.retry_after_s
    await one.close()
    assert (await drawn(other)).data
    await other.close()


async def test_what_the_checker_takes_away_is_refused(folder: Path) -> None:
    with pytest.raises(ProviderRefused) as caught:
        await drawn(with_canvas(folder, Canvas(Filtered())))
    assert caught.value.why == "policy"


async def test_a_device_that_fails_is_tried_again(folder: Path) -> None:
    with pytest.raises(ProviderUnavailable, match="the device failed: CUDA error"):
        await drawn(with_canvas(folder, Canvas(RuntimeError("CUDA error"))))


async def test_a_cancelled_picture_ends_after_its_step(folder: Path) -> None:
    begun, ended = threading.Event(), threading.Event()

    class Slow(Canvas):
        def paint(self, order: Painting, stopped: Callable[[], bool]) -> bytes:
            begun.set()
            while not stopped():
                threading.Event().wait(0.001)
            ended.set()
            raise Stopped

    task = asyncio.create_task(drawn(with_canvas(folder, Slow())))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


@pytest.mark.parametrize(
    "error", [OSError("no file model.safetensors"), ValueError("bad"), ImportError("no such class")]
)
async def test_weights_that_cannot_be_loaded_let_the_chain_go_on(folder: Path, error: Exception) -> None:
    def load(*_: object) -> Any:
        raise error

    illustrator = DiffusersIllustrator(folder, load=load, lock_folder=folder.parent)
    for _ in range(2):  # the device's lock is free again
        with pytest.raises(ProviderRefused, match="tiny cannot be loaded") as caught:
            await drawn(illustrator)
        assert caught.value.why == "model"


async def test_it_says_what_is_missing(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ProviderRefused, match=r"holds no model_index\.json") as caught:
        await drawn(DiffusersIllustrator(empty, load=lambda *_: Canvas(), lock_folder=tmp_path))
    assert caught.value.why == "model"
    monkeypatch.setattr(diffusers, "packages_missing", lambda: ("torch", "diffusers"))
    with pytest.raises(ProviderRefused, match=r"torch, diffusers are not installed: pip install 'reelwright\[gpu\]'"):
        await drawn(DiffusersIllustrator(folder, load=loaded, lock_folder=tmp_path))


def test_other_weights_are_another_model(folder: Path) -> None:
    before, name = fingerprint(folder), with_canvas(folder, Canvas()).name
    (folder / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(bytes(101))
    assert fingerprint(folder) != before and with_canvas(folder, Canvas()).name != name
    assert name.startswith("diffusers:tiny#")
