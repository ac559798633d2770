"""Upgrades a database to the schema that this version of the program requires."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from .database import connection_of

_LOCK = 0x7265656C
"""The advisory lock's number ("reel"): a migration holds it until its transaction ends."""


def _config(output: io.StringIO | None = None) -> Config:
    config = Config(output_buffer=output, stdout=output or io.StringIO())
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    return config


def newest_version() -> str | None:
    """The revision that `migrate` leads to."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def upgrade_sql(current: str | None, to: str = "head") -> str:
    """The SQL from revision `current` (None: an empty database) to revision `to`; empty when there is nothing to do."""
    if current == (newest_version() if to == "head" else to):
        return ""
    output = io.StringIO()
    command.upgrade(_config(output), f"{current}:{to}" if current else to, sql=True)
    return output.getvalue()


async def migrate(dsn: str, to: str = "head") -> None:
    """Upgrades to a revision, the newest one by default, all or nothing. A second caller waits and then finds nothing
    to do."""
    async with connection_of(dsn) as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
        if sql := upgrade_sql(await _current(connection), to):
            await connection.execute(sql)


async def schema_version(dsn: str) -> str | None:
    """The revision the database is at; None for one that was never migrated."""
    async with connection_of(dsn) as connection:
        return await _current(connection)


async def _current(connection: Any) -> str | None:
    if await connection.fetchval("select to_regclass('alembic_version') is null"):
        return None
    version: str | None = await connection.fetchval("select version_num from alembic_version")
    return version
