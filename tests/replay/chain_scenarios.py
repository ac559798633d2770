"""What `record.py` records of chains of providers: estimates of material, a provider that fails in the middle of a
story, and clips in place of stills."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from reelwright.domain.chains import Link, ProviderList
from reelwright.domain.errors import ProviderRefused
from tests.integration.making.kit import Provider, provider_list
from tests.integration.making.test_clips import Filmer
from tests.unit.clip_files import quarters, write_clip
from tests.workflow.conftest import FakeStudio
from tests.workflow.fake_purchasing import memory_purchasing
from tests.workflow.priced import Choice
from tests.workflow.test_content_pipeline import question
from workers.pools import CpuActivities, MediaActivities

from .review_scenarios import decide, status

SCRIPT = "The first scene is here.\n\nThe second scene is here.\n\nThe third one.\n\nThe last one."


@dataclass
class ChainStudio(FakeStudio):
    """A studio with two providers of speech, pictures and music each, and an offline one behind them; `film` makes
    clips. `first` has the first providers by what they make."""

    first: dict[str, Provider] = field(
        default_factory=lambda: {made: Provider("one") for made in ("speech", "images", "music")}
    )

    @cached_property
    def film(self) -> Filmer:
        """One clip of a second for every scene."""
        self.scratch.mkdir(exist_ok=True)
        frames: list[np.ndarray] = [quarters(640, 640)] * 30
        return Filmer(write_clip(self.scratch / "movie.mp4", frames))

    def _chain(self, made: str) -> ProviderList[Any]:
        return provider_list(self.first[made], Provider("two"), offline=Provider("off", price=0))

    @cached_property
    def _purchasing(self) -> Any:
        return memory_purchasing(self.channels)

    def cpu(self) -> CpuActivities:
        served = super().cpu()
        voices = dataclasses.replace(served.voices, speakers=self._chain("speech"), purchasing=self._purchasing)
        return dataclasses.replace(served, voices=voices)

    def staff(self) -> MediaActivities:
        served, purchasing = super().staff(), self._purchasing
        films: ProviderList[Any] = ProviderList({"film": Link("film", lambda: self.film)}, ("film",))
        studio = dataclasses.replace(
            served.studio, illustrators=self._chain("images"), composers=self._chain("music"), purchasing=purchasing
        )
        return dataclasses.replace(
            served, studio=studio, clips=dataclasses.replace(served.clips, makers=films, purchasing=purchasing)
        )


async def chain(studio: FakeStudio) -> None:
    """The first providers speak one scene and draw one, and then have no credit left: the second ones make the rest,
    and all of the speech."""
    assert isinstance(studio, ChainStudio)
    studio.choice.chosen = Choice().chosen
    for made in ("speech", "images"):
        studio.first[made].fails = [None]
        studio.first[made].always = ProviderRefused("HTTP 402", why="credit")
    handle = await studio.start({"script": SCRIPT}, "content-chain")
    wanted = await question(handle)
    told = await status(handle)
    assert "about $" in told.steps["budget"] and "is spent" in told.steps["budget"]
    for made in ("narration", "pictures"):
        assert any(note.startswith(made) and "not by one: HTTP 402" in note for note in told.notes), told.notes
    await decide(handle, wanted, "approve")
    await handle.result()


async def clips(studio: FakeStudio) -> None:
    """Two scenes of four move, or would: nobody makes the clip of one of them, which keeps its still."""
    assert isinstance(studio, ChainStudio)
    studio.film.fails = [ProviderRefused("its policy", why="policy")]
    handle = await studio.start({"script": SCRIPT, "clips": "some"}, "content-clips")
    wanted = await question(handle)
    notes = (await status(handle)).notes
    assert any("not by clips: film: its policy" in note for note in notes), notes
    assert (studio.film.calls["submit"], studio.film.calls["fetch"]) == (2, 1)
    await decide(handle, wanted, "approve")
    await handle.result()


SCENARIOS = (chain, clips)
STUDIOS: dict[Any, type[FakeStudio]] = {chain: ChainStudio, clips: ChainStudio}
"""The studios of those that want another one."""
CONTAINS: dict[str, dict[str, int]] = {
    "content-chain": {
        "patch estimate-material": 1,
        "patch one-speaker": 1,
        "activity estimate_material": 1,
        "activity speak_scene": 8,
        "activity draw_scene": 4,
        "fell_back": 6,
    },
    "content-clips": {"patch clips": 1, "activity film_scene": 2, "activity draw_scene": 4, "fell_back": 1},
}
"""As in `review_scenarios`."""
