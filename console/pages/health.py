"""Whether the process lives, and whether it can work: for supervisors and proxies."""

from __future__ import annotations

import asyncio

from starlette.responses import JSONResponse, Response

from control.failures import explained

from ..routing import PageRequest, public

SOON_S = 3.0


@public("/health")
async def health(request: PageRequest) -> Response:
    """200 while the event loop runs."""
    return JSONResponse({"status": "ok", "version": request.parts.settings.version})


@public("/ready")
async def ready(request: PageRequest) -> Response:
    """200 while the database and Temporal answer, else 503; which part is missing stands in the body."""
    names = ("database", "temporal")
    checks = (_database(request), request.parts.temporal_answers())
    found = await asyncio.gather(*(asyncio.wait_for(check, SOON_S) for check in checks), return_exceptions=True)
    parts = {
        name: "ok" if not isinstance(outcome, BaseException) else explained(outcome).message
        for name, outcome in zip(names, found, strict=True)
    }
    everything = set(parts.values()) == {"ok"}
    return JSONResponse({"ready": everything, "parts": parts}, status_code=200 if everything else 503)


async def _database(request: PageRequest) -> None:
    async with request.parts.pool.acquire(timeout=SOON_S) as connection:
        await connection.fetchval("select 1")


ROUTES = [health, ready]
