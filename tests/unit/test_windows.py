"""When a platform counts anew: pure arithmetic."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwright.domain.formats import Platform
from reelwright.domain.platforms.x import LINK_MILLS, POST_MILLS
from reelwright.domain.publishing.posting import PostDraft
from reelwright.domain.publishing.quota import (
    BUCKETS,
    Bucket,
    WindowKind,
    buckets_of,
    cost_of,
)
from reelwright.domain.publishing.windows import (
    SPREAD,
    Window,
    rolling_turn,
    turn,
    window_after,
    window_at,
    window_before,
)

INSERTS = buckets_of(Platform.YOUTUBE)["inserts"]
DAY = timedelta(days=1)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


def calendar(zone: str) -> Bucket:
    return INSERTS.model_copy(update={"zone": zone})


@pytest.mark.parametrize(
    ("day", "start", "hours"),
    [
        (date(2026, 3, 7), "2026-03-07T08:00", 24),
        (date(2026, 3, 8), "2026-03-08T08:00", 23),
        (date(2026, 3, 9), "2026-03-09T07:00", 24),
        (date(2026, 10, 31), "2026-10-31T07:00", 24),
        (date(2026, 11, 1), "2026-11-01T07:00", 25),
        (date(2026, 11, 2), "2026-11-02T08:00", 24),
    ],
)
def test_pacific_days_around_the_changes_of_2026(day: date, start: str, hours: int) -> None:
    began = datetime.fromisoformat(start + "+00:00")
    window = Window(began, began + timedelta(hours=hours))
    inside = timedelta(microseconds=1)
    for moment in (window.start, window.start + timedelta(hours=12), window.end - inside):
        assert window_at(INSERTS, moment) == window
    assert window_at(INSERTS, window.start - inside).end == window.start
    assert window_after(INSERTS, window).start == window.end
    assert window_before(INSERTS, window).end == window.start


def test_a_midnight_that_does_not_exist_and_one_that_comes_twice() -> None:
    """Beirut's clocks jump from 0:00 to 1:00 and, in autumn, from midnight back to 23:00."""
    spring = window_at(calendar("Asia/Beirut"), datetime(2026, 3, 29, 12, tzinfo=UTC))
    assert (spring.start, spring.end - spring.start) == (datetime(2026, 3, 28, 22, tzinfo=UTC), timedelta(hours=23))
    autumn = window_at(calendar("Asia/Beirut"), datetime(2026, 10, 24, 12, tzinfo=UTC))
    assert autumn.end - autumn.start == timedelta(hours=25)


@given(MOMENTS, st.sampled_from([*BUCKETS, calendar("Asia/Beirut"), calendar("Pacific/Apia")]))
def test_windows_follow_each_other_without_a_gap(moment: datetime, bucket: Bucket) -> None:
    window = window_at(bucket, moment)
    assert window.holds(moment)
    assert window_after(bucket, window).start == window.end
    assert window_before(bucket, window).end == window.start


@given(MOMENTS, st.sampled_from(BUCKETS), st.integers(1, 500))
def test_turns_rise_from_the_beginning_and_stay_within_the_first_hour(
    moment: datetime, bucket: Bucket, limit: int
) -> None:
    window = window_at(bucket, moment)
    turns = [turn(window, position, limit) for position in range(limit)]
    assert turns[0] == window.start
    assert turns == sorted(turns) and len(set(turns)) == limit
    assert turns[-1] < window.start + min(SPREAD, (window.end - window.start) / 2)


@given(st.lists(st.floats(0, 86_400, exclude_min=True), max_size=30), st.integers(1, 15), st.integers(0, 86_399))
def test_rolling_turns_never_meet_a_use(since: list[float], limit: int, second: int) -> None:
    """Whatever was used in the last day: used at these turns, no stretch of a day ever holds more than the limit."""
    now = datetime(2026, 11, 27, tzinfo=UTC) + timedelta(seconds=second)
    used = [now - timedelta(seconds=each) for each in since[:limit]]
    rolling = Bucket(platform=Platform.X, name="r", window=WindowKind.ROLLING, limit=limit)
    window = window_at(rolling, now)

    def turns_of(busy: list[datetime], window: Window) -> list[datetime]:
        found = [rolling_turn(limit, busy, window, now, position) for position in range(limit + 2)]
        turns = [each for each in found if each is not None]
        # What only the next window has comes after all that this one has.
        assert turns == sorted(turns) and len(turns) <= limit and found[: len(turns)] == turns
        return turns

    turns = turns_of([each + DAY for each in used], window)
    assert all(window.start <= each < window.end for each in turns)
    later = turns_of([each + DAY for each in sorted([*used, *turns])[-limit:]], window_after(rolling, window))
    uses = sorted([*used, *(max(each, now) for each in turns), *later])
    assert all(b - a >= DAY for a, b in zip(uses, uses[limit:], strict=False))


def test_costs_name_buckets_that_exist() -> None:
    for platform in Platform:
        draft = PostDraft(platform=platform, account="a", title="T", description="https://example.org", marker="m")
        costs = cost_of(draft, "reel")
        assert set(costs) <= set(buckets_of(platform))
        assert all(units <= buckets_of(platform)[name].limit for name, units in costs.items())


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Three hearts. And no bones", False),
        ("Read https://example.com/octopus", True),
        ("Read example.com/octopus", True),
        ("Read EXAMPLE.co.uk, all of it", True),
        ("Version 2.0 of file.xyzzy, by me@example.com", False),
        ("s3://bucket is no link", False),
    ],
)
def test_what_x_makes_a_link_of_costs_what_a_link_costs(text: str, links: bool) -> None:
    draft = PostDraft(platform=Platform.X, account="a", title="T", description=text, marker="m", thread=("Plain",))
    price = LINK_MILLS if links else POST_MILLS
    assert cost_of(draft, "video")["credits"] == price + POST_MILLS
    caption = draft.model_copy(update={"caption": text, "description": "", "thread": (text, text)})
    assert cost_of(caption, "video")["credits"] == 3 * price
    commented = cost_of(caption.model_copy(update={"first_comment": "And more."}), "video")
    assert commented == {"posts": 4, "app_posts": 4, "credits": 3 * price + POST_MILLS}
