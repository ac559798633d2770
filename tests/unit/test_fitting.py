"""A text that is much too long is cut in few counts: each of them reads the whole text."""

from __future__ import annotations

from types import ModuleType

import pytest

from reelwright.platforms.bluesky import text as bluesky
from reelwright.platforms.common.fitting import most
from reelwright.platforms.x import text as x

WORDS = "Die Flut kommt täglich, " * 400
SIGNS = "潮" * 4_000


@pytest.mark.parametrize("text", [WORDS, SIGNS], ids=["words", "one word"])
@pytest.mark.parametrize(
    ("platform", "counter", "limit"), [(x, "weight", 280), (bluesky, "fits", 300)], ids=["x", "bluesky"]
)
def test_a_long_text_is_counted_few_times(
    platform: ModuleType, counter: str, limit: int, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, counted = getattr(platform, counter), []

    def counting(*given: object) -> object:
        counted.append(given)
        return count(*given)

    monkeypatch.setattr(platform, counter, counting)
    fitted = platform.fit(text, limit)
    assert fitted.endswith("…") and len(fitted) > limit / 3 and text.startswith(fitted[:-1])
    assert 0 < len(counted) < 40


@pytest.mark.parametrize("answer", range(6))
def test_the_most_that_fit(answer: int) -> None:
    assert most(5, lambda count: count <= answer) == answer
    assert most(0, lambda count: True) == 0
