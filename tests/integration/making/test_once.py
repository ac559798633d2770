"""The ledger on a real PostgreSQL: what was paid for is not bought again, by whoever it is wanted; and where nobody
knows whether it was paid for, the books say so."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest
from pydantic import SecretStr

from control import costs
from control.studio import Books
from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.ports.buying import Packed, Request
from reelwright.storage.evidence import PostgresEvidence

from .kit import Provider, Shop, Store, activity, draw, provider_list, speak


def fails(shop: Shop[Any], name: str, monkeypatch: pytest.MonkeyPatch, target: Any = None) -> None:
    """The next call of a method of the catalog, or of `target`, finds nobody there."""
    whole, left = getattr(target or shop.catalog, name), [1]

    async def broken(*args: Any, **named: Any) -> Any:
        if left and left.pop():
            raise ProviderUnavailable(f"{name} does not answer")
        return await whole(*args, **named)

    monkeypatch.setattr(target or shop.catalog, name, broken)


@pytest.mark.parametrize("what", ["put_bytes", "record_result"])
async def test_an_answer_that_is_paid_for_outlives_what_breaks_after_it(
    what: str, pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, one = Shop[Any](pool), Provider("one")
    voices, env, content = shop.voices(provider_list(one, offline=Provider("off"))), activity(), await shop.content()
    fails(shop, what, monkeypatch, shop.media if what == "put_bytes" else None)
    with pytest.raises(ProviderUnavailable, match="does not answer"):
        await env.run(voices.speak_scene, speak(content))
    spoken = await env.run(voices.speak_scene, speak(content))
    assert (one.calls["speak"], spoken.provider, spoken.reused) == (1, "one:m", None)
    assert (spoken.spent, spoken.usd) == (0.02, 0.02)
    assert await shop.catalog.costs(content) == {"speech": 0.02}
    assert [row["state"] for row in await shop.purchases(content)] == ["stored"]
    assert await pool.fetchval("select data is null and asset is not null from requests where content_id = $1", content)


async def test_an_answer_waits_for_a_database_that_is_away_for_a_moment(
    pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, one = Shop[Any](pool), Provider("one")
    fails(shop, "paid", monkeypatch)
    made = await activity().run(
        shop.studio(provider_list(one, offline=Provider("off"))).draw_scene, draw(await shop.content())
    )
    assert (made.provider, one.calls["draw"]) == ("one:m", 1)


async def test_another_content_of_the_channel_uses_it_again_and_one_of_another_channel_does_not(pool: Any) -> None:
    shop, other, one = Shop[Any](pool), Shop[Any](pool), Provider("one")
    makers = provider_list(one, offline=Provider("off"))
    first, second = await shop.content(), await shop.content()
    bought = await activity().run(shop.studio(makers).draw_scene, draw(first))
    again = await activity().run(shop.studio(makers).draw_scene, draw(second))
    [purchase] = await shop.purchases(first)
    assert (again.image, again.usd, again.spent, again.reused) == (bought.image, 0.0, 0.0, purchase["id"])
    assert await shop.purchases(second) == []
    [document] = await PostgresEvidence(pool).document(second)
    assert document.rows[0].details == {"reused": purchase["id"]}
    assert one.calls["draw"] == 1
    await activity().run(other.studio(makers).draw_scene, draw(await other.content()))
    assert one.calls["draw"] == 2


async def test_a_file_that_is_gone_is_bought_anew(pool: Any) -> None:
    shop, one = Shop[Any](pool), Provider("one")
    studio = shop.studio(provider_list(one, offline=Provider("off")))
    await activity().run(studio.draw_scene, draw(await shop.content()))
    shop.media.files.clear()
    made = await activity().run(studio.draw_scene, draw(await shop.content()))
    assert (one.calls["draw"], made.reused, made.spent) == (2, None, 0.02)


async def test_two_workers_that_ask_at_once_buy_once(pool: Any) -> None:
    shop, one = Shop[Any](pool), Provider("one")
    one.hold = asyncio.Event()
    voices = shop.voices(provider_list(one, offline=Provider("off")))
    contents = [await shop.content() for _ in range(3)]
    asking = [
        asyncio.ensure_future(activity().run(voices.speak_scene, speak(content)))
        for content in [*contents, contents[0]]
    ]
    await asyncio.wait_for(one.asked.wait(), 30)
    one.hold.set()
    made = await asyncio.wait_for(asyncio.gather(*asking), 30)
    assert one.calls["speak"] == 1
    assert len({each.audio.sha256 for each in made}) == 1
    assert sum([(await shop.catalog.costs(content)).get("speech", 0.0) for content in contents]) == 0.02


async def test_a_worker_that_dies_in_a_call_leaves_one_purchase_of_which_nobody_knows(pool: Any) -> None:
    shop, one, media = Shop[Any](pool, lease_s=0.4), Provider("one"), Store()
    one.hold, content = asyncio.Event(), await shop.content()
    makers = provider_list(one, offline=Provider("off"))
    dying = asyncio.ensure_future(activity().run(shop.voices(makers).speak_scene, speak(content)))
    await asyncio.wait_for(one.asked.wait(), 30)
    dying.cancel()  # as a killed process: nothing of it is put in order
    await asyncio.gather(dying, return_exceptions=True)
    one.hold = None
    alive = Shop[Any](pool, lease_s=30, media=media)
    alive.channel = shop.channel
    spoken = await asyncio.wait_for(activity().run(alive.voices(makers).speak_scene, speak(content)), 60)
    assert (spoken.provider, one.calls["speak"]) == ("one:m", 2)
    rows = [(row["state"], float(row["held_usd"]), float(row["usd"])) for row in await shop.purchases(content)]
    assert rows == [("unknown", 0.04, 0.0), ("stored", 0.0, 0.02)]
    assert await pool.fetchval("select unknowns from requests where content_id = $1", content) == 1


async def test_a_late_answer_of_a_worker_that_lost_its_claim_is_booked_and_not_lost(pool: Any) -> None:
    shop = Shop[Any](pool, lease_s=0.01)
    content = await shop.content()
    request = Request(shop.channel, "ab" * 32, "speech", "one:m", content)
    purchase = await shop.catalog.reserve("k", content_id=content, step="speech", provider="one:m")
    slow = await shop.ledger.claim(request)
    await shop.ledger.sent(request, slow.holder, purchase.id)
    await asyncio.sleep(0.05)
    quick = await shop.ledger.claim(request)
    assert (quick.state, quick.unknown) == ("mine", 1)
    assert not await shop.ledger.renew(request, slow.holder)
    paid = {"usd": 0.02, "provider": "one:m", "bought_for": "r/1", "request": request}
    number = await shop.catalog.paid(purchase.id, packed=Packed("{}", b"x", "audio/wav", 0.02), **paid)
    assert number == purchase.id, "what nobody knew is known now"
    found = await shop.ledger.claim(dataclasses.replace(request, content_id=content))
    assert found.state == "done" and found.bought and found.bought.packed.data == b"x"


async def test_a_job_is_asked_about_and_never_begun_twice(pool: Any) -> None:
    shop = Shop[Any](pool, lease_s=0.01)
    content = await shop.content()
    request = Request(shop.channel, "cd" * 32, "clips", "one:m", content, job=True)
    purchase = await shop.catalog.reserve("k", content_id=content, step="clips", provider="one:m")
    begun = await shop.ledger.claim(request)
    await shop.ledger.sent(request, begun.holder, purchase.id)
    await shop.ledger.accepted(request, begun.holder, "job-7")
    await asyncio.sleep(0.05)
    again = await shop.ledger.claim(request)
    assert (again.state, again.job_id, again.unknown) == ("mine", "job-7", 0)
    lost = dataclasses.replace(request, sha256="ef" * 32)
    begun = await shop.ledger.claim(lost)
    await shop.ledger.sent(lost, begun.holder, purchase.id)
    await asyncio.sleep(0.05)
    for _ in range(2):
        assert (await shop.ledger.claim(lost)).state == "lost"


async def test_a_person_settles_what_nobody_knows(pool: Any) -> None:
    shop, one = Shop[Any](pool), Provider("one")
    one.fails, content = [ProviderUnavailable("no answer within 60 s")], await shop.content()
    voices = shop.voices(provider_list(one, offline=Provider("off")))
    with pytest.raises(ProviderUnavailable):
        await activity().run(voices.speak_scene, speak(content))
    books = Books(pool, SecretStr(""))
    [found] = [each for each in await costs.unknown(books) if each.content_id == content]
    assert (found.provider, str(found.held), found.step) == ("one:m", "$0.04", "speech")
    for usd in ("-1", "much"):
        with pytest.raises(InvalidInput, match="usd"):
            await costs.settle(books, found.id, usd, by="ana")
    await costs.settle(books, found.id, "0.02", by="ana")
    assert await shop.catalog.costs(content) == {"speech": 0.02}
    with pytest.raises(InvalidInput, match="waits to be settled"):
        await costs.settle(books, found.id, "0", by="ana")
    assert [each for each in await costs.unknown(books) if each.content_id == content] == []
