"""Views and what follows from them: `statistics` of videos, and the Analytics API's reports
(docs/platforms/youtube.md#calls).

A sandbox has no viewers, so views are generated at `views_per_hour`, the same at every read. Counts in `statistics`
are strings, as the real ones are; numbers in reports are numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..additions import PostAdditions
from ..store import Post, SandboxStore, iso
from . import video as yt
from .access import PACIFIC, PLATFORM, Access, YouTubeSettings

MANY = 50
_STAT_PARTS = {"id", "snippet", "contentDetails", "statistics"}
_PER_VIEW: dict[str, float] = {
    "views": 1.0,
    "likes": 0.04,
    "shares": 0.01,
    "subscribersGained": 0.005,
    "estimatedMinutesWatched": 0.4,
}
_CONSTANT: dict[str, float] = {"averageViewDuration": 24, "averageViewPercentage": 71.5}
_FLOATS = {"averageViewPercentage"}


def views(post: Post, settings: YouTubeSettings, until: float) -> int:
    """Views of a video up to an instant."""
    pace = 0.5 + hashlib.sha256(post.post_id.encode()).digest()[0] / 255
    return int(max(0.0, until - post.created) / 3600 * settings.views_per_hour * pace)


def statistics(store: SandboxStore, post: Post) -> dict[str, str]:
    """`VideoStatistics` now."""
    seen = views(post, store.platform_settings(YouTubeSettings), store.now())
    return {
        "viewCount": str(seen),
        "likeCount": str(int(seen * _PER_VIEW["likes"])),
        "favoriteCount": "0",
        "commentCount": str(len(PostAdditions(store).of(post.post_id, "comment"))),
    }


class Stats:
    """videos.batchGetStats and Analytics' reports.query, over a store."""

    def __init__(self, store: SandboxStore, access: Access) -> None:
        self._store = store
        self._access = access

    async def batch(self, request: Request) -> Response:
        """videos.batchGetStats: up to 50 ids, unknown ones left out, and a daily bucket of its own."""
        self._access.account(request)
        limit = self._access.settings().batch_stats_per_day
        self._access.charge("batch_stats", 1, limit, yt.BATCH_QUOTA)
        parts = set(_listed(request, "part"))
        if not parts or parts - _STAT_PARTS:
            raise yt.Refusal(400, "unknownPart", "'part'", "youtube.part", "part")
        wanted = _listed(request, "id")
        if not wanted or len(wanted) > MANY:
            raise yt.bad("invalidFilters", "The request specifies an invalid filter parameter.", "id")
        posts = [post for post in map(self._store.post, wanted) if post and post.platform == PLATFORM]
        items = [self._stat(post, parts) for post in posts]
        return JSONResponse({"kind": "youtube#batchGetStatsResponse", "etag": "", "items": items})

    def _stat(self, post: Post, parts: set[str]) -> dict[str, object]:
        counts = statistics(self._store, post)
        whole: dict[str, object] = {
            "snippet": {"publishTime": iso(post.created)},
            "statistics": {name: counts[name] for name in ("viewCount", "likeCount", "commentCount")},
        }
        told = {name: value for name, value in whole.items() if name in parts}
        return {"kind": "youtube#videoStat", "etag": post.sha256[:27], "id": post.post_id, **told}

    async def report(self, request: Request) -> Response:
        """reports.query of one's own channel: dimensions none, `day` or `video`; filter `video==a,b`."""
        account = self._access.account(request, "analytics")
        query = request.query_params
        if query.get("ids") not in ("channel==MINE", f"channel=={yt.channel_id(account)}"):
            raise yt.Refusal(403, "forbidden", "Forbidden", "global")
        first, last = _day(query.get("startDate"), "startDate"), _day(query.get("endDate"), "endDate")
        metrics = [name for name in query.get("metrics", "").split(",") if name]
        dimensions = [name for name in query.get("dimensions", "").split(",") if name]
        _check_names(metrics, dimensions)
        posts = self._filtered(account, query.get("filters", ""))
        rows = self._rows(posts, first, last, metrics, dimensions)
        rows = _sorted(rows, [*dimensions, *metrics], query.get("sort", ""))
        start = max(1, _number(query.get("startIndex", "1"), "startIndex"))
        rows = rows[start - 1 :][: _number(query.get("maxResults", str(len(rows))), "maxResults")]
        headers = [{"name": name, "columnType": "DIMENSION", "dataType": "STRING"} for name in dimensions]
        headers += [
            {"name": name, "columnType": "METRIC", "dataType": "FLOAT" if name in _FLOATS else "INTEGER"}
            for name in metrics
        ]
        return JSONResponse({"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers, "rows": rows})

    def _filtered(self, account: str, filters: str) -> list[Post]:
        posts = self._store.posts(PLATFORM, account)
        for wanted in filter(None, filters.split(";")):
            name, _, value = wanted.partition("==")
            if name != "video":
                raise _bad_query(f"Unknown identifier ({name[:40]}) given in field parameters.filters.")
            ids = set(value.split(","))
            posts = [post for post in posts if post.post_id in ids]
        return posts

    def _rows(
        self, posts: Sequence[Post], first: date, last: date, metrics: Sequence[str], dimensions: Sequence[str]
    ) -> list[list[Any]]:
        def values(among: Sequence[Post], start: date, end: date) -> list[Any]:
            return [self._value(name, among, start, end) for name in metrics]

        if dimensions == ["day"]:
            days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
            return [[day.isoformat(), *values(posts, day, day)] for day in days]
        if dimensions == ["video"]:
            return [[post.post_id, *values([post], first, last)] for post in posts]
        return [values(posts, first, last)]

    def _value(self, metric: str, posts: Sequence[Post], first: date, last: date) -> Any:
        """Both days are whole ones, Pacific time, and nothing comes from the future."""
        if metric in _CONSTANT:
            return _CONSTANT[metric]
        start, end = _midnight(first), min(_midnight(last + timedelta(days=1)), self._store.now())
        if metric == "comments":
            made = [extra.meta for post in posts for extra in PostAdditions(self._store).of(post.post_id, "comment")]
            return sum(start <= float(meta["created"]) < end for meta in made)
        settings = self._access.settings()
        seen = sum(views(post, settings, end) - views(post, settings, start) for post in posts if end > start)
        return int(seen * _PER_VIEW[metric])


def _listed(request: Request, name: str) -> list[str]:
    """A repeated parameter, which may also be one with commas."""
    return [value for text in request.query_params.getlist(name) for value in text.split(",") if value]


def _check_names(metrics: Sequence[str], dimensions: Sequence[str]) -> None:
    if not metrics:
        raise _bad_query("The query must specify metrics.")
    for name in metrics:
        if name not in {*_PER_VIEW, *_CONSTANT, "comments"}:
            raise _bad_query(f"Unknown identifier ({name[:40]}) given in field parameters.metrics.")
    if list(dimensions) not in ([], ["day"], ["video"]):
        raise _bad_query("The query is not supported. Check the documentation for supported queries.")


def _sorted(rows: list[list[Any]], columns: Sequence[str], sort: str) -> list[list[Any]]:
    """By one column after the other, `-` in front for downward."""
    for name in reversed([part for part in sort.split(",") if part]):
        column = name.removeprefix("-")
        if column not in columns:
            raise _bad_query(f"Unknown identifier ({column[:40]}) given in field parameters.sort.")
        rows = sorted(rows, key=itemgetter(columns.index(column)), reverse=name.startswith("-"))
    return rows


def _number(text: str, name: str) -> int:
    if not text.isdigit() or len(text) > 9:
        raise _bad_query(f"Invalid value '{text[:40]}' for {name}.")
    return int(text)


def _day(text: str | None, name: str) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise _bad_query(f"Invalid value '{(text or '')[:40]}' for {name}. It must match YYYY-MM-DD.") from None


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=PACIFIC).astimezone(UTC).timestamp()


def _bad_query(message: str) -> yt.Refusal:
    return yt.Refusal(400, "badRequest", message, "global")
