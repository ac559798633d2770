"""Clips by jobs on a real PostgreSQL: begun once, asked about until they are done, taken in as own media is."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from activities.content import jobs
from activities.content.clips import Clips, FilmScene
from reelwright.domain.chains import Link, ProviderList
from reelwright.domain.content.story import Picture
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.money import Money
from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.domain.ports.providing import ClipJob, ClipOrder, ClipState
from reelwright.storage.evidence import PostgresEvidence
from reelwright.storage.media import LocalMediaStore
from tests.unit.clip_files import quarters, write_clip
from tests.workflow.fakes import own_intake

from .kit import SCENES, STORY, Shop, activity


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "POLL_S", 0.01)


@pytest.fixture(scope="session")
def movie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frames: list[np.ndarray] = [quarters(640, 640)] * 30
    return write_clip(tmp_path_factory.mktemp("clip") / "movie.mp4", frames)


class Filmer:
    """Makes the same clip for a quarter of a dollar; its jobs pass through `states`."""

    name = "film:m"

    def __init__(self, movie: Path) -> None:
        self.calls: Counter[str] = Counter()
        self.states = [ClipState(state="running"), ClipState(state="done", usd=0.25)]
        self.movie = movie
        self.fails: list[Exception] = []
        self.hold: asyncio.Event | None = None
        self.asked = asyncio.Event()
        self.still: bytes | None = None
        self.refuses: Exception | None = None
        self.away: Exception | None = None

    def estimate(self, order: ClipOrder) -> Estimate:
        return Estimate(step="clips", provider=self.name, usual=Money.of("0.25"), worst=Money.of("0.50"))

    async def submit(self, order: ClipOrder, still: bytes | None = None) -> ClipJob:
        self.calls["submit"] += 1
        self.still = still
        self.asked.set()
        if self.hold is not None:
            await self.hold.wait()
        if self.fails:
            raise self.fails.pop(0)
        return ClipJob(provider="film", id=f"job-{self.calls['submit']}")

    async def poll(self, job: ClipJob) -> ClipState:
        self.calls["poll"] += 1
        if self.refuses is not None:
            raise self.refuses
        self.calls[job.id] += 1
        return self.states[min(self.calls[job.id], len(self.states)) - 1]

    async def fetch(self, job: ClipJob, to: Path) -> Path:
        self.calls["fetch"] += 1
        if self.away is not None:
            raise self.away
        return Path(shutil.copy(self.movie, to))

    async def cancel(self, job: ClipJob) -> None:
        return None


async def clips_of(shop: Shop[Any], folder: Path, *makers: Filmer) -> tuple[Clips, FilmScene]:
    """The activity's object, and a scene of a new content with its still."""
    shop.media = LocalMediaStore(folder / "media")
    links: dict[str, Link[Any]] = {f"f{n}": Link(f"f{n}", lambda each=each: each) for n, each in enumerate(makers)}  # type: ignore[misc]
    provider_list: ProviderList[Any] = ProviderList(links, tuple(links))
    clips = Clips(shop.catalog, shop.media, own_intake(shop.media), folder / "scratch", provider_list, shop.purchasing)
    image = await shop.media.put_bytes(b"the still", "image/jpeg")
    still = Picture(scene=0, image=image, provider="drawn")
    content = await shop.content()
    return clips, FilmScene(content_id=content, scene=SCENES[0], still=still, seconds=4, story=STORY)


async def test_a_clip_takes_the_stills_place_and_is_bought_once(pool: Any, movie: Path, tmp_path: Path) -> None:
    shop, film = Shop[Any](pool), Filmer(movie)
    clips, job = await clips_of(shop, tmp_path, film)
    made = await activity().run(clips.film_scene, job)
    assert made.clip and made.clip.sound == "mute" and made.provider == "film:m"
    assert made.image != job.still.image and film.still == b"the still"
    assert (made.spent, await shop.catalog.costs(job.content_id)) == (0.25, {"clips": 0.25})
    await activity().run(clips.film_scene, job)
    again = await activity().run(clips.film_scene, job.model_copy(update={"content_id": await shop.content()}))
    assert (film.calls["submit"], again.clip, again.usd) == (1, made.clip, 0.0)
    assert again.reused is not None


