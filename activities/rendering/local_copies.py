"""Files of the media store on this machine's disk, for as long as one step needs them."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.video import GivenPlan, RenderPlan
from reelwright.domain.ports.making import MediaStore


@dataclass(frozen=True)
class LocalCopies:
    """`scratch` is where folders are made; it need not be there yet."""

    media: MediaStore
    scratch: Path

    @asynccontextmanager
    async def workdir(self) -> AsyncIterator[Path]:
        """A folder of its own, removed at the end with all that is in it."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.scratch, ignore_cleanup_errors=True) as folder:
            yield Path(folder)

    async def fetch(self, folder: Path, *refs: AssetRef) -> dict[str, Path]:
        """The files in `folder`, each once, by sha256. Raises `AssetCorrupt`."""
        wanted = {ref.sha256: ref for ref in refs}
        paths = await asyncio.gather(
            *(self.media.fetch(ref, folder / f"{sha}{Path(ref.key).suffix}") for sha, ref in wanted.items())
        )
        return dict(zip(wanted, paths, strict=True))

    async def plan(self, given: GivenPlan | AssetRef) -> RenderPlan:
        """The whole plan of a step that is handed it, or where it is stored."""
        if isinstance(given, RenderPlan):
            return given
        ref = given if isinstance(given, AssetRef) else given.plan
        async with self.workdir() as folder:
            path = await self.media.fetch(ref, folder / "plan.json")
            return RenderPlan.model_validate_json(path.read_bytes())
