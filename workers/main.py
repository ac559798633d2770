"""What the three entry points share: settings, logging, a connection that waits for its server, the pool itself."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Coroutine
from typing import Any, Literal

from temporalio.client import Client
from tenacity import before_sleep_log, retry, retry_if_exception_type, wait_exponential

from reelwright.domain.errors import ProviderUnavailable, ReelwrightError
from workflows import policies

from .connect import connect, register_search_attributes
from .health import Health, endpoint
from .logs import keep_logs_clean
from .model_watch import model_watch
from .pools import cpu_workers, media_worker, serve
from .promotion import promote_at_start
from .settings import Settings, load_settings
from .versions import deployment_config
from .wiring import cpu_staff, media_staff

log = logging.getLogger("workers")


async def run_cpu(settings: Settings) -> None:
    """The cpu pool: workflows, light activities, publishing."""
    health = Health("cpu")
    async with endpoint(health, port=settings.health_port, file=settings.health_file):
        client = await _patient_connect()
        await register_search_attributes(client)
        async with cpu_staff(settings, client) as staff:
            workers = cpu_workers(client, staff, identity=health.identity, deployment=deployment_config(settings))
            with model_watch(settings):
                await serve(
                    client, workers, name="cpu", health=health, when_polling=lambda: promote_at_start(client, settings)
                )


async def run_media(settings: Settings, pool: Literal["render", "gpu"]) -> None:
    """The render pool, or the same work on a machine with a graphics card."""
    health = Health(pool)
    async with endpoint(health, port=settings.health_port, file=settings.health_file):
        client = await _patient_connect()
        async with media_staff(settings) as staff:
            worker = media_worker(
                client,
                staff,
                queue=policies.media_queue(pool),
                slots=settings.render_slots,
                identity=health.identity,
            )
            await serve(client, [worker], name=pool, health=health)


def start(pool: Literal["cpu", "render", "gpu"]) -> None:
    """Runs a pool as this process, until SIGINT or SIGTERM. Exit code 1 with one line when it cannot be run."""
    os.umask(0o077)  # media, scratch files and caches are for the studio's own user
    keep_logs_clean()
    try:
        settings = load_settings()
        logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        work: Coroutine[Any, Any, None] = run_cpu(settings) if pool == "cpu" else run_media(settings, pool)
        asyncio.run(work)
    except ReelwrightError as error:
        print(f"{pool} pool: {error}", file=sys.stderr)
        sys.exit(1)


@retry(
    retry=retry_if_exception_type(ProviderUnavailable),
    wait=wait_exponential(multiplier=0.5, max=15),
    before_sleep=before_sleep_log(log, logging.WARNING),
)
async def _patient_connect() -> Client:
    """A server that is away costs time and nothing else."""
    return await connect()
