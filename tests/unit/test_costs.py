"""Amounts, prices with dates, and which purchases a budget admits."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from reelwright.domain import costs
from reelwright.domain.channels.config import Budget
from reelwright.domain.costs.estimate import ContentEstimate, Estimate
from reelwright.domain.costs.limits import Counted, Limits, Spending, day_of, month_of
from reelwright.domain.costs.money import ZERO, Money
from reelwright.domain.costs.prices import PriceFile, PriceTable, TokenPrice
from reelwright.domain.costs.tiers import TIERS, Degrade, ProviderClass, Thresholds, allowed, class_of, shipped, tier_of
from reelwright.domain.errors import BudgetSpent, InvalidInput, OverBudget, TooDear

NOW = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
SHIPPED = PriceFile.model_validate(tomllib.loads(files(costs).joinpath("prices.toml").read_text()))
PRICED = {entry.name for entry in (*SHIPPED.model, *SHIPPED.unit)}
PROVIDERS = ("openai", "anthropic", "mistral", "gemini", "azure")


def usd(amount: str) -> Money:
    return Money.of(amount)


def wanted(worst: str = "0.10", *, priced: bool = True) -> Estimate:
    return Estimate(step="writing", provider="p:m", worst=usd(worst), priced=priced)


def counted(spent: str, held: str = "0") -> Counted:
    return Counted(usd(spent), usd(held))


def test_money_is_exact_to_the_millionth() -> None:
    assert sum((usd("0.1") for _ in range(3)), ZERO) == usd("0.3"), "floats would not"
    assert Money.of(0.1 + 0.2) == usd("0.3")
    assert Money.at_least("0.0000001") == usd("0.000001") and Money.of("0.0000001") == ZERO
    assert [str(usd(text)) for text in ("0.0089", "1.5", "-0.2", "3", "0.000001")] == [
        "$0.0089", "$1.50", "-$0.20", "$3.00", "$0.000001",
    ]  # fmt: skip
    assert usd("2") - usd("0.5") == usd("0.5") * 3 and usd("1") < usd("2") and not ZERO
    adapter = TypeAdapter(Money)
    assert adapter.dump_json(usd("0.0089")) == b'"0.008900"'
    assert adapter.validate_json('"0.008900"') == adapter.validate_python(Decimal("0.0089")) == usd("0.0089")
    for bad in ("nan", "a lot", "inf"):
        with pytest.raises(ValueError, match="not an amount"):
            Money.of(bad)


def test_days_and_months_are_those_of_utc() -> None:
    east = datetime.fromisoformat("2027-01-01T08:00:00+09:00")
    assert day_of(east) == (datetime(2026, 12, 31, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert month_of(east) == (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert month_of(datetime(2028, 1, 31, tzinfo=UTC))[1] == datetime(2028, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("budget", "max_usd", "spending", "field", "words"),
    [
        ({"usd_per_content": 0.05}, None, Spending(), "budget.usd_per_content", "limit is $0.05; raise it with"),
        ({"usd_per_content": 1}, 0.05, Spending(), "max_usd", "limit is $0.05; start it again with a higher max_usd"),
        (
            {"usd_per_content": 0.15}, None, Spending(content=counted("0.04", "0.02")),
            "budget.usd_per_content", "may cost $0.10, $0.04 is spent on this content, $0.02 is reserved for it",
        ),
        ({"usd_per_day": 0.05}, None, Spending(), "budget.usd_per_day", "the limit of channel kids is $0.05 a day"),
        ({"usd_per_month": 0.05}, None, Spending(), "budget.usd_per_month", "budget set kids --per-month USD"),
    ],
)  # fmt: skip
def test_what_never_fits_is_refused(
    budget: dict[str, float], max_usd: float | None, spending: Spending, field: str, words: str
) -> None:
    with pytest.raises(OverBudget) as caught:
        Limits.of("kids", Budget.model_validate(budget), max_usd).admit(wanted(), spending, NOW)
    assert caught.value.field == field and words in str(caught.value)


def test_what_fits_later_waits_for_the_end_of_its_period() -> None:
    limits = Limits.of("kids", Budget(usd_per_day=1, usd_per_month=5))
    limits.admit(wanted(), Spending(day=counted("0.90"), month=counted("4.90")), NOW)
    now = datetime(2026, 12, 30, 12, tzinfo=UTC)
    cases = (
        (Spending(day=counted("0.90", "0.000001")), "day", 31, "$0.90 is spent and $0.000001 reserved today"),
        (Spending(month=counted("4.91")), "month", 32, "of the $5.00 of channel kids $4.91 is spent this month"),
        (Spending(day=counted("1"), month=counted("5")), "month", 32, "this month"),
    )
    for spending, period, day, words in cases:
        with pytest.raises(BudgetSpent) as caught:
            limits.admit(wanted(), spending, now)
        assert caught.value.field == f"budget.usd_per_{period}" and words in str(caught.value)
        ends = datetime(2026, 12, 31, tzinfo=UTC) if day == 31 else datetime(2027, 1, 1, tzinfo=UTC)
        assert caught.value.resets_at == ends and f"{ends:%Y-%m-%d} 00:00 UTC" in caught.value.remedy


def test_without_a_limit_or_a_cost_nothing_is_refused() -> None:
    spent = Spending(counted("9"), counted("9"), counted("9"))
    Limits("kids").admit(wanted(priced=False), spent, NOW)
    Limits.of("kids", Budget(usd_per_day=1)).admit(Estimate(step="writing", provider="script"), spent, NOW)
    with pytest.raises(OverBudget, match="REELWRIGHT_PRICES"):
        Limits.of("kids", Budget(usd_per_day=1)).admit(wanted(priced=False), Spending(), NOW)


def test_an_estimate_is_told_with_its_limit() -> None:
    one = Estimate(step="writing", provider="p:m", usual=usd("0.0007"), worst=usd("0.0089"))
    label = ContentEstimate(purchases=(one,), limit=usd("0.05")).label
    assert label == "about $0.0007, at most $0.0089 of $0.05 (writing by p:m)"
    again = ContentEstimate.model_validate_json(ContentEstimate(purchases=(one,)).model_dump_json())
    assert again.worst == usd("0.0089") and again.limit is None
    assert "no price" in ContentEstimate(purchases=(wanted(priced=False),)).label


PRICES = """
[[model]]
name = "gpt-6-luna"
input = "0.20"
output = "1"
from = 2027-01-01

