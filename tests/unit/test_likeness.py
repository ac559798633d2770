"""What a text and a picture are recognised by."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from reelwright.domain.errors import AssetCorrupt
from reelwright.providers.moderation.likeness import MOST_RUNS, alike, picture_hash, runs_of, share_of

TEXTS = {
    "en": "An octopus has three hearts. Two of them push blood through the gills, and the third one sends it around "
    "the body. When the animal swims, that third heart stops, which is why it would rather crawl.",
    "de": "Ein Krake hat drei Herzen. Zwei pumpen das Blut durch die Kiemen, das dritte schickt es durch den ganzen "
    "Körper. Beim Schwimmen steht dieses dritte Herz still, deshalb kriecht das Tier lieber.",
    "ar": "للأخطبوط ثلاثة قلوب. اثنان منها يدفعان الدم عبر الخياشيم، والثالث يرسله إلى سائر الجسم. "
    "وعندما يسبح يتوقف القلب الثالث ولذلك يفضل الحيوان الزحف على قاع البحر.",
    "hi": "ऑक्टोपस के तीन दिल होते हैं। दो दिल गलफड़ों में खून पहुँचाते हैं और तीसरा उसे पूरे शरीर में भेजता है। तैरते समय तीसरा दिल रुक जाता है "
    "इसलिए यह जीव रेंगना पसंद करता है।",
    "zh": "章鱼有三颗心脏。两颗把血液送过鳃，第三颗把血液送到全身。游泳的时候第三颗心脏会停止跳动，所以它更喜欢爬行。",
    "ja": "タコには心臓が三つあります。二つはえらに血を送り、もう一つは体じゅうに血を送ります。"
    "泳ぐとその心臓は止まるので、はうほうを好みます。",
    "th": "ปลาหมึกยักษ์มีหัวใจสามดวง สองดวงส่งเลือดผ่านเหงือก และดวงที่สามส่งเลือดไปทั่วร่างกาย",
}


@pytest.mark.parametrize("language", TEXTS)
def test_the_same_words_in_other_spelling_are_the_same_runs(language: str) -> None:
    runs = runs_of(TEXTS[language])
    assert len(runs) >= 12
    assert runs_of(TEXTS[language].upper().replace(". ", "! \n\n").replace(",", " –")) == runs
    others = [runs_of(text) for other, text in TEXTS.items() if other != language]
    assert all(share_of(runs, other) == 0 for other in others)


def test_a_part_that_is_taken_over_has_its_share() -> None:
    old = runs_of(TEXTS["en"])
    new = runs_of(TEXTS["en"][:90] + " Nobody knows how squid came to be so quick, but engineers like to copy them.")
    assert 0.3 < share_of(new, old) < 0.7
    assert share_of(old, old) == 1 and share_of(frozenset(), old) == 0
    assert runs_of("Thanks for watching, and see you next week!") == frozenset(), "too short to tell"


def test_long_texts_are_compared_by_a_sample() -> None:
    words = [f"word{number}" for number in range(9_000)]
    whole, half = runs_of(" ".join(words)), runs_of(" ".join(words[:4_500] + [f"new{n}" for n in range(4_500)]))
    assert len(whole) == MOST_RUNS and share_of(half, whole) == pytest.approx(0.5, abs=0.05)


def scene(seed: int) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), np.uint8)
    return Image.fromarray(coarse).resize((640, 480), Image.Resampling.BICUBIC)


def saved(picture: Image.Image, kind: str = "PNG", **options: int) -> bytes:
    out = io.BytesIO()
    picture.convert("RGB").save(out, kind, **options)
    return out.getvalue()


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "changed",
    [
        lambda picture: saved(picture, "JPEG", quality=40),
        lambda picture: saved(picture.resize((200, 150))),
        lambda picture: saved(ImageEnhance.Brightness(picture).enhance(1.15)),
        lambda picture: saved(picture.convert("L"), "WEBP"),
    ],
    ids=["compressed", "smaller", "brighter", "grey"],
)
def test_a_picture_is_recognised_after_a_change(changed: Callable[[Image.Image], bytes]) -> None:
    for seed in range(5):
        first, other = picture_hash(saved(scene(seed))), picture_hash(changed(scene(seed)))
        assert first is not None and other is not None and alike(first, other)


@pytest.mark.deep
def test_other_pictures_are_not_alike_and_flat_ones_are_nothing() -> None:
    hashes = [picture_hash(saved(scene(seed))) for seed in range(40)]
    assert not any(alike(one, other) for n, one in enumerate(hashes) for other in hashes[:n] if one and other)
    assert picture_hash(saved(Image.new("RGB", (64, 64), "white"))) is None
    with pytest.raises(AssetCorrupt):
        picture_hash(b"no picture")
