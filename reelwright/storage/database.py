"""Connecting to PostgreSQL, and its errors in our words. No message here ever holds the connection string."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg

from reelwright.domain.errors import InvalidInput, OutOfSpace, ProviderUnavailable
from reelwright.domain.redaction import know_address

FIELD = "DATABASE_URL"


def plain_dsn(dsn: str) -> str:
    """The DSN in asyncpg's form; SQLAlchemy's `postgresql+asyncpg://` is accepted too."""
    return dsn.replace("postgresql+asyncpg://", "postgresql://", 1)


@contextmanager
def database_errors() -> Iterator[None]:
    """Turns what asyncpg and the network raise into typed errors. Programming errors pass unchanged."""
    try:
        yield
    except asyncpg.DiskFullError as error:
        raise OutOfSpace("the database's disk is full", field="database", remedy="free some space") from error
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        raise ProviderUnavailable(
            "the database refuses the user or the password", field=FIELD, remedy="check the connection string"
        ) from error
    except asyncpg.InvalidCatalogNameError as error:
        raise ProviderUnavailable(
            "the server has no such database", field=FIELD, remedy="create it, or check the name"
        ) from error
    except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
        raise InvalidInput(
            f"the database does not take this value ({getattr(error, 'constraint_name', None) or error.sqlstate})",
            field="value",
            remedy="check what is being recorded",
        ) from error
    except asyncpg.UndefinedTableError as error:
        raise ProviderUnavailable(
            "the database has not been migrated", field="database", remedy="run the migrations"
        ) from error
    except (
        OSError,
        TimeoutError,
        asyncpg.PostgresConnectionError,
        asyncpg.CannotConnectNowError,
        asyncpg.TooManyConnectionsError,
        asyncpg.OperatorInterventionError,
        asyncpg.SerializationError,
        asyncpg.DeadlockDetectedError,
        asyncpg.InterfaceError,
    ) as error:
        if isinstance(error, ValueError):  # asyncpg's own "wrong type of argument", which is a bug and not an outage
            raise
        raise ProviderUnavailable(
            f"the database does not answer ({type(error).__name__})",
            field="database",
            remedy="check that PostgreSQL is running and reachable",
        ) from error


async def connect(dsn: str, min_size: int = 0, max_size: int = 8, *, tried: bool = True) -> Any:
    """An `asyncpg.Pool`, tried once so that a wrong address is found now and not at the first use; without `tried`, for
    a process that is to start also while the database is away.

    Raises `InvalidInput` for a string that is no PostgreSQL address and `ProviderUnavailable` when it does not answer.
    """
    _check_address(dsn)
    know_address(plain_dsn(dsn), lasting=True)
    pool = asyncpg.create_pool(plain_dsn(dsn), min_size=min_size, max_size=max_size, command_timeout=60)
    try:
        with database_errors():
            await pool
            if tried:
                await pool.fetchval("select 1", timeout=60)  # a busy machine is no outage
    except ValueError:  # asyncpg parses the address when it first connects, and quotes it when it cannot
        raise _no_address() from None
    except BaseException:
        pool.terminate()
        raise
    return pool


def _check_address(dsn: str) -> None:
    if not dsn.startswith(("postgresql://", "postgres://", "postgresql+asyncpg://")):
        raise _no_address()


def _no_address() -> InvalidInput:
    return InvalidInput("not a PostgreSQL address", field=FIELD, remedy="write postgresql://user:password@host/name")


@asynccontextmanager
async def transaction(pool: Any) -> AsyncIterator[Any]:
    """A connection inside a transaction, with `database_errors` around all of it."""
    with database_errors():
        async with pool.acquire() as connection, connection.transaction():
            yield connection


@asynccontextmanager
async def connection_of(dsn: str) -> AsyncIterator[Any]:
    """One connection of its own, closed afterwards. Raises as `connect` does."""
    _check_address(dsn)
    know_address(plain_dsn(dsn), lasting=True)
    with database_errors():
        try:
            connection = await asyncpg.connect(plain_dsn(dsn), timeout=15)
        except ValueError:  # it quotes the address
            raise _no_address() from None
        try:
            yield connection
        finally:
            await connection.close()
