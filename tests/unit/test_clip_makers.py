"""What every maker of clips does, against stand-ins of Runway and Luma."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import SecretStr

from reelwright.domain.costs.money import Money
from reelwright.domain.costs.prices import PriceTable, UnitEntry
from reelwright.domain.errors import InvalidInput, ProviderRefused, ProviderUnavailable
from reelwright.domain.ports.providing import ClipJob, ClipOrder
from reelwright.domain.redaction import redact
from reelwright.providers.clips.job import STILL_BYTES, shrunk, utf16_cut
from reelwright.providers.clips.luma import Luma
from reelwright.providers.clips.runway import Runway
from tests.jpegs import noise_jpeg
from tests.stand_ins.clips import KEY, ClipTwin, clips_of
from tests.stand_ins.server import CHALLENGE, Answer

MAKERS = ("runway", "luma")
ORDER = ClipOrder(prompt="a lighthouse in a storm", seconds=4.2, shape="9:16", seed=3)
STILL = noise_jpeg(1, 64, 64)
STATES: dict[str, list[tuple[dict[str, Any], str, float | None]]] = {
    "runway": [
        ({"status": "PENDING", "estimatedCost": {"credits": 25}}, "waiting", None),
        ({"status": "THROTTLED", "estimatedCost": {"credits": 25}}, "waiting", None),
        ({"status": "RUNNING", "progress": 0.4}, "running", None),
        ({"status": "SOMETHING_NEW"}, "running", None),
        ({"status": "CANCELLED", "cost": {"credits": 0}}, "failed", 0.0),
        (
            {"status": "FAILED", "failure": "no", "failureCode": "SAFETY.INPUT.TEXT", "cost": {"credits": 25}},
            "refused",
            0.25,
        ),
        ({"status": "FAILED", "failure": "x", "failureCode": "INTERNAL.BAD_OUTPUT.CODE01"}, "failed", None),
        ({"status": "FAILED", "failure": "x", "cost": {"credits": 0}}, "failed", 0.0),
        ({"status": "SUCCEEDED", "output": [], "cost": {"credits": 25}}, "failed", 0.25),
        ({"status": "SUCCEEDED", "output": ["https://x/1"], "cost": {"credits": 25}}, "done", 0.25),
    ],
    "luma": [
        ({"state": "queued"}, "waiting", None),
        ({"state": "processing"}, "running", None),
        ({"state": "something_new"}, "running", None),
        ({"state": "failed", "failure_code": "content_moderated", "failure_reason": "no"}, "refused", None),
        ({"state": "failed", "failure_code": "budget_exhausted"}, "failed", None),
        ({"state": "failed", "failure_code": "generation_failed"}, "failed", None),
        ({"state": "failed", "failure_code": "output_not_found"}, "expired", None),
        ({"state": "completed", "output": []}, "failed", None),
        ({"state": "completed", "output": [{"type": "video", "url": "https://x/1"}]}, "done", None),
    ],
}


@pytest.fixture(params=MAKERS)
def twin(request: pytest.FixtureRequest) -> Iterator[ClipTwin]:
    with clips_of(request.param) as made:
        yield made


def priced(name: str, usd: str) -> PriceTable:
    return PriceTable(units=[UnitEntry.model_validate({"name": name, "unit": "second", "usd": usd, "from": date.min})])


async def test_a_clip_is_submitted_asked_for_and_fetched(twin: ClipTwin, tmp_path: Path) -> None:
    maker = twin.maker()
    job = await maker.submit(ORDER, STILL)
    assert job.provider == maker.name and maker.name.startswith(twin.name + ":")
    twin.done()
    state = await maker.poll(job)
    assert state.state == "done" and state.progress == 1.0
    after = twin.maker()  # a restart knows nothing but the job
    file = await after.fetch(job, tmp_path / "clip.mp4")
    assert file.read_bytes() == twin.data and len(twin.charged) == 1
    assert (await after.fetch(job, tmp_path / "again.mp4")).read_bytes() == twin.data and len(twin.charged) == 1


@pytest.mark.parametrize(
    "name, fields, state, usd", [(name, *case) for name, cases in STATES.items() for case in cases]
)
async def test_every_state_has_one_of_ours(name: str, fields: dict[str, Any], state: str, usd: float | None) -> None:
    with clips_of(name) as twin:
        maker = twin.maker()
        job = await maker.submit(ORDER, STILL)
        twin.state = fields
        told = await maker.poll(job)
        assert (told.state, told.usd) == (state, usd)
        assert told.why or state in ("waiting", "running", "done")


async def test_a_job_that_is_not_there_has_expired(twin: ClipTwin, tmp_path: Path) -> None:
    maker = twin.maker()
    assert (await maker.poll(ClipJob(provider=maker.name, id="of-another-account"))).state == "expired"
    with pytest.raises(ProviderRefused, match="expired"):
        await maker.fetch(ClipJob(provider=maker.name, id="of-another-account"), tmp_path / "clip.mp4")


async def test_what_is_not_done_or_refused_is_not_fetched(twin: ClipTwin, tmp_path: Path) -> None:
    maker = twin.maker()
    job = await maker.submit(ORDER, STILL)
    twin.state = STATES[twin.name][0][0]
    with pytest.raises(ProviderRefused, match="no clip to fetch"):
        await maker.fetch(job, tmp_path / "clip.mp4")
    twin.state = next(fields for fields, state, _ in STATES[twin.name] if state == "refused")
    with pytest.raises(ProviderRefused) as caught:
        await maker.fetch(job, tmp_path / "clip.mp4")
    assert caught.value.why == "policy"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(403, b"<Error>expired</Error>", {"Content-Type": "application/xml"}),
        Answer(200, b"half", {"Content-Type": "video/mp4"}, announced=99),
        Answer(404, b""),
    ],
    ids=("expired", "cut off", "gone"),
)
async def test_an_address_that_has_expired_is_asked_for_anew(twin: ClipTwin, tmp_path: Path, answer: Answer) -> None:
    maker = twin.maker()
    job = await maker.submit(ORDER, STILL)
    twin.done()
    twin.file = answer
    with pytest.raises(ProviderUnavailable) as caught:
        await maker.fetch(job, tmp_path / "clip.mp4")
    assert "signature" not in str(caught.value) and "signature" not in redact(f"fetched {twin.output}")
    assert list(tmp_path.iterdir()) == []
    twin.file = None
    await maker.fetch(job, tmp_path / "clip.mp4")


@pytest.mark.parametrize(
    "answer, error, why, known",
    [
        (Answer.of({"error": "no"}, 400), ProviderRefused, "input", True),
        (Answer.of({"error": f"the key {KEY} is wrong"}, 401), ProviderRefused, "key", True),
        (Answer.of({"error": "no credits"}, 402), ProviderRefused, "credit", True),
        (Answer.of({"error": "slowly"}, 429, Retry_After="9"), ProviderUnavailable, 9.0, True),
        (Answer.of({"error": "full"}, 503), ProviderUnavailable, None, True),
        (Answer(502, b"<html>", {"Content-Type": "text/html"}), ProviderUnavailable, None, True),
        (Answer.of({"hello": "world"}), ProviderUnavailable, None, False),
        (Answer(200, b"not json"), ProviderUnavailable, None, False),
        (Answer(200, b'{"id"', announced=60), ProviderUnavailable, None, False),
        (CHALLENGE, ProviderRefused, "blocked", True),
    ],
    ids=("400", "401", "402", "429", "503", "502", "no id", "no json", "cut off", "challenge"),
)
async def test_a_submission_that_fails_says_whether_it_may_have_been_charged(
    twin: ClipTwin, answer: Answer, error: type, why: str | float | None, known: bool
) -> None:
    twin.server.next = [answer]
    with pytest.raises(error) as caught:
        await twin.maker().submit(ORDER, STILL)
    assert caught.value.cost_known == known and KEY not in str(caught.value)
    assert (caught.value.why if error is ProviderRefused else caught.value.retry_after_s) == why


async def test_a_price_is_known_from_the_table_and_else_not(twin: ClipTwin) -> None:
    maker = twin.maker()
    shown = priced(maker.name, "0.05")
    assert twin.maker(shown).estimate(ORDER).worst == Money.of("0.25")  # five seconds for 4.2
    other = twin.maker(model="a-model-of-tomorrow")
    assert not other.estimate(ORDER).priced


# --- Runway ----------------------------------------------------------------------------------------------------------


async def test_runway_is_asked_as_its_reference_says() -> None:
    with clips_of("runway") as twin:
        await twin.maker().submit(ORDER, STILL)
        (body,) = twin.charged
        image = body.pop("promptImage")
        assert base64.b64decode(image.removeprefix("data:image/jpeg;base64,")) == STILL
        assert body == {
            "model": "gen4_turbo",
            "promptText": "a lighthouse in a storm",
            "ratio": "720:1280",
            "duration": 5,
            "seed": 3,
        }


async def test_runway_makes_clips_of_words_where_the_model_can() -> None:
    with clips_of("runway") as twin:
        with pytest.raises(ProviderRefused) as caught:
            await twin.maker().submit(ORDER)
        assert caught.value.why == "input" and twin.charged == []
        await twin.maker(model="gen4.5").submit(ORDER.model_copy(update={"shape": "1:1"}))
        assert twin.charged[0]["ratio"] == "1280:720", "it has no square ones of words"


@pytest.mark.parametrize(
    "model, wanted, made", [("gen4.5", 0.5, 2), ("gen4.5", 99, 10), ("veo3.1", 4.5, 6), ("veo3.1", 30, 8)]
)
def test_runway_makes_whole_seconds(model: str, wanted: float, made: int) -> None:
    assert Runway(SecretStr(KEY), PriceTable(), model=model).seconds(wanted) == made


async def test_runway_ends_a_task() -> None:
    with clips_of("runway") as twin:
        job = await twin.maker().submit(ORDER, STILL)
        await twin.maker().cancel(job)
        assert twin.cancelled == [job.id]


async def test_a_throttled_task_is_not_asked_about_often() -> None:
    with clips_of("runway") as twin:
        job = await twin.maker().submit(ORDER, STILL)
        twin.state = {"status": "THROTTLED"}
        assert ((await twin.maker().poll(job)).retry_after_s or 0) >= 30


def test_a_prompt_is_cut_at_utf16_units() -> None:
    assert utf16_cut("a" + "🌊" * 10, 4) == "a🌊" and utf16_cut("abc", 3) == "abc"


def test_a_still_is_made_small_enough() -> None:
    large = np.random.default_rng(1).integers(0, 256, (1_500, 2_600, 3), dtype=np.uint8)
    data = io.BytesIO()
    Image.fromarray(large).save(data, "PNG", compress_level=1)
    made = shrunk(data.getvalue())
    assert len(made) <= STILL_BYTES and shrunk(STILL) is STILL
    with pytest.raises(InvalidInput) as caught:
        shrunk(b"no picture")
    assert caught.value.field == "still"


# --- Luma ------------------------------------------------------------------------------------------------------------


async def test_luma_is_asked_as_its_reference_says() -> None:
    with clips_of("luma") as twin:
        await twin.maker().submit(ORDER, STILL)
        (body,) = twin.charged
        assert body["model"] == "ray-3.2" and body["aspect_ratio"] == "9:16"
        video = body["video"]
        assert (video["duration"], video["resolution"], video["keyframe_indexes"]) == ("5s", "1080p", [0])
        assert video["keyframes"] == [{"data": base64.b64encode(STILL).decode(), "media_type": "image/jpeg"}]
        await twin.maker().submit(ORDER.model_copy(update={"seconds": 5.1}))
        assert twin.charged[1]["video"] == {"duration": "10s", "resolution": "1080p"}


async def test_luma_cannot_end_a_generation() -> None:
    with clips_of("luma") as twin:
        job = await twin.maker().submit(ORDER)
        await twin.maker().cancel(job)
        assert len(twin.server.asked) == 1


def test_lumas_price_is_not_published() -> None:
    assert not Luma(SecretStr(KEY), PriceTable()).estimate(ORDER).priced