async def test_a_job_is_asked_about_by_the_next_worker_and_never_begun_twice(
    pool: Any, movie: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, film = Shop[Any](pool, lease_s=0.3), Filmer(movie)
    clips, job = await clips_of(shop, tmp_path, film)
    film.states = [ClipState(state="running")]
    dying = asyncio.ensure_future(activity().run(clips.film_scene, job))
    while not film.calls["poll"]:
        await asyncio.sleep(0.01)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    film.states = [ClipState(state="done", usd=0.25)]
    made = await asyncio.wait_for(activity().run(clips.film_scene, job), 60)
    assert made.clip and film.calls["submit"] == 1
    assert [row["state"] for row in await shop.purchases(job.content_id)] == ["stored"]


async def test_a_job_that_may_have_been_begun_is_left_to_a_person_and_the_still_stays(
    pool: Any, movie: Path, tmp_path: Path
) -> None:
    shop, film = Shop[Any](pool, lease_s=0.3), Filmer(movie)
    film.hold = asyncio.Event()
    clips, job = await clips_of(shop, tmp_path, film)
    dying = asyncio.ensure_future(activity().run(clips.film_scene, job))
    await asyncio.wait_for(film.asked.wait(), 30)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    made = await asyncio.wait_for(activity().run(clips.film_scene, job), 60)
    assert made.clip is None and made.image == job.still.image
    [why] = made.fell_back
    assert "nobody knows whether it is charged for" in why
    rows = [(row["state"], float(row["held_usd"])) for row in await shop.purchases(job.content_id)]
    assert rows == [("unknown", 0.5)]
    assert film.calls["submit"] == 1


async def test_a_job_whose_beginning_is_not_known_is_given_up_with_its_reason(
    pool: Any, movie: Path, tmp_path: Path
) -> None:
    shop, first, second = Shop[Any](pool), Filmer(movie), Filmer(movie)
    first.name, first.fails = "first:m", [ProviderUnavailable("the answer broke off")]
    clips, job = await clips_of(shop, tmp_path, first, second)
    made = await activity().run(clips.film_scene, job)
    assert made.clip and made.fell_back == ("f0: the answer broke off; nobody knows whether it is charged for",)
    rows = [(row["state"], float(row["held_usd"])) for row in await shop.purchases(job.content_id)]
    assert sorted(rows) == [("stored", 0.0), ("unknown", 0.5)] and first.calls["submit"] == 1


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (ClipState(state="refused", why="its policy", usd=0.0), "its policy"),
        (ClipState(state="failed", why="it broke", usd=0.1), "it broke"),
        (ClipState(state="expired", usd=0.0), "its job expired"),
    ],
)
async def test_a_job_that_comes_to_nothing_is_made_by_the_next(
    state: ClipState, why: str, pool: Any, movie: Path, tmp_path: Path
) -> None:
    shop, first, second = Shop[Any](pool), Filmer(movie), Filmer(movie)
    first.name, first.states = "first:m", [state]
    clips, job = await clips_of(shop, tmp_path, first, second)
    made = await activity().run(clips.film_scene, job)
    assert made.clip and made.fell_back == (f"f0: {why}",)
    assert await shop.catalog.costs(job.content_id) == {"clips": pytest.approx(0.25 + (state.usd or 0.0))}


async def test_what_is_no_clip_is_paid_for_and_the_still_stays(pool: Any, tmp_path: Path) -> None:
    shop, nonsense = Shop[Any](pool), tmp_path / "nonsense"
    nonsense.write_bytes(b"<html>")
    film = Filmer(nonsense)
    clips, job = await clips_of(shop, tmp_path, film)
    made = await activity().run(clips.film_scene, job)
    assert made.clip is None and len(made.fell_back) == 1
    assert (made.spent, await shop.catalog.costs(job.content_id)) == (0.25, {"clips": 0.25})
    again = await activity().run(clips.film_scene, job)
    assert (again.clip, film.calls["submit"]) == (None, 1), "it is not begun anew for this scene"


