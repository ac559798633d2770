"""What a content may spend: shown first, refused before anything is bought, and waited for where waiting helps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowHandle
from temporalio.testing import ActivityEnvironment

from activities.content.costs import Costs, EstimateMaterial
from activities.content.editorial import Editorial
from control.contents import handle_of, start
from control.temporal.port import RunFailed
from reelwright.domain.channels.config import Budget
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import PipelineStatus, Stage
from reelwright.domain.content.story import Scene, Story, WriteTask
from reelwright.domain.content.taken import TakenMedia
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.limits import Limits
from reelwright.domain.costs.money import Money
from reelwright.domain.costs.whole import seconds_of
from reelwright.domain.errors import BudgetSpent, ProviderRefused, ProviderUnavailable
from reelwright.providers.writing.studio import StudioWriter
from workflows import policies

from .conftest import FakeStudio, eventually
from .fakes import Makers, MemoryCatalog
from .priced import Choice, PricedWriting
from .test_content_pipeline import SCRIPT, question

ASKED = {"script": SCRIPT, "channel": "kids"}


def wished(**more: Any) -> ContentRequest:
    return ContentRequest.model_validate({**ASKED, "formats": ["9:16"], **more})


class PricedMakers(Makers):
    """Makers whose stories may cost something."""

    def estimate(self, task: WriteTask) -> Estimate:
        return Estimate(step="writing", provider="p:m", usual=Money.of("0.01"), worst=Money.of("0.02"))


@pytest.fixture
def priced(studio: FakeStudio, monkeypatch: pytest.MonkeyPatch) -> FakeStudio:
    monkeypatch.setattr(type(studio.makers), "estimate", PricedMakers.estimate, raising=False)
    return studio


async def steps(handle: WorkflowHandle[Any, Any]) -> dict[str, str]:
    return (await handle.query("status", result_type=PipelineStatus)).steps


def spent(hours: float = 5) -> BudgetSpent:
    until = datetime.now(UTC) + timedelta(hours=hours)
    return BudgetSpent("$1.00 of $1.00 is spent today", channel="kids", resets_at=until, field="budget.usd_per_day")


async def test_the_estimate_is_shown_and_a_content_over_its_limit_ends_before_anything_is_bought(
    priced: FakeStudio,
) -> None:
    priced.catalog.limit = Limits.of("kids", Budget(usd_per_content=0.05))
    handle = await priced.start(ASKED)
    await question(handle)
    assert (await steps(handle))["budget"] == "about $0.01, at most $0.02 of $0.05 (writing by p:m)"

    before = priced.makers.calls["write"]
    priced.catalog.limit = Limits.of("kids", Budget(usd_per_content=0.01))
    content, new = await start(priced.temporal, None, "poor", wished(max_usd=0.02))
    with pytest.raises(RunFailed) as caught:
        await handle_of(priced.temporal, content).result()
    reason = "budget.usd_per_content: it may cost $0.02, and its limit is $0.01; raise it with `reelwright budget set"
    assert caught.value.application and reason in caught.value.message
    assert priced.catalog.contents["poor"]["status"] == Stage.FAILED
    assert priced.makers.calls["write"] == before

    priced.catalog.limit = Limits("kids")
    content, new = await start(priced.temporal, None, "poor", wished(max_usd=0.5))
    assert new, "the same content, though it may cost more"
    await question(priced.client.get_workflow_handle(content.workflow_id))
    assert priced.makers.calls["write"] == before + 1


async def test_once_the_story_is_written_its_material_is_estimated_by_its_own_scenes(priced: FakeStudio) -> None:
    priced.choice.chosen = Choice(priced.makers).chosen
    scenes = SCRIPT.split("\n\n")
    speech, music = Money.of("0.001") * len("".join(scenes)), Money.of("0.01") * round(seconds_of(SCRIPT))
    usual = speech + music + Money.of("0.10") * len(scenes)
    handle = await priced.start(ASKED)
    await question(handle)
    by = "speech by v:speech, images by p:images, music by m:music"
    assert (await steps(handle))["budget"] == f"about {usual}, at most {usual * 2} ({by}), and $0.01 is spent"

    # The first estimate fits: a writer that makes more scenes than the script has paragraphs is dearer afterwards.
    write = priced.makers.write

    async def longer(task: WriteTask) -> Story:
        story = await write(task)
        more = tuple(Scene(index=index, text="A scene.") for index in range(20))
        return story.model_copy(update={"scenes": more})

    priced.makers.write = longer  # type: ignore[method-assign]
    priced.catalog.limit = Limits("kids", content=usual * 2 + Money.of("0.05"))
    before = priced.makers.calls["speak"], priced.makers.calls["draw"]
    content, _ = await start(priced.temporal, None, "long", wished())
    with pytest.raises(RunFailed) as caught:
        await handle_of(priced.temporal, content).result()
    assert "with the $0.01 that it has cost, and its limit is" in caught.value.message
    assert (priced.makers.calls["speak"], priced.makers.calls["draw"]) == before, "nothing was bought but the story"


async def test_a_script_is_estimated_as_its_writer_reads_it() -> None:
    catalog, env = MemoryCatalog(), ActivityEnvironment()
    script = "First scene of all.\n\n" + "A word. " * 200
    estimates = Costs(catalog, PricedWriting(), Choice(StudioWriter()))  # type: ignore[arg-type]
    task = WriteTask(content_id="c", request=ContentRequest(script=script))
    story = await StudioWriter().write(task)
    found = {one.step: one.usual for one in (await env.run(estimates.estimate_content, task)).purchases}
    assert len(story.scenes) > 2 and found["images"] == Money.of("0.10") * len(story.scenes)
    material = EstimateMaterial.of("c", task.request, story, TakenMedia())
    assert {one.step: one.usual for one in (await env.run(estimates.estimate_material, material)).purchases} == found
    numbers = story.model_copy(update={"scenes": (Scene(index=0, text="1,234"),)})
    spoken = await env.run(estimates.estimate_material, EstimateMaterial.of("c", task.request, numbers, TakenMedia()))
    assert spoken.purchases[0].usual == Money.of("0.001") * len("one thousand two hundred thirty-four")


async def test_a_spent_budget_is_waited_for_and_looked_at_again_when_it_is_raised(
    priced: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "budget_check", lambda turn: timedelta(hours=1))
    priced.catalog.refuses = [spent(), spent()]
    handle = await priced.start(ASKED)

    async def waits() -> bool:
        return "waiting for budget of channel kids until 20" in (await steps(handle)).get("budget", "")

    await eventually(waits)
    assert priced.makers.calls["write"] == 0 and len(priced.catalog.refuses) == 1
    await handle.signal("budget_changed")

    async def looked() -> bool:
        return not priced.catalog.refuses and await waits()

    await eventually(looked)
    await handle.signal("budget_changed")
    await question(handle)
    assert priced.makers.calls["write"] == 1
    assert (await steps(handle))["budget"] == "about $0.01, at most $0.02 (writing by p:m)"


async def test_the_end_of_the_period_ends_the_wait(priced: FakeStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "budget_check", lambda turn: timedelta(hours=1))
    monkeypatch.setattr(policies, "BUDGET_SPREAD_S", 0.0)
    priced.catalog.refuses = [spent(hours=0)]
    handle = await priced.start(ASKED)
    await question(handle)
    assert priced.makers.calls["write"] == 1


def test_the_looks_become_rare() -> None:
    waits = [policies.budget_check(turn) for turn in range(40)]
    assert waits[0] <= timedelta(minutes=1) and waits == sorted(waits)
    assert sum(waits, timedelta()) > timedelta(days=31), "a month takes few"


@pytest.mark.parametrize(
    ("error", "released", "known"),
    [
        (ProviderRefused("no"), True, None),
        (ProviderUnavailable("timeout"), False, None),
        (ProviderRefused("no", usd=0.01), False, True),
    ],
)
async def test_a_failed_call_frees_what_is_certainly_not_charged(
    error: Any, released: bool, known: bool | None
) -> None:
    catalog, makers = MemoryCatalog(), PricedMakers()

    async def write(task: WriteTask) -> Any:
        raise error

    makers.write = write  # type: ignore[method-assign]
    task = WriteTask(content_id="c", request=ContentRequest(topic="Tides"))
    with pytest.raises(type(error)):
        await ActivityEnvironment().run(Editorial(catalog, makers, makers, makers).write_story, task)
    (row,) = catalog.purchases
    assert (row.get("released", False), row["state"]) == (released, "lost" if known else "reserved")


async def test_a_higher_limit_finds_the_same_story() -> None:
    catalog, makers, env = MemoryCatalog(), PricedMakers(), ActivityEnvironment()
    editorial = Editorial(catalog, makers, makers, makers)
    for max_usd in (None, 0.5, 1.0):
        request = ContentRequest(topic="Tides", max_usd=max_usd)
        await env.run(editorial.write_story, WriteTask(content_id="c", request=request))
    assert makers.calls["write"] == 1
