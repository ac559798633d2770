"""A diffusers pipeline in this process (extra `gpu`; docs/providers.md#diffusers). Only what is called imports torch.

Weights are read from a folder of the operator's, as safetensors alone: no pickles, no code of the model's, nothing is
downloaded.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

INDEX = "model_index.json"
PACKAGES = ("torch", "diffusers", "transformers", "accelerate")
EXTRA = "pip install 'reelwright[gpu]'"


class OutOfMemory(Exception):
    """The device has too little memory for a picture of this size."""


class Stopped(Exception):
    """Nobody waits for the picture any more."""


class Filtered(Exception):
    """The pipeline's own checker has taken the picture away."""


@dataclass(frozen=True)
class Painting:
    """One picture to be made: its square side in pixels, and how."""

    prompt: str
    negative: str
    side: int
    seed: int
    steps: int
    guidance: float


class Pipeline(Protocol):
    """What paints: a PNG's bytes. `stopped` is asked after each step. Blocks; to be called in a thread."""

    def paint(self, order: Painting, stopped: Callable[[], bool]) -> bytes:
        """Raises `OutOfMemory`, `Stopped`, `Filtered`."""
        ...

    def close(self) -> None:
        """Frees the device's memory."""
        ...


def packages_missing() -> tuple[str, ...]:
    """Those of the extra that are not installed."""
    return tuple(name for name in PACKAGES if importlib.util.find_spec(name) is None)


def fingerprint(folder: Path) -> str:
    """Changes with the weights, without reading them: by the index, and the names and sizes of the files."""
    digest = hashlib.sha256((folder / INDEX).read_bytes())
    for path in sorted(folder.rglob("*.safetensors")):
        digest.update(f"{path.relative_to(folder)} {path.stat().st_size}\n".encode())
    return digest.hexdigest()[:12]


def loaded(folder: Path, device: str, variant: str | None = None) -> Pipeline:
    """The pipeline of a folder on a device (`cuda:0`, `mps`, `cpu`; `auto` is a graphics card). Raises what diffusers
    does for a folder that is none, and `OSError`, `ValueError`."""
    import torch
    from diffusers import AutoPipelineForText2Image

    place = _device(torch, device)
    dtype = torch.float32 if place == "cpu" else torch.float16
    try:
        pipeline = AutoPipelineForText2Image.from_pretrained(
            str(folder), dtype=dtype, variant=variant, use_safetensors=True, local_files_only=True
        ).to(place)
    except torch.OutOfMemoryError as error:
        raise OutOfMemory from error
    pipeline.set_progress_bar_config(disable=True)
    return _Diffusers(pipeline, place, torch)


def _device(torch: Any, device: str) -> str:
    if device != "auto":
        return device
    if torch.cuda.is_available():
        return "cuda:0"
    if torch.backends.mps.is_available():
        return "mps"
    raise ValueError("there is no graphics card; REELWRIGHT_DIFFUSERS_DEVICE=cpu paints without one, slowly")


class _Diffusers:
    """Implements `Pipeline`."""

    def __init__(self, pipeline: Any, device: str, torch: Any) -> None:
        self._pipeline, self._device, self._torch = pipeline, device, torch
        self._takes = set(inspect.signature(pipeline.__call__).parameters)

    def paint(self, order: Painting, stopped: Callable[[], bool]) -> bytes:
        def after(pipeline: Any, step: int, timestep: Any, kept: dict[str, Any]) -> dict[str, Any]:
            if stopped():
                raise Stopped
            return kept

        # On the processor: then a seed is the same picture on every card.
        generator = self._torch.Generator("cpu").manual_seed(order.seed)
        given = {
            "prompt": order.prompt,
            "negative_prompt": order.negative,
            "width": order.side,
            "height": order.side,
            "num_inference_steps": order.steps,
            "guidance_scale": order.guidance,
            "generator": generator,
            "callback_on_step_end": after,
        }
        try:
            with self._torch.inference_mode():
                made = self._pipeline(**{name: value for name, value in given.items() if name in self._takes})
        except self._torch.OutOfMemoryError as error:
            self._freed()
            raise OutOfMemory from error
        if any(getattr(made, "nsfw_content_detected", None) or ()):
            raise Filtered
        buffer = io.BytesIO()
        made.images[0].save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()

    def close(self) -> None:
        self._pipeline = None
        self._freed()

    def _freed(self) -> None:
        if self._device.startswith("cuda"):
            self._torch.cuda.empty_cache()
