"""`make bench-console`: the console with 10,000 contents and 200,000 posts, in a real Chromium; the last line is JSON.

- `list_requests`, `list_kb`, `list_main_thread_ms`: the dearest of the lists, as a browser loads it for the first time:
  requests, kilobytes on the wire, CPU of the page's main thread.
- `api_p95_ms`: 95 % of the API's answers come within this, at 50 requests a second with pages open and contents that
  change; counted from when each was due.
- `stream_growth_mb`: by how much the server's memory grows with 100 streams.
- `news_p95_s`: from a change in the database to the changed row on the page.

PostgreSQL is a temporary one, the console a process of its own. Temporal is not asked by what is measured here.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from reelwright.storage.board_watch import PostgresBoardWatch, Seen
from reelwright.storage.database import connect
from tests.browser.chromium import CHROMIUM, chromium
from tests.console_server import answered
from tests.servers import free_port, postgres

CONTENTS, POSTS = 10_000, 200_000
RUNNING = 200
LISTS = ("/", "/contents", "/contents?stage=failed", "/contents?q=tides+77", "/pipelines", "/posts?view=list", "/audit")
API = ("/api/v1/contents?limit=100", "/api/v1/contents?limit=100&stage=failed", "/api/v1/posts?limit=100")
PER_SECOND = 50
MOST_REQUESTS = 6
STREAMS = 100
CHANGES = 60
PATIENCE_MS = 300_000
SEED = (
    f"""insert into content (id, workflow_id, status, request, request_sha256, result, opened_at, closed_at)
        select 'c' || lpad(n::text, 6, '0'), 'content-c' || lpad(n::text, 6, '0'),
            case when n > {CONTENTS - RUNNING} then 'running' when n % 20 = 1 then 'failed' else 'done' end,
            json_build_object('topic', 'Tides ' || n, 'channel', 'ch' || n % 10), repeat('0', 64),
            case when n <= {CONTENTS - RUNNING} then json_build_object('title', 'Why tides ' || n || ' turn') end,
            now() - ({CONTENTS} - n) * interval '5 minutes',
            case when n <= {CONTENTS - RUNNING} then now() - ({CONTENTS} - n) * interval '5 minutes' end
        from generate_series(1, {CONTENTS}) n""",
    f"""insert into posts (key, content_id, platform, account, draft, video, state, post_id, url, prepared_at, armed_at,
                           ended_at)
        select 'p' || n, 'c' || lpad((1 + n % {CONTENTS})::text, 6, '0'),
            (array['youtube', 'tiktok', 'x', 'linkedin', 'bluesky', 'facebook', 'instagram'])[1 + (n / {CONTENTS}) % 7],
            'a' || (n / {CONTENTS}) / 7, '{{}}', '{{}}', 'posted', 'id' || n, 'https://example.org/' || n,
            now() - ({POSTS} - n) * interval '15 seconds', now() - ({POSTS} - n) * interval '15 seconds',
            now() - ({POSTS} - n) * interval '15 seconds'
        from generate_series(0, {POSTS} - 1) n""",
    "analyze",
)


class Server:
    """The console as a process."""

    def __init__(self, dsn: str) -> None:
        self.dsn, self.port = dsn, free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Server]:
        """Until the end of the block."""
        command = (sys.executable, "-m", "tests.console_server", self.dsn, str(self.port), "operator")
        process = await asyncio.create_subprocess_exec(*command)
        self.process = psutil.Process(process.pid)
        try:
            async with answered(self.url):
                pass
            yield self
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()

    @property
    def rss_mb(self) -> float:
        """Its memory now."""
        return float(self.process.memory_info().rss) / 1e6


async def measured_list(browser: Any, url: str) -> dict[str, float]:
    """One list as a browser loads it that was never here."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    await devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    await devtools.send("Network.enable")
    sizes: list[float] = []
    devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    try:
        answer = await page.goto(url, wait_until="load")
        assert answer is not None and answer.ok, f"{url}: {answer and answer.status}"
        await page.wait_for_timeout(1_000)
        metrics = {one["name"]: one["value"] for one in (await devtools.send("Performance.getMetrics"))["metrics"]}
        if len(asked) > MOST_REQUESTS:
            print("\n".join(f"      {one}" for one in asked))
        return {"requests": len(asked), "kb": sum(sizes) / 1_000, "ms": 1_000 * metrics["TaskDuration"]}
    finally:
        await context.close()


async def api_times(server: Server, paths: Sequence[str], seconds: float) -> list[float]:
    """Milliseconds from when each request was due to its whole answer."""
    took: list[float] = []
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=120) as client:

        async def ask(path: str, due: float) -> None:
            answer = await client.get(path, headers={"Accept": "application/json"})
            assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
            took.append(1_000 * (time.perf_counter() - due))

        begin = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(int(seconds * PER_SECOND)):
                due = begin + number / PER_SECOND
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(ask(paths[number % len(paths)], due))
    return took


async def changing(pool: Any, stop: asyncio.Event) -> None:
    """Pipelines that go on: some rows change each second."""
    watch, stages = PostgresBoardWatch(pool), ("writing", "material", "rendering", "publishing")
    while not stop.is_set():
        some = random.sample(range(CONTENTS - RUNNING + 1, CONTENTS + 1), 5)
        await watch.see([_seen(number, random.choice(stages)) for number in some])
        await asyncio.sleep(0.5)


