"""One contract for the picture models of all vendors, against loopback servers that speak their wire shapes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from reelwright.domain.content.image_prompts import style_of
from reelwright.domain.content.story import Character
from reelwright.domain.costs.money import Money
from reelwright.domain.costs.prices import PriceEntry, PriceTable
from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.domain.ports.making import Drawing
from reelwright.domain.ports.providing import PricedIllustrator
from reelwright.providers.images import illustrator
from reelwright.providers.images.checking import fitted
from reelwright.providers.images.illustrator import ModelIllustrator
from reelwright.providers.images.prompting import framed
from tests.vendor import HANG_UP, Reply, Vendor

from .picture_vendors import (
    KEY,
    SCENES,
    STORY,
    USD,
    VENDORS,
    Painter,
    asked,
    blank,
    form,
    illustrator_of,
    picture,
    prices,
    refusals,
)

Serve = Callable[[Any], Vendor]
NO_BASE64 = {"mimeType": "image/png", "data": "%%%"}


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Vendor] = []

    def start(answer: Any) -> Vendor:
        servers.append(Vendor(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


async def drawn(painter: ModelIllustrator, scene: int = 0, seed: int = 2**63 + 5) -> Drawing:
    return await painter.draw(SCENES[scene], story=STORY, seed=seed)


# --- what is right ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_picture_is_made_checked_and_priced(vendor: str, serve: Serve) -> None:
    server = serve(Painter(vendor))
    painter = illustrator_of(vendor, server)
    assert isinstance(painter, PricedIllustrator)
    drawing = await drawn(painter)
    with Image.open(io.BytesIO(drawing.data)) as image:
        assert (image.format, image.size, image.mode) == ("JPEG", (1_920, 1_920), "RGB")
    assert drawing.media_type == "image/jpeg" and drawing.request_id == f"req-{vendor}"
    assert drawing.prompt.endswith("(made at 1536x1536, enlarged to 1920x1920)")
    assert drawing.reading is None, "a classifier looks at it: it is no drawing of ours"
    estimate = painter.estimate(SCENES[0], story=STORY)
    assert estimate.priced and float(estimate.worst) >= drawing.usd >= USD
    assert (drawing.seed is None) == (vendor == "openai")
    assert KEY not in repr((painter.name, drawing.prompt, vars(painter)))


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_character_and_the_style_are_asked_for_in_the_same_words(vendor: str, serve: Serve) -> None:
    server = serve(Painter(vendor))
    keeper = Character(name="Ada", look="an old keeper with a red scarf")
    scenes = [
        scene.model_copy(update={"brief": "", "image_prompt": f"Ada {does}", "search": ("lighthouse",)})
        for scene, does in zip(SCENES, ("climbs the stairs", "lights the lamp"), strict=True)
    ]
    story = STORY.model_copy(update={"scenes": tuple(scenes), "characters": (keeper,), "look": "Ink, deep blue"})
    for scene in scenes:
        await illustrator_of(vendor, server).draw(scene, story=story, seed=7)
    first, second = [asked(vendor, request).splitlines() for request in server.paid()]
    assert first[0] == second[0] == f"Style: {style_of(story)}." and "Ink, deep blue" in first[0]
    assert first[1:3] == ["Scene: Ada climbs the stairs.", f"Ada: {keeper.look}."]
    assert second[1:3] == ["Scene: Ada lights the lamp.", f"Ada: {keeper.look}."]


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_story_has_one_style_and_one_seed(vendor: str, serve: Serve) -> None:
    server = serve(Painter(vendor))
    painter = illustrator_of(vendor, server)
    first, second = [await drawn(painter, scene) for scene in (0, 1)]
    prompts = [asked(vendor, request) for request in server.paid()]
    assert all(prompt.startswith(f"Style: {style_of(STORY)}.\n") for prompt in prompts)
    assert "a lighthouse at night" in prompts[0] and "Nobody slept" not in prompts[0]
    assert "the sea was calm" in prompts[1]
    assert all("watermark" in prompt for prompt in prompts)
    assert first.seed == second.seed
    if vendor == "stability":
        assert form(server.paid()[0])["seed"] == str(first.seed) and 0 < int(first.seed or 0) <= 4_294_967_294
    if vendor == "gemini":
        assert server.paid()[0].json["generationConfig"]["seed"] == first.seed


def test_a_wish_changes_what_would_be_seen_without_it() -> None:
    scene = SCENES[0].model_copy(update={"wish": "make it\nmorning"})
    text = framed(scene, STORY).text
    assert "Scene: a lighthouse at night in a storm.\nChange: make it morning.\n" in text
    long = SCENES[0].model_copy(update={"brief": "storm " * 5_000})
    assert len(framed(long, STORY).text) < 2_500


@pytest.mark.parametrize("vendor", VENDORS)
def test_without_a_price_nothing_is_guessed(vendor: str, serve: Serve) -> None:
    estimate = illustrator_of(vendor, serve(Painter(vendor)), table=prices("none"), model="none").estimate(
        SCENES[0], story=STORY
    )
    assert not estimate.priced


async def test_openai_is_paid_by_its_tokens_where_their_price_is_known(serve: Serve) -> None:
    row = {"name": "gpt-image-2.5-flare", "input": "5", "output": "30", "from": "2026-01-01"}
    table = PriceTable([PriceEntry.model_validate(row)])
    drawing = await drawn(illustrator_of("openai", serve(Painter("openai")), table=table))
    assert drawing.usd == pytest.approx((100 * 5 + 2_000 * 30) / 1e6)


def test_a_larger_picture_costs_more(serve: Serve) -> None:
    server = serve(Painter("openai"))
    small, large = [
        illustrator_of("openai", server, size=size).estimate(SCENES[0], story=STORY) for size in (1_024, 1_920)
    ]
    assert small.usual < Money.of(USD) < large.usual
    assert illustrator_of("openai", server, size=1_024).name != illustrator_of("openai", server).name


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("vendor", "case"), [(vendor, case) for vendor in VENDORS for case in refusals(vendor)])
async def test_a_refusal_says_why(vendor: str, case: str, serve: Serve) -> None:
    reply, why = refusals(vendor)[case]
    with pytest.raises(ProviderRefused) as caught:
        await drawn(illustrator_of(vendor, serve(lambda request: reply)))
    assert caught.value.why == why and caught.value.remedy and caught.value.cost_known
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    ("reply", "known"),
    [
        (Reply({"error": {"message": "slow down"}}, 429, {"retry-after": "7"}), True),
        (Reply("oops", 500), True),
        (HANG_UP, False),
        (Reply(b"\x89PNG", headers={"content-type": "image/png"}, lacks=5_000), False),
    ],
    ids=["busy", "broken", "hangs up", "cut off"],
)
async def test_what_may_go_better_is_tried_again(vendor: str, reply: Any, known: bool, serve: Serve) -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        await drawn(illustrator_of(vendor, serve(lambda request: reply)))
    assert caught.value.cost_known is known
    if getattr(reply, "status", 0) == 429:
        assert caught.value.retry_after_s == 7


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    ("file", "line"),
    [
        (b"<html>Welcome</html>", "is no picture"),
        (blank(), "is blank"),
        (blank(255), "is blank"),
        (picture(100, 100), "100x100 pixels, too few"),
        (picture(2_000, 600), "2000x600, where a square was asked for"),
    ],
    ids=["html", "black", "white", "small", "wide"],
)
async def test_what_is_no_use_was_paid_for_and_is_refused(vendor: str, file: bytes, line: str, serve: Serve) -> None:
    with pytest.raises(ProviderRefused, match=line) as caught:
        await drawn(illustrator_of(vendor, serve(Painter(vendor, file))))
    assert caught.value.why == "nonsense" and caught.value.usd >= USD


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_picture_that_is_cut_off_is_made_again(vendor: str, serve: Serve) -> None:
    with pytest.raises(ProviderUnavailable, match="cut off") as caught:
        await drawn(illustrator_of(vendor, serve(Painter(vendor, picture()[:-5_000]))))
    assert caught.value.usd >= USD


@pytest.mark.parametrize("vendor", ["openai", "gemini"])
@pytest.mark.parametrize(
    "body",
    [
        "<html>",
        "",
        [],
        {},
        {"data": [], "candidates": []},
        {"data": [{"b64_json": "%%%"}], "candidates": [{"content": {"parts": [{"inlineData": NO_BASE64}]}}]},
    ],
    ids=["html", "nothing", "array", "empty", "no picture", "no base64"],
)
async def test_an_answer_that_is_none_is_tried_again(vendor: str, body: Any, serve: Serve) -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        await drawn(illustrator_of(vendor, serve(lambda request: Reply(body))))
    assert caught.value.usd >= USD


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_web_page_in_a_pictures_place_is_not_paid_for(vendor: str, serve: Serve) -> None:
    page = Reply("<html>Welcome to the proxy</html>", headers={"content-type": "text/html; charset=utf-8"})
    with pytest.raises(ProviderRefused, match="web page") as caught:
        await drawn(illustrator_of(vendor, serve(lambda request: page)))
    assert (caught.value.why, caught.value.usd, caught.value.cost_known) == ("blocked", 0.0, True)


async def test_json_in_a_pictures_place(serve: Serve) -> None:
    with pytest.raises(ProviderRefused, match="is no picture") as caught:
        await drawn(
            illustrator_of("stability", serve(lambda request: Reply({"image": "", "finish_reason": "SUCCESS"})))
        )
    assert caught.value.why == "nonsense"


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_model_past_its_day_is_not_asked(vendor: str, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    made = illustrator_of(vendor, server := serve(Painter(vendor)))

    def ended(provider: str, model: str) -> None:
        assert (provider, model) == (vendor, made.model)
        raise ProviderRefused("its day has come", why="model")

    monkeypatch.setattr(illustrator, "need_alive", ended)
    with pytest.raises(ProviderRefused, match="its day has come"):
        await drawn(made)
    assert not server.requests


# --- the check -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_kinds_of_files(kind: str) -> None:
    assert fitted(picture(1_920, 1_920, kind), vendor="x").done == "made at 1920x1920"


def test_a_picture_that_is_not_quite_square_is_cropped_in_the_middle() -> None:
    made = fitted(picture(1_536, 1_024), vendor="x")
    assert made.done == "made at 1536x1024, cropped to 1024x1024, enlarged to 1920x1920"
    with Image.open(io.BytesIO(made.data)) as image:
        left = float(np.asarray(image.convert("RGB"), np.float64)[:, 0, 0].mean())
    assert left == pytest.approx(255 * 256 / 1_536, abs=3)


def test_transparency_is_shown_on_white() -> None:
    buffer = io.BytesIO()
    clear = Image.new("RGBA", (1_024, 1_024), (0, 0, 0, 0))
    clear.paste((200, 20, 20, 255), (300, 300, 700, 700))
    clear.save(buffer, "PNG")
    with Image.open(io.BytesIO(fitted(buffer.getvalue(), vendor="x").data)) as image:
        assert min(image.getpixel((5, 5))) > 250  # type: ignore[arg-type]


def test_a_bomb_is_not_unpacked() -> None:
    buffer = io.BytesIO()
    Image.new("1", (8_000, 8_000)).save(buffer, "PNG")
    with pytest.raises(ProviderRefused, match="more than 40,000,000"):
        fitted(buffer.getvalue(), vendor="x")
