"""The tables `channel_versions` and `channels_in_force`. Implements `domain.ports.channels.ChannelBook`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import asyncpg
from pydantic import ValidationError

from reelwright.domain.channels.versions import DEPTH, Applied, ChannelMoved, ChannelVersion
from reelwright.domain.errors import InvalidInput, NotFound, ProviderUnavailable

from .audit import as_stored, newest_after, record, turn
from .database import transaction

if TYPE_CHECKING:  # a command in a studio where no channel was applied loads none of this
    from reelwright.domain.channels.config import ChannelConfig
    from reelwright.domain.channels.in_force import InForce
    from reelwright.domain.content.policy import ModerationPolicy

BY_CHARS = 100
_ROW = "name, version, config, applied_by, applied_at, restored"
_NEWEST = f"select distinct on (name) {_ROW} from channel_versions order by name, version desc"  # noqa: S608
_LOCK = "hashtextextended('channel_versions', 0)"
"""Changes take turns, since each is checked against all other channels."""


class PostgresChannels:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    # --- changes ----------------------------------------------------------------------------------------------------

    async def apply(
        self, configs: Sequence[ChannelConfig], *, by: str, expected: Mapping[str, int] | None = None
    ) -> list[Applied]:
        """Adds a version of each channel whose configuration has changed, all or none. Raises `ChannelRefused` for what
        the channels do not allow together, and `ChannelMoved` where the newest version of a channel is not the
        `expected` one (0: there is none)."""
        async with transaction(self._pool) as connection:
            newest = await _locked_newest(connection)
            _check_expected(newest, expected or {})
            _check(newest, {config.name: config for config in configs})
            return [await _add(connection, newest.get(config.name), config, by) for config in configs]

    async def change(
        self,
        name: str,
        changed: Callable[[ChannelConfig], ChannelConfig],
        *,
        by: str,
        expected: Mapping[str, int] | None = None,
    ) -> Applied:
        """Adds a version in which something is changed; the first one of a channel that was never applied. Raises as
        `apply`."""
        from reelwright.domain.channels.config import ChannelConfig

        async with transaction(self._pool) as connection:
            newest = await _locked_newest(connection)
            _check_expected(newest, expected or {})
            before = newest[name].config if name in newest else ChannelConfig(name=name)
            config = changed(before)
            _check(newest, {name: config})
            return await _add(connection, newest.get(name), config, by)

    async def rollback(self, name: str, version: int, *, by: str, expected: Mapping[str, int] | None = None) -> Applied:
        """Adds a version with an earlier version's configuration. Raises as `apply`, and `InvalidInput` for a version
        that does not exist."""
        async with transaction(self._pool) as connection:
            newest = await _locked_newest(connection)
            _check_expected(newest, expected or {})
            old = await _found(connection, name, version)
            _check(newest, {name: old.config})
            return await _add(connection, newest[name], old.config, by, restored=version)

    async def without_account(self, config: ChannelConfig) -> tuple[str, ...]:
        """Those of the accounts that the configuration itself names that do not exist yet, as `platform/account`."""
        wanted = [f"{platform.value}/{name}" for platform, names in config.accounts.items() for name in names]
        async with transaction(self._pool) as connection:
            rows = await connection.fetch("select platform || '/' || name as place from accounts")
        known = {row["place"] for row in rows}
        return tuple(place for place in wanted if place not in known)

    # --- reading ----------------------------------------------------------------------------------------------------

    async def newest(self) -> dict[str, ChannelVersion]:
        """The newest version of every channel, by name."""
        async with transaction(self._pool) as connection:
            return await _newest(connection)

    async def find(self, name: str, version: int | None = None) -> ChannelVersion:
        """A version, the newest one if none is named. Raises `InvalidInput` where it does not exist."""
        async with transaction(self._pool) as connection:
            return await _found(connection, name, version)

    async def history(self, name: str) -> list[ChannelVersion]:
        """All versions, newest first; empty for an unknown channel."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                f"select {_ROW} from channel_versions where name = $1 order by version desc",  # noqa: S608
                name,
            )
        return [_version(row) for row in rows]

    async def line(self, name: str) -> list[tuple[int, ChannelConfig]]:
        """The newest version of the channel and of those it extends, as they stand at one moment."""
        async with transaction(self._pool) as connection:
            return await line_of(connection, name)

    # --- contents ---------------------------------------------------------------------------------------------------

    async def kept(self, content_id: str) -> InForce | None:
        """What a content has from its channel, once that is recorded."""
        from reelwright.domain.channels.in_force import InForce

        async with transaction(self._pool) as connection:
            text = await connection.fetchval("select in_force from channels_in_force where content_id = $1", content_id)
        return InForce.model_validate_json(text) if text else None

    async def keep(self, content_id: str, found: InForce) -> InForce:
        """Records it; what was recorded first stays. Raises `InvalidInput` for an unknown content."""
        async with transaction(self._pool) as connection:
            try:
                await connection.execute(
                    """insert into channels_in_force (content_id, channel, version, in_force) values ($1, $2, $3, $4)
                       on conflict (content_id) do nothing""",
                    content_id,
                    found.channel,
                    found.version,
                    found.model_dump_json(),
                )
            except asyncpg.ForeignKeyViolationError as error:
                raise InvalidInput(
                    f"there is no content {content_id[:120]!r}", field="content_id", remedy="open it first"
                ) from error
            text = await connection.fetchval("select in_force from channels_in_force where content_id = $1", content_id)
            kept = type(found).model_validate_json(text)
            if kept.policy is not None:
                await _note_policy(connection, kept.policy, content_id)
        return kept


