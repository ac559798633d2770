"""Pictures by a model on a graphics card of one's own: the gpu pool's. Costs nothing; the same seed, prompt and weights
give the same picture."""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

from filelock import FileLock, Timeout

from reelwright.domain.content.story import Scene, Story
from reelwright.domain.costs.estimate import Estimate, free
from reelwright.domain.errors import ProviderRefused, ProviderUnavailable

from ..common.answers import refused
from .diffusion import (
    EXTRA,
    INDEX,
    Filtered,
    OutOfMemory,
    Painting,
    Pipeline,
    fingerprint,
    loaded,
    packages_missing,
)
from .illustrator import ModelIllustrator, Sent
from .prompting import Prompt

SMALLER = 0.75
"""The side of the second try where the memory did not suffice for the first; sides are multiples of `GRID`."""
GRID = 64
SEEDS = 2**63
Loader = Callable[[Path, str, str | None], Pipeline]


class DiffusersIllustrator(ModelIllustrator):
    """One pipeline on one device, loaded with the first picture and kept. Pictures are made one after the other; a
    second process that wants the same device is told to wait. `folder` is what `save_pretrained` writes."""

    vendor: ClassVar[str] = "diffusers"

    def __init__(
        self,
        folder: Path,
        *,
        device: str = "auto",
        variant: str | None = None,
        steps: int = 30,
        guidance: float = 6.0,
        size: int = 1_024,
        load: Loader = loaded,
        lock_folder: Path | None = None,
    ) -> None:
        self._folder, self._device, self._variant = folder, device, variant
        self._steps, self._guidance, self._size, self._load = steps, guidance, size, load
        self.model = folder.name
        self._marked = ""
        self._pipeline: Pipeline | None = None
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="diffusers")
        place = device.replace(":", "-").replace("/", "-")
        where = lock_folder or Path(tempfile.gettempdir())
        self._lock = FileLock(where / f"reelwright-diffusers-{os.getuid()}-{place}.lock", thread_local=False)

    @property
    def name(self) -> str:
        if not self._marked and (self._folder / INDEX).is_file():
            self._marked = fingerprint(self._folder)
        how = f"{self._size}:{self._steps}:{self._guidance:g}"
        return f"diffusers:{self.model}#{self._marked}:{how}"

    def unavailable(self) -> str:
        """Why nothing can be made here, for people; empty where it can."""
        if self._load is loaded and (absent := packages_missing()):
            return f"{', '.join(absent)} {'is' if len(absent) == 1 else 'are'} not installed: {EXTRA}"
        if not (self._folder / INDEX).is_file():
            return f"{self._folder.name} holds no {INDEX}: REELWRIGHT_DIFFUSERS_MODEL names a folder of diffusers"
        return ""

    def estimate(self, scene: Scene, *, story: Story) -> Estimate:
        return free("images", "diffusers")

    async def make(self, prompt: Prompt, seed: int) -> Sent:
        """Raises `ProviderRefused` (`model`) where packages or weights are missing or no use, `ProviderUnavailable`
        where another process has the device, or its memory is full."""
        if reason := self.unavailable():
            raise self._no_model(reason)
        own = seed % SEEDS
        async with self._turn:
            pipeline = await self._ready()
            for side in (self._size, self._smaller):
                order = Painting(prompt.text, prompt.negative, side, own, self._steps, self._guidance)
                try:
                    return Sent(await self._painted(pipeline, order), seed=own)
                except OutOfMemory:
                    continue
                except Filtered:
                    raise refused(self.vendor, "policy", "the pipeline's checker took the picture away") from None
        await self.close()
        raise ProviderUnavailable(
            f"the memory of {self._device} does not suffice for {self._smaller} pixels",
            field=self.vendor,
            remedy="end what else uses it, or set a smaller REELWRIGHT_DIFFUSERS_SIZE",
        )

    async def close(self) -> None:
        """Frees the device."""
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, pipeline.close)
        self._lock.release(force=True)

    @property
    def _smaller(self) -> int:
        return max(GRID, round(self._size * SMALLER) // GRID * GRID)

    async def _ready(self) -> Pipeline:
        if self._pipeline is not None:
            return self._pipeline
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise ProviderUnavailable(
                f"another process paints on {self._device}",
                field=self.vendor,
                remedy="run one worker of the gpu pool for each device",
                retry_after_s=30.0,
            ) from None
        loop = asyncio.get_running_loop()
        try:
            self._pipeline = await loop.run_in_executor(
                self._thread, self._load, self._folder, self._device, self._variant
            )
        except OutOfMemory:
            self._lock.release(force=True)
            raise ProviderUnavailable(
                f"the memory of {self._device} does not suffice for the model",
                field=self.vendor,
                remedy="end what else uses it, or choose a smaller model",
            ) from None
        except (OSError, ValueError, ImportError, RuntimeError, KeyError, AttributeError, TypeError) as error:
            self._lock.release(force=True)
            said = str(error).replace(str(self._folder), self._folder.name)[:200]
            raise self._no_model(f"{self._folder.name} cannot be loaded: {said}") from error
        return self._pipeline

    async def _painted(self, pipeline: Pipeline, order: Painting) -> bytes:
        """Painted in the device's thread. When this call is cancelled, it ends after the step it is at, so that the
        device is free for the next."""
        stop = threading.Event()
        work = asyncio.get_running_loop().run_in_executor(self._thread, pipeline.paint, order, stop.is_set)
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait([work])
            raise
        except RuntimeError as error:
            raise ProviderUnavailable(
                f"the device failed: {str(error)[:200]}", field=self.vendor, remedy="it is tried again by itself"
            ) from error

    def _no_model(self, what: str) -> ProviderRefused:
        return refused(self.vendor, "model", what)