def _seen(number: int, stage: str) -> Seen:
    content = f"c{number:06}"
    return Seen(content, f"content-{content}", stage, random.randrange(100), "", None)


async def stream_growth(server: Server, pool: Any) -> float:
    """Megabytes that the server has more while 100 streams are open and hear news."""
    limits = httpx.Limits(max_connections=None)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=120, limits=limits)
        )
        async with client.stream("GET", "/events") as first:  # what the first one loads is not of the hundred
            await anext(first.aiter_lines())
            before = server.rss_mb
        heard = []
        for _ in range(STREAMS):
            answer = await stack.enter_async_context(client.stream("GET", "/events"))
            heard.append(asyncio.create_task(_hear(answer, "the last")))
        for number in range(20):
            await pool.execute(
                "insert into news (kind, key) select 'posts', $1 || n from generate_series(1, 50) n", f"k{number}-"
            )
            await asyncio.sleep(0.5)
        most = server.rss_mb
        await pool.execute("insert into news (kind, key) values ('posts', 'the last')")
        await asyncio.gather(*heard)
        return max(most, server.rss_mb) - before


async def _hear(answer: httpx.Response, word: str) -> None:
    async for line in answer.aiter_lines():
        if word in line:
            return


async def news_times(server: Server, browser: Any, pool: Any) -> list[float]:
    """Seconds from a change to the row on the page."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page, watch = await context.new_page(), PostgresBoardWatch(pool)
    await page.goto(f"{server.url}/pipelines")
    took = []
    for number in range(CHANGES):
        content, percent = CONTENTS - number % 50, number % 2 * 40 + 11 + number // 2
        seen = _seen(content, "rendering")
        await watch.see([Seen(seen.content_id, seen.workflow_id, seen.stage, percent, "", None)])
        changed = time.perf_counter()
        await page.wait_for_function(
            "([key, percent]) => document.querySelector(`tr[data-key=${key}]`).textContent.includes(`${percent} %`)",
            arg=[seen.content_id, percent],
            polling=20,
        )
        took.append(time.perf_counter() - changed)
        await asyncio.sleep(random.random())
    await context.close()
    return took


def p95(values: Sequence[float]) -> float:
    """95 % are no greater."""
    return sorted(values)[max(0, -(-95 * len(values) // 100) - 1)]


async def bench(folder: Path, seconds: float) -> dict[str, float]:
    """All of it, on a server of its own."""
    place = folder / "postgres"
    place.mkdir()
    with postgres(place) as dsn:
        pool = await connect(dsn)
        began = time.perf_counter()
        for statement in SEED:
            await pool.execute(statement, timeout=1_800)
        print(f"seeded in {time.perf_counter() - began:.0f} s", flush=True)
        async with Server(dsn).running() as server, chromium() as browser:
            lists = {}
            for path in LISTS:
                lists[path] = await measured_list(browser, server.url + path)
                told = lists[path]
                print(f"{told['requests']:3.0f} requests {told['kb']:6.1f} kB {told['ms']:6.0f} ms  {path}", flush=True)
            growth = await stream_growth(server, pool)
            print(f"{growth:.1f} MB for {STREAMS} streams, of {server.rss_mb:.0f} MB", flush=True)
            news = await news_times(server, browser, pool)
            print(f"news: {min(news):.2f} to {max(news):.2f} s", flush=True)
            stop = asyncio.Event()
            going_on = asyncio.create_task(changing(pool, stop))
            context = await browser.new_context()
            for path in ("/", "/pipelines", "/contents"):
                await (await context.new_page()).goto(server.url + path, timeout=PATIENCE_MS)
            await api_times(server, API, 2)
            cpu = sum(server.process.cpu_times()[:2])
            api = await api_times(server, API, seconds)
            cpu = sum(server.process.cpu_times()[:2]) - cpu
            print(
                f"{1_000 * cpu / len(api):.1f} ms CPU of the server for each request, with what the pages ask",
                flush=True,
            )
            stop.set()
            await going_on
            print(f"API: {sorted(api)[len(api) // 2]:.0f} ms in the middle, {max(api):.0f} ms at most", flush=True)
        await pool.close()
    return {
        "list_requests": max(one["requests"] for one in lists.values()),
        "list_kb": round(max(one["kb"] for one in lists.values()), 1),
        "list_main_thread_ms": round(max(one["ms"] for one in lists.values())),
        "api_p95_ms": round(p95(api), 1),
        "stream_growth_mb": round(growth, 1),
        "news_p95_s": round(p95(news), 2),
    }


def main() -> None:
    """Measures, and says so in one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="how long the API is asked")
    options = parser.parse_args()
    if CHROMIUM is None:
        sys.exit("there is no Chromium here: apt-get install chromium")
    os.umask(0o022)
    with tempfile.TemporaryDirectory(prefix="reelwright-bench-") as name:
        print(json.dumps(asyncio.run(bench(Path(name), options.seconds))))


if __name__ == "__main__":
    main()