async def _note_policy(connection: Any, policy: ModerationPolicy, content_id: str) -> None:
    """A policy is a file: that it has changed is seen, and recorded, when the first content begins under it."""
    subject, after = f"policy/{policy.name}", as_stored(policy.model_dump(mode="json", exclude_defaults=True))
    if await newest_after(connection, "policy.change", subject) == after:
        return
    await turn(connection)
    before = await newest_after(connection, "policy.change", subject)
    if before != after:  # another content may have been quicker
        await record(connection, "policy.change", subject, content_id=content_id, before=before, after=after)


async def line_of(connection: Any, name: str) -> list[tuple[int, ChannelConfig]]:
    """What `PostgresChannels.line` returns, within a transaction."""
    found: list[tuple[int, ChannelConfig]] = []
    await connection.execute(f"select pg_advisory_xact_lock_shared({_LOCK})")
    wanted: str | None = name
    while wanted is not None and len(found) < DEPTH:
        row = await connection.fetchrow(
            f"select {_ROW} from channel_versions where name = $1 order by version desc limit 1",  # noqa: S608
            wanted,
        )
        if row is None:
            break
        version = _version(row)
        found.append((version.version, version.config))
        wanted = version.config.extends
    return found


async def _locked_newest(connection: Any) -> dict[str, ChannelVersion]:
    await connection.execute(f"select pg_advisory_xact_lock({_LOCK})")
    return await _newest(connection)


def _check_expected(newest: Mapping[str, ChannelVersion], expected: Mapping[str, int]) -> None:
    for name, version in expected.items():
        found = newest[name].version if name in newest else 0
        if found != version:
            raise ChannelMoved(name, found)


async def _newest(connection: Any) -> dict[str, ChannelVersion]:
    return {row["name"]: _version(row) for row in await connection.fetch(_NEWEST)}


async def _found(connection: Any, name: str, version: int | None) -> ChannelVersion:
    rows = []
    if "\0" not in name and (version is None or 0 < version < 2**31):
        rows = await connection.fetch(
            f"""select {_ROW} from channel_versions where name = $1 and ($2::integer is null or version = $2)
                order by version desc limit 1""",  # noqa: S608
            name,
            version,
        )
    if rows:
        return _version(rows[0])
    known = version is not None and await connection.fetchval(
        "select max(version) from channel_versions where name = $1", name
    )
    if known:
        raise NotFound(f"{name} has no version {version}", field="version", remedy=f"its versions are 1 to {known}")
    raise NotFound(
        f"nothing was applied under the name {name[:64]!r}", field="name", remedy="see `reelwright channel list`"
    )


async def _add(
    connection: Any, before: ChannelVersion | None, config: ChannelConfig, by: str, *, restored: int | None = None
) -> Applied:
    if before is not None and before.config.as_data() == config.as_data():
        return Applied(before, new=False)
    row = await connection.fetchrow(
        f"""insert into channel_versions (name, version, config, applied_by, restored) values ($1, $2, $3, $4, $5)
            returning {_ROW}""",  # noqa: S608
        config.name,
        before.version + 1 if before else 1,
        json.dumps(config.as_data()),
        by[:BY_CHARS],
        restored,
    )
    old, new = before.config.as_data() if before else {}, config.as_data()
    await record(
        connection,
        "channel.rollback" if restored else "budget.set" if _only_budget(old, new) else "channel.apply",
        config.name,
        by=by,
        before={"version": before.version, "config": old} if before else None,
        after={"version": row["version"], "config": new},
    )
    return Applied(_version(row), new=True)


def _only_budget(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether nothing but the budget differs."""
    rest = [{name: value for name, value in each.items() if name not in ("name", "budget")} for each in (old, new)]
    return rest[0] == rest[1] and old.get("budget") != new.get("budget")


def _check(newest: Mapping[str, ChannelVersion], changed: Mapping[str, ChannelConfig]) -> None:
    from reelwright.domain.channels.inheritance import check_change

    check_change({name: version.config for name, version in newest.items()}, changed)


def _version(row: Any) -> ChannelVersion:
    from reelwright.domain.channels.config import ChannelConfig

    values = dict(row)
    try:
        config = ChannelConfig.model_validate_json(values["config"])
    except ValidationError as error:
        raise ProviderUnavailable(
            f"version {values['version']} of channel {values['name']} was written by a newer release",
            field="channel",
            remedy="update this one",
        ) from error
    return ChannelVersion(**{**values, "config": config})
