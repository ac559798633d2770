"""The quota ledger on a real PostgreSQL: who gets which turn, and what changes it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.quota import QuotaReading, WindowKind
from reelwright.domain.publishing.windows import UPLOADING

from .counting import NOON, Clock, Desk, bucket

MIDNIGHT = datetime(2026, 11, 28, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def test_a_booking_from_its_turn_to_being_spent(pool: Any) -> None:
    desk = Desk(pool, bucket(limit=2))
    granted = await desk.reserve_many(range(2))
    assert [(slot.granted, slot.at) for slot in granted] == [(True, NOON)] * 2
    later = await desk.reserve_many(range(2, 5))
    assert [slot.at for slot in later] == [MIDNIGHT, MIDNIGHT + HOUR / 2, MIDNIGHT + timedelta(days=1)]
    assert not later[0].granted
    assert (later[0].bucket, later[0].why) == ("posts", "TikTok's posts are booked out until 2026-11-28 00:00 UTC")
    state = await desk.state()
    assert (state.limit, state.used, state.held, state.booked) == (2, 0, 2, 3)
    assert (state.resets_at, state.next_free) == (MIDNIGHT, MIDNIGHT + timedelta(days=1) + HOUR / 2)
    for key in ("0", "0", "1"):
        await desk.commit(key)
    assert ((await desk.state()).used, (await desk.state()).held) == (2, 0)
    assert await desk.reserve("0") == granted[0]
    desk.clock.now = MIDNIGHT
    assert (await desk.reserve("4")) == later[2]  # others are before it
    assert [slot.granted for slot in await desk.reserve_many(range(2, 5))] == [True, True, False]


async def test_the_same_key_is_one_booking(pool: Any) -> None:
    desk = Desk(pool, bucket(limit=1))
    await desk.reserve("0")
    slots = await asyncio.gather(*(desk.reserve("1") for _ in range(10)))
    assert len(set(slots)) == 1
    assert (await desk.state()).booked == 1
    await desk.reserve("2")
    desk.clock.move(hours=3)
    assert await desk.reserve("2") == await desk.reserve("2")
    assert await desk.reserve("1") == slots[0]


async def test_released_units_are_free_and_the_place_in_the_line_is_kept(pool: Any) -> None:
    desk = Desk(pool, bucket(limit=1))
    for key in "012":
        await desk.reserve(key)
    await desk.release("0")
    await desk.release("0")
    await desk.release("never booked")
    newcomer = await desk.reserve("3")
    assert newcomer.at == MIDNIGHT + timedelta(days=2)  # not before those who wait
    assert (await desk.reserve("2")).at == MIDNIGHT + timedelta(days=1)  # somebody is before it
    assert (await desk.reserve("1")).granted  # nobody is before it any more
    again = await desk.reserve("0")
    assert not again.granted and again.at <= MIDNIGHT + timedelta(days=1)
    await desk.commit("1")
    await desk.release("1")
    assert (await desk.state()).used == 1


async def test_the_more_urgent_goes_first_and_the_last_is_pushed_back(pool: Any) -> None:
    desk = Desk(pool, bucket(limit=2))
    for key in "01":
        await desk.post(key)
    waiting = await desk.reserve_many(range(2, 6))
    urgent = await desk.reserve("urgent", priority=1)
    assert urgent.at == waiting[0].at == MIDNIGHT
    assert await desk.reserve("3") == waiting[1]  # it learns of it at its turn
    desk.clock.now = MIDNIGHT + HOUR
    assert [(await desk.post(key)).granted for key in ("urgent", "2", "3")] == [True, True, False]
    pushed = await desk.reserve("3")
    assert pushed.at == MIDNIGHT + timedelta(days=1)
    desk.clock.now = MIDNIGHT + timedelta(days=1, hours=1)
    assert [(await desk.reserve(key)).granted for key in ("3", "4", "5")] == [True, True, False]


async def test_who_is_late_is_not_robbed_by_who_came_after(pool: Any) -> None:
    desk = Desk(pool, bucket(limit=2))
    for key in "01":
        await desk.post(key)
    await desk.reserve_many(range(2, 4))
    await desk.reserve("urgent", priority=1)
    desk.clock.now = MIDNIGHT + HOUR
    assert (await desk.post("urgent")).granted
    assert not (await desk.reserve("3")).granted  # what is left is for `2`, which has not asked yet
    assert (await desk.reserve("2")).granted


async def test_a_smaller_limit_keeps_the_order(pool: Any) -> None:
    desk = Desk(pool, bucket(limit=4))
    for key in range(4):
        await desk.post(str(key))
    await desk.reserve_many(range(4, 12))
    await desk.ledger.set_limit(Platform.TIKTOK, "posts", 3, desk.account)
    order: list[str] = []
    for day in range(4):
        desk.clock.now = MIDNIGHT + timedelta(days=day, hours=1)
        waiting = [str(key) for key in range(4, 12) if str(key) not in order]
        order += [key for key in reversed(waiting) if (await desk.post(key)).granted][::-1]
    assert order == [str(key) for key in range(4, 12)]


async def test_all_buckets_or_none(pool: Any) -> None:
    """A rolling minute and a day: neither is charged alone, and the turn suits both."""
    desk = Desk(pool, bucket("posts", limit=4), bucket("inits", WindowKind.ROLLING, limit=1, seconds=60))
    slots = await desk.reserve_many(range(5))
    minute = timedelta(minutes=1) + timedelta(minutes=1) / UPLOADING
    assert [slot.at - NOON for slot in slots[:4]] == [each * minute for each in range(4)]
    assert slots[4].at == MIDNIGHT
    assert [(await desk.state(name)).booked for name in ("posts", "inits")] == [4, 4]
    await desk.release("2")
    assert [(await desk.state(name)).booked for name in ("posts", "inits")] == [3, 3]


async def test_rolling_units_are_free_one_length_after_they_were_spent(pool: Any) -> None:
    desk = Desk(pool, bucket(window=WindowKind.ROLLING, limit=3))
    for key in "012":
        await desk.reserve(key)
        desk.clock.move(hours=1)
        await desk.commit(key)  # at 13, 14 and 15 o'clock
    slots = await desk.reserve_many(range(3, 7))
    day = timedelta(days=1)
    assert [slot.at - NOON - day for slot in slots] == [HOUR, 2 * HOUR, 3 * HOUR, HOUR + day + day / UPLOADING]
    state = await desk.state()
    assert (state.used, state.booked, state.resets_at) == (3, 4, NOON + day + HOUR)
    desk.clock.now = NOON + day + HOUR - timedelta(seconds=1)
    assert not (await desk.reserve("3")).granted
    desk.clock.move(seconds=1)
    assert (await desk.reserve("3")).granted
    assert not (await desk.reserve("4")).granted


async def test_units_of_one_burst_come_back_apart(pool: Any) -> None:
    """Fifteen at once: a day later they are not let in at once again."""
    desk = Desk(pool, bucket(window=WindowKind.ROLLING, limit=15))
    assert all([(await desk.post(str(key))).granted for key in range(15)])
    slots = await desk.reserve_many(range(15, 45))
    assert [slot.at - NOON for slot in slots[:15]] == [timedelta(days=1, minutes=4 * n) for n in range(15)]
    again = timedelta(days=1) + timedelta(days=1) / UPLOADING
    assert [later.at - slot.at for slot, later in zip(slots, slots[15:], strict=False)] == [again] * 15


async def test_the_start_of_an_upload_is_counted_at_once(pool: Any) -> None:
    starts = bucket("starts", WindowKind.ROLLING, limit=1, seconds=60, early=True)
    desk = Desk(pool, bucket("posts", limit=4), starts)
    assert [slot.at - NOON for slot in await desk.reserve_many(range(2))] == [timedelta(), timedelta(minutes=1)]
    desk.clock.move(minutes=1)
    assert (await desk.reserve("1")).granted  # `0` is still uploading
    state = await desk.state("starts")
    assert (state.used, state.held) == (1, 0)
    await desk.commit("0")
    await desk.release("1")
    assert ((await desk.state("starts")).used, (await desk.state()).used) == (1, 1)
    desk.clock.move(minutes=1)
    assert (await desk.state("starts")).used == 0
    assert (await desk.reserve("1")).granted


async def test_what_is_posted_after_midnight_counts_for_the_new_day(pool: Any) -> None:
    desk = Desk(pool, bucket(limit=2), clock=Clock(MIDNIGHT - HOUR))
    await desk.reserve_many(range(2))
    desk.clock.now = MIDNIGHT + HOUR
    assert (await desk.reserve("2")).at == MIDNIGHT + timedelta(days=1)  # both may still be posted today
    await desk.release("0")
    await desk.commit("1")
    assert (await desk.reserve("2")).granted
    assert not (await desk.reserve("3")).granted


async def test_a_scheduled_booking_holds_nobody_up(pool: Any) -> None:
    desk = Desk(pool, bucket(limit=2))
    evening = NOON + timedelta(days=3, hours=6)
    scheduled = await desk.reserve("scheduled", not_before=evening)
    assert (scheduled.granted, scheduled.at, scheduled.why) == (False, evening, "not before 2026-11-30 18:00 UTC")
    assert (await desk.post("0")).granted
    desk.clock.now = evening
    assert (await desk.reserve("scheduled", not_before=evening)).granted
    assert (await desk.reserve("past", not_before=NOON)).granted


async def test_costs_that_are_nothing_are_granted_without_a_booking(pool: Any) -> None:
    desk = Desk(pool, bucket())
    assert (await desk.reserve("free", costs={})).granted
    assert (await desk.reserve("free", costs={"posts": 0})).granted
    assert (await desk.reserve("free", costs={}, not_before=MIDNIGHT)).at == MIDNIGHT
    await desk.commit("free")
    await desk.release("free")
    assert (await desk.state()).used == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"priority": 0}, "priority"),
        ({"priority": 6}, "priority"),
        ({"costs": {"likes": 1}}, "bucket"),
        ({"costs": {"posts": 4}}, "quota.posts"),
    ],
)
async def test_what_cannot_be_booked_is_refused(pool: Any, change: dict[str, Any], field: str) -> None:
    desk = Desk(pool, bucket(limit=3))
    with pytest.raises(InvalidInput) as caught:
        await desk.reserve("0", **change)
    assert caught.value.field == field and caught.value.remedy
    assert (await desk.state()).booked == 0


# --- what platforms and people say -----------------------------------------------------------------------------------


async def test_a_refusal_closes_the_bucket_and_the_waiting_come_back_apart(pool: Any) -> None:
    desk = Desk(pool, bucket(limit=4))
    await desk.reserve("0")
    await desk.release("0")
    until = MIDNIGHT + 10 * HOUR
    await desk.ledger.spent(Platform.TIKTOK, desk.account, "posts", until)
    slots = [await desk.reserve(key) for key in "0123"]
    assert [slot.at - until for slot in slots] == [timedelta(minutes=15 * n) for n in range(4)]
    await desk.ledger.correct(Platform.TIKTOK, desk.account, [QuotaReading(bucket="posts", used=1)])
    assert (await desk.reserve("0")).granted


async def test_the_platforms_own_count_is_believed(pool: Any) -> None:
    desk = Desk(pool, bucket(limit=10))
    tell = QuotaReading(bucket="posts", used=3, limit=4, resets_at=MIDNIGHT + HOUR)
    await desk.reserve("held")
    await desk.ledger.correct(Platform.TIKTOK, desk.account, [tell, QuotaReading(bucket="likes", used=1)])
    state = await desk.state()
    assert (state.limit, state.used, state.held, state.reported) == (4, 3, 1, True)
    assert state.resets_at == MIDNIGHT + HOUR
    assert not (await desk.reserve("next")).granted
    await desk.ledger.correct(Platform.TIKTOK, desk.account, [QuotaReading(bucket="posts", used=4)])
    assert not (await desk.reserve("held")).granted  # granted before, and now there is none left
    await desk.ledger.correct(Platform.TIKTOK, desk.account, [QuotaReading(bucket="posts", used=1)])
    assert (await desk.reserve("held")).granted
    assert (await desk.state()).used == 1


async def test_a_rolling_count_is_believed_too(pool: Any) -> None:
    desk = Desk(pool, bucket(window=WindowKind.ROLLING, limit=5))
    for key in "01":
        await desk.post(key)
        desk.clock.move(hours=1)
    await desk.ledger.correct(Platform.TIKTOK, desk.account, [QuotaReading(bucket="posts", used=4)])
    assert (await desk.state()).used == 4
    assert [slot.granted for slot in await desk.reserve_many(range(2, 4))] == [True, False]
    await desk.ledger.correct(Platform.TIKTOK, desk.account, [QuotaReading(bucket="posts", used=2, limit=9)])
    state = await desk.state()
    assert (state.used, state.limit) == (2, 9)
    assert (await desk.reserve("3")).granted


async def test_books_that_were_replaced_are_begun_anew(pool: Any) -> None:
    desk = Desk(pool, bucket(limit=5))
    await desk.state()
    await pool.execute("delete from quota_buckets where account = $1", desk.account)
    with pytest.raises(ProviderUnavailable, match="replaced"):
        await desk.reserve("0")
    assert (await desk.reserve("0")).granted


async def test_limits_that_people_set(pool: Any) -> None:
    desk, other = Desk(pool, bucket(limit=5)), Desk(pool, bucket(limit=5))
    await desk.reserve_many(range(4))
    await desk.ledger.set_limit(Platform.TIKTOK, "posts", 3, desk.account)
    assert not (await desk.reserve("5")).granted
    assert ((await desk.state()).limit, (await other.state()).limit) == (3, 5)
    await desk.ledger.set_limit(Platform.TIKTOK, "posts", 6, desk.account)
    assert (await desk.reserve("6")).granted is False  # `5` is before it
    assert (await desk.reserve("5")).granted
    await desk.ledger.correct(Platform.TIKTOK, desk.account, [QuotaReading(bucket="posts", limit=4)])
    assert (await desk.state()).limit == 4
    for bad in (0, -1, 2_000_000_000):
        with pytest.raises(InvalidInput, match="no limit"):
            await desk.ledger.set_limit(Platform.TIKTOK, "posts", bad)
    with pytest.raises(InvalidInput, match="no bucket"):
        await desk.ledger.set_limit(Platform.TIKTOK, "likes", 1)


async def test_silent_holds_are_swept_and_a_late_commit_still_counts(pool: Any) -> None:
    desk = Desk(pool, bucket(limit=2))
    await desk.reserve_many(range(3))
    desk.clock.move(hours=23)
    await desk.reserve("1")
    desk.clock.move(hours=1, seconds=1)
    await desk.ledger.sweep()
    assert (await desk.state()).held == 1
    await desk.commit("0")
    assert ((await desk.state()).used, (await desk.state()).held) == (1, 1)
    desk.clock.move(days=91)
    await desk.ledger.sweep()
    assert (await desk.state()).held == (await desk.state()).booked == 0
