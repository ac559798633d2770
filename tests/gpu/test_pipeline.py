"""The real diffusers, with a tiny pipeline that is built here: in an environment of its own, `make test-gpu`. Runs on
the processor; with a graphics card also there."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from reelwright.domain.content.story import Scene, Story
from reelwright.domain.errors import ProviderRefused
from reelwright.providers.images.diffusers import DiffusersIllustrator
from reelwright.providers.images.diffusion import OutOfMemory, Painting, Stopped, loaded, packages_missing

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(packages_missing()), reason="the extra `gpu` is not installed")]

SCENE = Scene(index=0, text="a lighthouse", brief="a lighthouse at night")
STORY = Story(title="The storm", description="", scenes=(SCENE,), writer="script")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Stable Diffusion pipeline with random weights of half a million parameters, as `save_pretrained` writes it."""
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("weights")
    letters = [chr(n) for n in range(33, 127)]
    vocabulary = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    (folder / "vocab.json").write_text(json.dumps({token: number for number, token in enumerate(vocabulary)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77)
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(vocabulary),
            hidden_size=32,
            intermediate_size=37,
            num_attention_heads=4,
            num_hidden_layers=2,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )
    unet = UNet2DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        sample_size=32,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32,
    )
    vae = AutoencoderKL(
        block_out_channels=[32, 64, 64, 64],
        down_block_types=["DownEncoderBlock2D"] * 4,
        up_block_types=["UpDecoderBlock2D"] * 4,
        latent_channels=4,
    )
    pipeline = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=DDIMScheduler(steps_offset=1, clip_sample=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    saved = folder / "tiny-sd"
    pipeline.save_pretrained(saved, safe_serialization=True)
    return saved


def order(**changes: Any) -> Painting:
    told: dict[str, Any] = {"prompt": "a sea", "negative": "text", "side": 256, "seed": 5, "steps": 3, "guidance": 4.0}
    return Painting(**told | changes)


def test_the_same_seed_is_the_same_picture(tiny: Path) -> None:
    from PIL import Image

    pipeline = loaded(tiny, "cpu")
    first, again, other = [pipeline.paint(order(seed=seed), lambda: False) for seed in (5, 5, 6)]
    assert first == again != other
    with Image.open(io.BytesIO(first)) as image:
        assert (image.format, image.size) == ("PNG", (256, 256))
    assert loaded(tiny, "cpu").paint(order(), lambda: False) == first, "also after it is loaded anew"


def test_it_stops_after_a_step(tiny: Path) -> None:
    asked: list[int] = []

    def stopped() -> bool:
        asked.append(1)
        return len(asked) == 2

    with pytest.raises(Stopped):
        loaded(tiny, "cpu").paint(order(steps=20), stopped)
    assert len(asked) == 2


def test_a_full_memory_is_told(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    pipeline = loaded(tiny, "cpu")

    def full(*_: object, **__: object) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(pipeline._pipeline.unet, "forward", full)  # type: ignore[attr-defined]
    with pytest.raises(OutOfMemory):
        pipeline.paint(order(), lambda: False)


async def test_a_scene_is_drawn(tiny: Path, tmp_path: Path) -> None:
    from PIL import Image

    illustrator = DiffusersIllustrator(tiny, device="cpu", steps=2, size=256, lock_folder=tmp_path)
    drawing = await illustrator.draw(SCENE, story=STORY, seed=11)
    with Image.open(io.BytesIO(drawing.data)) as image:
        assert image.size == (1_920, 1_920)
    assert drawing.prompt.endswith("(made at 256x256, enlarged to 1920x1920)") and drawing.seed == 11
    await illustrator.close()


async def test_pickles_and_other_folders_are_not_loaded(tiny: Path, tmp_path: Path) -> None:
    import shutil

    broken = tmp_path / "broken"
    shutil.copytree(tiny, broken)
    weights = next((broken / "unet").glob("*.safetensors"))
    weights.rename(weights.with_suffix(".bin"))
    with pytest.raises(ProviderRefused, match="broken cannot be loaded") as caught:
        await DiffusersIllustrator(broken, device="cpu", lock_folder=tmp_path).draw(SCENE, story=STORY, seed=1)
    assert caught.value.why == "model" and str(tmp_path) not in str(caught.value)


async def test_without_a_graphics_card_that_is_said(tiny: Path, tmp_path: Path) -> None:
    import torch

    if torch.cuda.is_available() or torch.backends.mps.is_available():
        pytest.skip("there is a graphics card")
    with pytest.raises(ProviderRefused, match="REELWRIGHT_DIFFUSERS_DEVICE=cpu"):
        await DiffusersIllustrator(tiny, lock_folder=tmp_path).draw(SCENE, story=STORY, seed=1)


def test_on_a_graphics_card(tiny: Path) -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("there is no graphics card")
    pipeline = loaded(tiny, "auto")
    assert pipeline.paint(order(), lambda: False)
    pipeline.close()
