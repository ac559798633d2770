"""Found photos and clips as scenes: over HTTP, decoded, none twice."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reelwright.domain.content.story import Scene, Story
from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.domain.ports.providing import ClipJob, ClipOrder
from reelwright.providers.stock.clips import StockClips
from reelwright.providers.stock.illustrator import StockIllustrator
from reelwright.providers.stock.rules import Rules
from reelwright.providers.stock.source import CachedLibrary, Gone
from tests.stand_ins.libraries import CONTACT, Memory, Twin, Work, library_of, photo
from tests.stand_ins.server import CHALLENGE, Answer

from .clip_files import numbered, write_clip

RULES = Rules(user_agent=CONTACT, allow_private=True)
SCENES = (
    Scene(index=0, text="The keeper lights the lighthouse."),
    Scene(index=1, text="A lighthouse stands at the sea."),
)
STORY = Story(title="Lighthouse", description="", scenes=SCENES, writer="test")


def illustrator(twin: Twin, memory: Memory) -> StockIllustrator:
    return StockIllustrator(CachedLibrary(twin.library(), memory), memory, RULES)


async def test_a_scene_shows_a_photo_with_its_credit() -> None:
    with library_of("pexels", Work(1, photo(1, 2_000, 2_400), width=2_000, height=2_400)) as twin:
        made = illustrator(twin, Memory())
        drawing = await made.draw(SCENES[0], story=STORY, seed=7, channel="sea")
    assert drawing.credit is not None and drawing.credit.asset == "1" and drawing.media_type == "image/jpeg"
    assert drawing.usd == 0 and made.estimate(SCENES[0], story=STORY).free and made.name == "pexels"
    with Image.open(io.BytesIO(drawing.data)) as shown:
        assert shown.size == (2_000, 2_400) and shown.format == "JPEG"


@pytest.mark.lengthy
async def test_no_photo_is_shown_twice_and_a_repeated_attempt_finds_its_own() -> None:
    memory = Memory()
    with library_of("pixabay", *(Work(n, photo(n, 1_300, 1_300), width=1_300, height=1_300) for n in (1, 2))) as twin:
        made = illustrator(twin, memory)
        first = await made.draw(SCENES[0], story=STORY, seed=7, channel="sea")
        again = await made.draw(SCENES[0], story=STORY, seed=7, channel="sea")
        other = await made.draw(SCENES[1], story=STORY, seed=7, channel="sea")
        assert first.credit and again.credit and other.credit
        assert first.data == again.data and other.credit.asset != first.credit.asset
        with pytest.raises(ProviderRefused) as caught:  # another take, and nothing is left
            await made.draw(SCENES[0], story=STORY, seed=8, channel="sea")
        assert caught.value.why == "nothing"
        elsewhere = await made.draw(SCENES[0], story=STORY, seed=8, channel="hills")
        assert elsewhere.credit is not None


@pytest.mark.lengthy
async def test_the_same_photo_under_another_id_is_not_shown_again() -> None:
    memory, data = Memory(), photo(3, 1_300, 1_300)
    for name in ("pexels", "pixabay"):
        with library_of(name, Work(1, data, width=1_300, height=1_300)) as twin:
            made = illustrator(twin, memory)
            if name == "pexels":
                await made.draw(SCENES[0], story=STORY, seed=1, channel="sea")
                continue
            with pytest.raises(ProviderRefused, match="looks the same"):
                await made.draw(SCENES[1], story=STORY, seed=1, channel="sea")


@pytest.mark.lengthy
async def test_what_is_not_as_its_library_says_is_passed_over() -> None:
    works = (
        Work(1, photo(1, 300, 300)),  # says 2400 x 2400
        Work(2, b"no picture at all" * 20),
        Work(3, photo(3, 1_400, 1_400)[:20_000]),  # whole on the wire, cut off before
        Work(4, photo(4, 1_400, 1_400), width=1_400, height=1_400),
    )
    with library_of("openverse", *works) as twin:
        drawing = await illustrator(twin, Memory()).draw(SCENES[0], story=STORY, seed=1)
        assert drawing.credit is not None and drawing.credit.asset.endswith("4") and drawing.credit.owed
        twin.works = twin.works[:1]
        with pytest.raises(ProviderRefused) as caught:
            await illustrator(twin, Memory()).draw(SCENES[0], story=STORY, seed=1)
        assert caught.value.why == "nothing" and "300 x 300" in str(caught.value)
        fetched = [asked for asked in twin.server.asked if asked.path.startswith("/files/1/")]
        assert len(fetched) == 2, "once for each draw, though several searches find it"


async def test_a_scene_for_which_there_is_nothing_is_left_to_the_next_provider() -> None:
    with library_of("pexels", Work(1, b"", title="a globe *", tags=("*",))) as twin:
        with pytest.raises(ProviderRefused) as caught:
            await illustrator(twin, Memory()).draw(SCENES[0], story=STORY, seed=1)
        assert caught.value.why == "nothing" and caught.value.field == "pexels"
        assert not any(asked.path.startswith("/files/") for asked in twin.server.asked)


async def test_english_searches_of_a_german_story_are_asked_for_in_english() -> None:
    class Searching(Scene):
        search: tuple[str, ...] = ()

    german = Story(title="Türme", description="", language="de", scenes=SCENES, writer="test")
    with library_of("pexels", Work(1, b"")) as twin:
        with pytest.raises(ProviderRefused):
            given = Searching(index=0, text="Er leuchtet weit.", search=("zeppelin",))
            await illustrator(twin, Memory()).draw(given, story=german, seed=1)
        assert [(asked.query["query"], asked.query["locale"]) for asked in twin.calls()] == [
            ("zeppelin", "en-US"),
            ("leuchtet weit", "de-DE"),
        ]


async def test_trouble_of_the_library_is_its_own_error_and_not_nothing() -> None:
    with library_of("pixabay", Work(1, photo(1, 1_300, 1_300), width=1_300, height=1_300)) as twin:
        twin.server.next = [CHALLENGE]
        with pytest.raises(ProviderRefused) as caught:
            await illustrator(twin, Memory()).draw(SCENES[0], story=STORY, seed=1)
        assert caught.value.why == "blocked"
        twin.change(1, answer=Answer(503, b"away"))
        with pytest.raises(ProviderUnavailable):
            await illustrator(twin, Memory()).draw(SCENES[0], story=STORY, seed=1)


async def test_metadata_of_a_photo_stays_out(tmp_path: Path) -> None:
    picture = Image.open(io.BytesIO(photo(1, 1_300, 1_500)))
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "Ada at home"  # turned, and the artist
    data = io.BytesIO()
    picture.save(data, "JPEG", exif=exif)
    with library_of("wikimedia", Work(1, data.getvalue(), width=1_500, height=1_300)) as twin:
        drawing = await illustrator(twin, Memory()).draw(SCENES[0], story=STORY, seed=1)
    with Image.open(io.BytesIO(drawing.data)) as shown:
        assert shown.size == (1_500, 1_300) and not shown.getexif()


# --- clips -----------------------------------------------------------------------------------------------------------

ORDER = ClipOrder(prompt="a lighthouse at the sea", seconds=4.0, channel="sea", holder="content/0")


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    frames = [np.asarray(frame) for frame in numbered(22, (720, 1_280))]
    return write_clip(tmp_path_factory.mktemp("clip") / "portrait.mp4", frames, rate=5).read_bytes()


def finder(twin: Twin, memory: Memory) -> StockClips:
    return StockClips(CachedLibrary(twin.library(), memory), memory, RULES)


@pytest.mark.lengthy
@pytest.mark.parametrize("name", ("pexels", "pixabay", "wikimedia"))
async def test_a_found_clip_is_a_job_that_is_done(name: str, portrait: bytes, tmp_path: Path) -> None:
    with library_of(name, Work(1, portrait, width=720, height=1_280, seconds=4)) as twin:
        job = await finder(twin, Memory()).submit(ORDER)
        assert job.id.split("|")[0] == "1" and finder(twin, Memory()).estimate(ORDER).free
        after = finder(twin, Memory())  # a restart knows nothing but the job
        state = await after.poll(job)
        assert state.state == "done" and state.credit is not None and state.usd == 0
        assert state.credit.licence and state.credit.provider == name
        assert (await after.fetch(job, tmp_path / "clip.mp4")).read_bytes() == portrait
        assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
        twin.change(1, gone=True)
        assert (await after.poll(job)).state == "expired"
        with pytest.raises(Gone):
            await after.fetch(job, tmp_path / "again.mp4")
        await after.cancel(job)


async def test_clips_are_not_shown_twice_in_a_channel(portrait: bytes) -> None:
    memory = Memory()
    with library_of("pexels", *(Work(n, portrait, width=720, height=1_280, seconds=9) for n in (1, 2))) as twin:
        first = await finder(twin, memory).submit(ORDER)
        assert await finder(twin, memory).submit(ORDER) == first
        second = await finder(twin, memory).submit(ORDER.model_copy(update={"holder": "content/1"}))
        assert second != first
        with pytest.raises(ProviderRefused) as caught:
            await finder(twin, memory).submit(ORDER.model_copy(update={"holder": "content/2"}))
        assert caught.value.why == "nothing"


@pytest.mark.lengthy
async def test_a_clip_whose_real_size_differs_is_not_delivered(portrait: bytes, tmp_path: Path) -> None:
    with library_of("pixabay", Work(1, portrait, width=2_160, height=3_840, seconds=60)) as twin:
        long = ORDER.model_copy(update={"seconds": 30.0})
        job = await finder(twin, Memory()).submit(long)
        with pytest.raises(Gone, match="really lasts"):
            await finder(twin, Memory()).fetch(job, tmp_path / "clip.mp4")
        wide = await finder(twin, Memory()).submit(ORDER.model_copy(update={"shape": "16:9"}))
        with pytest.raises(Gone, match="really has 720 x 1280"):
            await finder(twin, Memory()).fetch(wide, tmp_path / "clip.mp4")
        assert list(tmp_path.iterdir()) == []


async def test_a_job_of_another_kind_is_refused() -> None:
    with library_of("pexels") as twin, pytest.raises(Exception, match="no job of a library"):
        await finder(twin, Memory()).poll(ClipJob(provider="pexels", id="17"))