[[model]]
name = "house-model"
input = 0
output = 0
from = 2026-01-01
"""


def test_own_prices_go_before_the_shipped_ones_from_their_day_on(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(PRICES)
    table = PriceTable.read(path)
    assert table.of("gpt-6-luna", date(2026, 12, 31)) == TokenPrice(0.10, 0.50, 0.01)
    assert table.of("gpt-6-luna", date(2027, 1, 1)) == TokenPrice(0.20, 1.0)
    assert table.of("house-model") == TokenPrice(0.0, 0.0) and PriceTable().of("house-model") is None
    assert PriceTable().of("gpt-6-luna", date(2026, 11, 19)) is None, "before the first day that is known"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[model]", "is not TOML"),
        ('[[model]]\nname = "x"\ninput = -1\noutput = 1\nfrom = 2026-01-01', "input"),
        ('[[model]]\nname = "x"\nprice = 1', "price"),
        (None, "cannot be read"),
    ],
)
def test_a_price_file_that_is_wrong_is_refused(tmp_path: Path, text: str | None, words: str) -> None:
    path = tmp_path / "prices.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InvalidInput, match=words) as caught:
        PriceTable.read(path)
    assert caught.value.field == "REELWRIGHT_PRICES"


def test_the_worst_case_is_not_below_the_price() -> None:
    price = TokenPrice(0.1, 0.5, 0.2)
    for read, written in ((1, 1), (1234, 567), (9_999, 6_000)):
        actual = max(price.usd(fresh=read, cached=0, written=written), price.usd(fresh=0, cached=read, written=written))
        assert price.at_most(read=read, written=written) >= Money.of(actual)


POLICY = Degrade(standard=50, budget=80, pause=95, capabilities={"images": Thresholds(pause=85, paused="offline")})


@pytest.mark.parametrize(
    ("used", "speech", "images"),
    [
        ("0", "premium", "premium"), ("49.99", "premium", "premium"), ("50", "standard", "standard"),
        ("80", "budget", "budget"), ("85", "budget", "pause"), ("94.9", "budget", "pause"), ("95", "pause", "pause"),
    ],
)  # fmt: skip
def test_an_emptying_budget_moves_through_the_tiers(used: str, speech: str, images: str) -> None:
    assert tier_of(Decimal(used), POLICY, "speech") == speech and tier_of(Decimal(used), POLICY, "images") == images
    assert tier_of(Decimal(used), Degrade(), "images") == "premium", "without a policy nothing changes"


def test_a_tier_allows_its_own_class_and_those_below() -> None:
    classes = ("premium", "standard", "budget", "offline")
    by_tier = {tier: [kind for kind in classes if allowed(tier, kind)] for tier in TIERS}  # type: ignore[arg-type]
    assert by_tier == {
        "premium": [*classes], "standard": [*classes[1:]], "budget": [*classes[2:]], "pause": ["offline"],
    }  # fmt: skip


def test_a_provider_has_the_class_of_the_longest_part_of_its_name() -> None:
    assert class_of("openai:gpt-image-2.5-flare:high") == "premium"
    assert class_of("openai:gpt-6-luna") == class_of("anthropic:claude-haiku-5-5-20261001") == "budget"
    assert class_of("nobody:knows") == "standard"
    own: dict[str, ProviderClass] = {"openai": "standard", "openai:gpt-6-luna": "premium"}
    assert [class_of(name, own) for name in ("openai:gpt-6-sol", "openai:gpt-6-luna", "azure:hd")] == [
        "standard", "premium", "premium",
    ]  # fmt: skip
    unknown = [n for n in shipped() if not any(n == f"{p}:{m}" for p in PROVIDERS for m in PRICED) and n not in PRICED]
    assert unknown == [], "every name that has a class has a price"


@pytest.mark.parametrize(
    "wrong",
    [
        {"standard": 80, "budget": 50},
        {"budget": 80, "pause": 80},
        {"standard": 50, "capabilities": {"images": {"budget": 40}}},
        {"standard": 0},
        {"pause": 101},
        {"capabilities": {"dance": {"pause": 5}}},
    ],
)
def test_thresholds_that_do_not_ascend_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"ascend|above|greater|less|Input"):
        Budget.model_validate({"usd_per_day": 1, "degrade": wrong})


def story_by(provider: str, step: str = "writing") -> Estimate:
    return Estimate(step=step, provider=provider, worst=usd("0.01"))


def test_a_purchase_is_admitted_by_the_tier_of_the_fuller_period() -> None:
    limits = Limits.of("kids", Budget(usd_per_day=1, usd_per_month=10, degrade=POLICY, classes={"p:m": "premium"}))
    half = Spending(day=counted("0.1"), month=counted("4.5", "0.5"))
    limits.admit(story_by("nobody:knows"), half, NOW)
    with pytest.raises(
        TooDear, match=r"50 % of the \$10.00 of channel kids are used: \$4.50 is spent and \$0.50"
    ) as dear:
        limits.admit(story_by("p:m"), half, NOW)
    assert "tier standard allows no provider of class premium" in str(dear.value) and "--per-month" in str(dear.value)
    with pytest.raises(TooDear, match="class standard"):
        limits.admit(story_by("nobody:knows"), Spending(day=counted("0.85")), NOW)
    limits.admit(story_by("openai:gpt-6-luna"), Spending(day=counted("0.85")), NOW)
    limits.admit(Estimate(step="writing", provider="script"), Spending(day=counted("0.99")), NOW)
    assert limits.tier("speech", half, NOW) == "standard"
    assert Limits.of("kids", Budget(degrade=POLICY)).tier("speech", half, NOW) == "premium", "no limit, no share of it"


def test_a_pause_waits_for_the_end_of_the_period_or_goes_offline() -> None:
    limits = Limits.of("kids", Budget(usd_per_day=1, degrade=POLICY))
    with pytest.raises(BudgetSpent, match="writing pauses") as spent:
        limits.admit(story_by("openai:gpt-6-luna"), Spending(day=counted("0.95")), NOW)
    assert spent.value.resets_at == datetime(2027, 1, 1, tzinfo=UTC)
    picture = story_by("stability:core", "images")
    with pytest.raises(TooDear, match="images pauses"):
        limits.admit(picture, Spending(day=counted("0.9")), NOW)
    with pytest.raises(TooDear, match="is spent today"):
        limits.admit(
            picture.model_copy(update={"worst": usd("0.5")}), Spending(day=counted("0.7")), NOW
        )  # a spent budget is a pause, too


def test_a_unit_has_the_newest_price_that_has_come(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    entry = '[[unit]]\nname = "v:m"\nunit = "second"\nusd = "{}"\nfrom = {}\n'
    path.write_text(entry.format("0.05", "2026-01-01") + entry.format("0.04", "2026-06-01"))
    table = PriceTable.read(path)
    assert table.unit("v:m", "picture") is table.unit("other", "second") is None
    old, new = (table.unit("v:m", "second", on=date(2026, month, 15)) for month in (3, 7))
    assert old and new and (old.of(4), new.of(4)) == (0.2, 0.16)
    assert new.at_most(0.0001) == usd("0.000004") and table.unit("elevenlabs:eleven_v4", "character")
    path.write_text(entry.format("-1", "2026-01-01"))
    with pytest.raises(InvalidInput, match="usd"):
        PriceTable.read(path)


def test_the_shipped_table_has_a_dated_price_with_its_source_for_every_kind_of_purchase() -> None:
    assert all(entry.source and entry.since for entry in (*SHIPPED.model, *SHIPPED.unit))
    for entries in ([(m.name, m.since) for m in SHIPPED.model], [(u.name, u.unit, u.since) for u in SHIPPED.unit]):
        assert len(set(entries)) == len(entries), "each once a day"
    table = PriceTable()
    for name, unit, count, price in (
        ("elevenlabs:eleven_v4", "character", 1_000, "0.08"),
        ("elevenlabs:eleven_flash_v2_5", "character", 1_000, "0.04"),
        ("azure:neural", "character", 1_000_000, "15"),
        ("openai:gpt-image-2.5-flare:high", "picture", 1, "0.041"),
        ("stability:core", "picture", 8, "0.24"),
        ("runway:gen4_turbo", "second", 5, "0.25"),
        ("runway", "credit", 25, "0.25"),
        ("gemini:lyria-3.5", "track", 1, "0.08"),
        ("pexels", "picture", 12, "0"),
    ):
        found = table.unit(name, unit)  # type: ignore[arg-type]
        assert found and found.at_most(count) == usd(price), name
    assert table.of("gemini-3.8-flash-tts") == TokenPrice(0.50, 9.0)
    assert table.unit("luma:ray-3.2", "second") is None, "nobody has told its price"


def test_a_model_that_neither_table_has_costs_what_genai_prices_says() -> None:
    day = date(2026, 11, 30)
    assert PriceTable().of("gpt-5.2", day) == TokenPrice(1.75, 14.0, 0.175)
    assert PriceTable().of("gpt-5.2-2025-12-11", day) == TokenPrice(1.75, 14.0, 0.175)
    assert PriceTable().of("no-such-model") is None
    assert PriceTable().of("grok-4") is None, "nobody we call; an own server may name its model so"
    assert PriceTable().of("gpt-5.2-mine") is None, "what is like it is not it"


def test_prices_need_no_other_package_until_a_row_is_missing() -> None:
    asked = "from reelwright.domain.costs.prices import PriceTable as T; import sys; T().of({!r}); assert {}"
    for model, truth in (
        ("gpt-6-luna", "'genai_prices' not in sys.modules"),
        ("other", "'genai_prices' in sys.modules"),
    ):
        subprocess.run([sys.executable, "-c", asked.format(model, truth)], check=True)
