"""The tables `boards`, `board_tallies` and `wanting_posts`: lists and counts of contents, without asking Temporal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from reelwright.domain.boards import (
    DEAD_STAGES,
    SHOWN,
    Board,
    BoardFilters,
    Counts,
    Lapsed,
    PostedPost,
    Today,
    WantingPost,
    Watched,
)
from reelwright.domain.costs.limits import day_of
from reelwright.domain.costs.money import Money

from .contents import Place
from .database import transaction
from .near_budgets import near_budgets

FAILED_STAGES = ("failed", "blocked", "incomplete", *DEAD_STAGES)
FAILED_FOR = timedelta(days=3)
_ROW = """content_id, workflow_id, channel, title, priority, stage, percent, detail, review, asked, cost, filed,
    started, updated, ended"""
_STAGES = """(select coalesce(json_object_agg(stage, n), '{}') from
    (select stage, sum(n) as n from board_tallies where $1::text is null or channel = $1
     group by stage having sum(n) > 0) as tallies)"""
_WANTING = """(select coalesce(json_object_agg(stage, n), '{}') from
    (select stage, count(*) as n from wanting_posts where $1::text is null or channel = $1 group by stage) as posts)"""
_REVIEWS = "(select count(*) from boards where review = 'wanted' and ($1::text is null or channel = $1))"
_WATCH = "(select json_build_array(seen_at, trouble) from board_watch)"
_COUNTS = f"{_STAGES} as stages, {_WANTING} as wanting, {_REVIEWS} as reviews, {_WATCH} as watch"


class PostgresBoards:
    """Reads only. `pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def page(self, filters: BoardFilters, *, after: Place | None, limit: int) -> list[Board]:
        """At most `limit` contents after a place, in the filters' order."""
        query, values = _page(filters, after, limit)
        async with transaction(self._pool) as connection:
            return [_board(dict(row)) for row in await connection.fetch(query, *values)]

    async def some(self, content_ids: Sequence[str]) -> list[Board]:
        """Those of these contents that exist, newest first."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                f"""select {_ROW} from boards where content_id = any($1::text[])
                    order by started desc, content_id collate "C" desc""",  # noqa: S608
                list(content_ids),
            )
        return [_board(dict(row)) for row in rows]

    async def counts(self, channel: str | None = None) -> Counts:
        """Of one channel, or of all."""
        async with transaction(self._pool) as connection:
            return _counts(await connection.fetchrow(f"select {_COUNTS}", channel))

    async def watched(self) -> Watched:
        """When the running contents were last looked at."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow("select seen_at, trouble from board_watch")
        return Watched(row["seen_at"], row["trouble"]) if row else Watched()

    async def today(self) -> Today:
        """What wants a person, what runs, and what this day has brought: two statements."""
        async with transaction(self._pool) as connection:
            now = await connection.fetchval("select now()")
            row = await connection.fetchrow(_TODAY, None, list(FAILED_STAGES), now - FAILED_FOR, day_of(now)[0])
            near = await near_budgets(connection, now)
        lists = {name: json.loads(row[name] or "[]") for name in _LISTS}
        return Today(
            counts=_counts(row),
            reviews=tuple(_from_json(each) for each in lists["asked"]),
            wanting=tuple(WantingPost(**each | {"since": _time(each["since"])}) for each in lists["stuck"]),
            lapsed=tuple(Lapsed(**each) for each in lists["lapsed"]),
            failed=tuple(_from_json(each) for each in lists["failed"]),
            failed_in_all=row["failed_in_all"],
            running=tuple(_from_json(each) for each in lists["runs"]),
            running_in_all=row["running_in_all"],
            posted=tuple(PostedPost(**each | {"at": _time(each["at"])}) for each in lists["posted"]),
            posted_in_all=row["posted_in_all"],
            spent={name: Money.of(usd) for name, usd in json.loads(row["spent"] or "{}").items()},
            near=near,
        )


def _page(filters: BoardFilters, after: Place | None, limit: int) -> tuple[str, list[Any]]:
    """An unused condition is left out: "or it is null" would prevent the use of the index."""
    values: list[Any] = [limit]

    def given(value: Any) -> str:
        values.append(value)
        return f"${len(values)}"

    column, where = filters.order, ["true"]
    if filters.order == "ended":
        where.append("ended is not null")
    if filters.order == "asked":
        where.append("review = 'wanted'")
    if filters.running is not None:
        where.append(f"ended is {'null' if filters.running else 'not null'}")
    if len(filters.stages) == 1:
        where.append(f"stage = {given(filters.stages[0])}")
    elif filters.stages:
        where.append(f"stage = any({given(list(filters.stages))}::text[])")
    if filters.channel is not None:
        where.append(f"channel = {given(filters.channel)}")
    if filters.ids:
        where.append(f"content_id = any({given(list(filters.ids))}::text[])")
    if filters.text:
        like = given(f"%{_no_pattern(filters.text)}%")
        where.append(f"(title ilike {like} or content_id ilike {like})")
    if filters.since is not None:
        where.append(f"{column} >= {given(filters.since)}")
    if filters.until is not None:
        where.append(f"{column} < {given(filters.until)}")
    way, beyond = ("", ">") if filters.order == "asked" else (" desc", "<")
    if after is not None:
        where.append(f'({column}, content_id collate "C") {beyond} ({given(after.at)}, {given(after.key)})')
    order = f'order by {column}{way}, content_id collate "C"{way} limit $1'
    return f"select {_ROW} from boards where {' and '.join(where)} {order}", values  # noqa: S608


def _no_pattern(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("\0", "")


_BOARDS = f"select {_ROW.replace(' cost,', ' cost::text as cost,')} from boards"  # noqa: S608 - our own words
"""For JSON: amounts go as text, since its numbers are floats."""
_LISTS = {
    "asked": f"""{_BOARDS} where review = 'wanted' order by asked, content_id collate "C" limit {SHOWN}""",
    "stuck": f"select * from wanting_posts order by since limit {SHOWN}",  # noqa: S608
    "lapsed": """select platform, name, needs_authorization as why from accounts where needs_authorization <> ''
        order by platform, name""",
    "failed": f"""{_BOARDS} where stage = any($2::text[]) and ended >= $3
        order by ended desc, content_id collate "C" desc limit {SHOWN}""",
    "runs": f"""{_BOARDS} where ended is null and review <> 'wanted'
        order by started desc, content_id collate "C" desc limit {SHOWN}""",
    "posted": f"""select p.content_id, p.platform, p.account, coalesce(b.title, '') as title, p.url, p.ended_at as at
        from posts p left join boards b using (content_id)
        where p.state = 'posted' and p.ended_at >= $4 order by p.ended_at desc limit {SHOWN}""",  # noqa: S608
}
_TODAY = f"""select {_COUNTS},
    {", ".join(f"(select json_agg(found) from ({query}) as found) as {name}" for name, query in _LISTS.items())},
    (select count(*) from boards where stage = any($2::text[]) and ended >= $3) as failed_in_all,
    (select count(*) from boards where ended is null and review <> 'wanted') as running_in_all,
    (select count(*) from posts where state = 'posted' and ended_at >= $4) as posted_in_all,
    (select json_object_agg(channel, usd) from (
        select coalesce(b.channel, 'default') as channel, sum(c.usd)::text as usd
        from costs c left join boards b using (content_id)
        where c.usd > 0 and coalesce(c.counted_at, c.recorded_at) >= $4 group by 1) as spent) as spent"""  # noqa: S608


def _counts(row: Any) -> Counts:
    seen_at, trouble = json.loads(row["watch"] or '[null, ""]')
    return Counts(
        stages=json.loads(row["stages"]),
        reviews=row["reviews"],
        wanting=json.loads(row["wanting"]),
        watched=Watched(_time(seen_at) if seen_at else None, trouble),
    )


def _board(values: dict[str, Any]) -> Board:
    return Board(**{**values, "cost": Money.of(values["cost"])})


def _from_json(values: dict[str, Any]) -> Board:
    times = {name: _time(values[name]) if values[name] else None for name in ("asked", "started", "updated", "ended")}
    return _board({**values, **times})


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