async def test_a_submission_that_fails_is_tried_again_or_left(pool: Any, movie: Path, tmp_path: Path) -> None:
    shop, film = Shop[Any](pool), Filmer(movie)
    busy = ProviderUnavailable("HTTP 429")
    busy.cost_known = True
    film.fails = [busy]
    clips, job = await clips_of(shop, tmp_path, film)
    with pytest.raises(ProviderUnavailable, match="429"):
        await activity().run(clips.film_scene, job)
    assert (await activity().run(clips.film_scene, job)).clip
    film.fails = [ProviderRefused("HTTP 402", why="credit")]
    other = job.model_copy(update={"scene": SCENES[1]})
    made = await activity().run(clips.film_scene, other)
    assert (made.clip, made.fell_back) == (None, ("clips: f0: HTTP 402",))
    [document] = await PostgresEvidence(pool).document(job.content_id)
    [row] = [row for row in document.rows if row.scene == SCENES[1].index and row.sha256 == job.still.image.sha256]
    assert row.details == {"fell_back": ["clips: f0: HTTP 402"]} and row.whole and row.licence == "none-owed"
    assert (await activity().run(clips.film_scene, other)).fell_back == made.fell_back, (
        "the next attempt tells the same"
    )


async def test_a_provider_that_refuses_to_be_asked_about_its_job_is_passed_over(
    pool: Any, movie: Path, tmp_path: Path
) -> None:
    shop, first, second = Shop[Any](pool), Filmer(movie), Filmer(movie)
    first.name, first.refuses = "first:m", ProviderRefused("HTTP 200 with a web page", why="blocked")
    clips, job = await clips_of(shop, tmp_path, first, second)
    made = await activity().run(clips.film_scene, job)
    assert made.clip and made.fell_back == ("f0: HTTP 200 with a web page",)
    rows = [(row["state"], float(row["held_usd"])) for row in await shop.purchases(job.content_id)]
    assert sorted(rows) == [("stored", 0.0), ("unknown", 0.5)], "nobody knows what the job costs"


async def test_a_clip_that_cannot_be_fetched_is_not_waited_for_for_ever(pool: Any, movie: Path, tmp_path: Path) -> None:
    shop, film = Shop[Any](pool), Filmer(movie)  # its lease is long: the next try must not have to wait for its end
    film.away = ProviderUnavailable("the connection broke")
    clips, job = await clips_of(shop, tmp_path, film)
    for _ in range(2):
        with pytest.raises(ProviderUnavailable, match="broke"):
            await activity().run(clips.film_scene, job)
    made = await activity().run(clips.film_scene, job)
    assert (made.clip, made.fell_back) == (None, ("clips: f0: the connection broke",))
    assert (film.calls["submit"], film.calls["fetch"]) == (1, 3)
    [row] = await shop.purchases(job.content_id)
    assert (row["state"], float(row["held_usd"])) == ("reserved", 0.5), "it counts: the job is done, and paid for"


@pytest.mark.parametrize("free", [True, False])
async def test_what_costs_nothing_is_not_waited_for_where_its_library_is_away(
    free: bool, pool: Any, movie: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, film = Shop[Any](pool), Filmer(movie)
    film.refuses = ProviderUnavailable("the connection broke")
    clips, job = await clips_of(shop, tmp_path, film)
    if not free:
        doing = asyncio.ensure_future(activity().run(clips.film_scene, job))
        while film.calls["poll"] <= jobs.FREE_POLLS:
            await asyncio.sleep(0.01)
        film.refuses = None
        assert (await doing).clip, "it was paid for"
        return
    nothing = Estimate(step="clips", provider=film.name, usual=Money.of(0), worst=Money.of(0))
    monkeypatch.setattr(film, "estimate", lambda order: nothing)
    for _ in range(2):
        with pytest.raises(ProviderUnavailable, match="broke"):
            await activity().run(clips.film_scene, job)
    made = await activity().run(clips.film_scene, job)
    assert (made.clip, made.fell_back) == (None, ("clips: f0: the connection broke",))
    assert (film.calls["submit"], film.calls["poll"]) == (1, 3 * jobs.FREE_POLLS)
