"""The corpus of `make bench-moderation` is what its page says, and the rules reach their floor on it."""

from __future__ import annotations

import re
from collections import Counter

from bench.moderation.corpus import CLEAN, read_corpus
from bench.moderation.scores import judged, summary
from reelwright.providers.moderation.lexicon import LANGUAGES, shipped_rules


def test_the_corpus_is_large_and_in_every_language() -> None:
    cases = read_corpus()
    assert len(cases) >= 600 and len({case.text for case in cases}) >= len(cases) - 5
    for language in LANGUAGES:
        rules = Counter(case.rule for case in cases if case.language == language)
        assert rules[CLEAN] >= 40 and len(rules) >= 18, language
    known = {rule.id for rule in shipped_rules()}
    assert {case.rule for case in cases if not case.rule.startswith("personal/")} - {CLEAN} <= known
    assert 0.4 < sum(case.held_out for case in cases) / len(cases) < 0.6


def test_phone_numbers_of_the_corpus_are_reserved_for_examples() -> None:
    """Where a country reserves some: Ofcom, ARCEP, BNetzA, NANPA."""
    for case in read_corpus():
        if case.rule == "personal/phone" and case.language in ("en", "fr", "de"):
            digits = re.sub(r"\D", "", case.text)
            assert re.search(r"55501|02079460|639981|639985|199004|3023125|1713920", digits), case.text


async def test_the_rules_reach_their_floor_on_the_half_that_is_held_out() -> None:
    told = summary(await judged(case for case in read_corpus() if case.held_out))
    assert told["recall"] >= 0.95 and told["precision"] >= 0.95, told["by_language"]
    assert told["clean_stopped"] <= 0.02 and told["clean_reviewed"] <= 0.05
