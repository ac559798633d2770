"""Versions of channels in a real PostgreSQL: added in order, never changed, and what a content has of them."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from reelwright.domain.channels.config import ChannelConfig
from reelwright.domain.channels.in_force import InForce
from reelwright.domain.channels.inheritance import ChannelRefused
from reelwright.domain.errors import InvalidInput
from reelwright.storage.channels import PostgresChannels
from reelwright.storage.database import connect, connection_of
from reelwright.storage.migrate import migrate
from tests.integration.storage.filing import fresh
from tests.servers import Servers, blank


def channel(name: str, **fields: Any) -> ChannelConfig:
    return ChannelConfig.model_validate({"name": name, **fields})


@pytest.fixture
def channels(pool: Any) -> PostgresChannels:
    return PostgresChannels(pool)


async def test_a_change_is_a_version_and_a_rollback_is_one_too(channels: PostgresChannels) -> None:
    name = fresh()
    first, second = channel(name, languages=["en"]), channel(name, languages=["de"])
    [one] = await channels.apply([first], by="ana")
    [same] = await channels.apply([channel(name, languages=["en"])], by="ben")
    assert (one.new, one.version.version, same.new, same.version) == (True, 1, False, one.version)
    await channels.apply([second], by="ben")
    back = await channels.rollback(name, 1, by="cleo")
    assert (back.new, back.version.version, back.version.config) == (True, 3, first)
    told = [(v.version, v.applied_by, v.restored, v.config.languages) for v in await channels.history(name)]
    assert told == [(3, "cleo", 1, ("en",)), (2, "ben", None, ("de",)), (1, "ana", None, ("en",))]
    assert not (await channels.rollback(name, 3, by="cleo")).new
    assert (await channels.find(name)).version == 3 and (await channels.find(name, 2)).config == second
    for version in (4, 0, 2**40):
        with pytest.raises(InvalidInput, match=rf"^version: {name} has no version {version}; its versions are 1 to 3"):
            await channels.find(name, version)
    with pytest.raises(InvalidInput, match=r"^name: nothing was applied under the name"):
        await channels.rollback(fresh(), 1, by="cleo")


@pytest.mark.parametrize("change", ["update channel_versions set config = '{}'", "delete from channel_versions"])
async def test_a_version_cannot_be_changed(channels: PostgresChannels, pool: Any, change: str) -> None:
    name = fresh()
    await channels.apply([channel(name)], by="ana")
    with pytest.raises(asyncpg.RestrictViolationError, match="not changed"):
        await pool.execute(f"{change} where name = $1", name)


async def test_those_who_apply_at_once_take_turns(channels: PostgresChannels) -> None:
    name, languages = fresh(), ("en", "de", "fr", "es", "it", "pt")
    made = await asyncio.gather(*(channels.apply([channel(name, languages=[one])], by=one) for one in languages))
    assert sorted(one.version.version for [one] in made) == [1, 2, 3, 4, 5, 6]
    assert {v.applied_by: v.config.languages for v in await channels.history(name)} == {
        one: (one,) for one in languages
    }
    again = await asyncio.gather(*(channels.apply([channel(name, languages=["nl"])], by="x") for _ in range(4)))
    assert sorted(one.new for [one] in again) == [False, False, False, True], "the same twice is one version"


async def test_two_changes_that_do_not_go_together_are_not_both_made(channels: PostgresChannels) -> None:
    a, b = fresh(), fresh()
    await channels.apply([channel(a), channel(b)], by="ana")
    ended = await asyncio.gather(
        channels.apply([channel(a, extends=b)], by="ana"),
        channels.apply([channel(b, extends=a)], by="ben"),
        return_exceptions=True,
    )
    assert [type(one) for one in ended].count(ChannelRefused) == 1
    assert sorted([(await channels.find(a)).version, (await channels.find(b)).version]) == [1, 2]


async def test_all_or_none_are_applied(channels: PostgresChannels) -> None:
    a, b = fresh(), fresh()
    with pytest.raises(ChannelRefused, match="there is no channel"):
        await channels.apply([channel(a), channel(b, extends=fresh())], by="ana")
    assert await channels.history(a) == []
    applied = await channels.apply([channel(b, extends=a), channel(a)], by="ana")  # in any order
    assert [one.version.name for one in applied] == [b, a]
    await channels.apply([channel(a, languages=["de"])], by="ana")
    assert [(version, config.name) for version, config in await channels.line(b)] == [(1, b), (2, a)]
    assert await channels.line(fresh()) == []


async def test_a_content_keeps_what_is_recorded_first(channels: PostgresChannels, content: str) -> None:
    assert await channels.kept(content) is None
    found = InForce(channel="kids", version=3, parents={"base": 2}, inherited={"privacy": "unlisted"})
    kept = await asyncio.gather(
        channels.keep(content, found), channels.keep(content, found.model_copy(update={"version": 4}))
    )
    assert kept[0] == kept[1] == await channels.kept(content)
    with pytest.raises(InvalidInput, match="there is no content"):
        await channels.keep(fresh(), found)


async def test_what_was_begun_before_channels_were_versioned_inherits_nothing(servers: Servers) -> None:
    dsn = await blank(servers.need("postgres"))
    await migrate(dsn, to="0007")
    async with connection_of(dsn) as connection:
        for content, request in (("named", '{"channel": "kids"}'), ("plain", "{}")):
            await connection.execute(
                "insert into content (id, workflow_id, request, request_sha256) values ($1, $1, $2, repeat('a', 64))",
                content,
                request,
            )
    await migrate(dsn)
    pool = await connect(dsn, max_size=2)
    try:
        channels = PostgresChannels(pool)
        await channels.apply([channel("kids", languages=["de"])], by="ana")
        for content, name in (("named", "kids"), ("plain", "default")):
            found = await channels.kept(content)
            assert found is not None and (found.channel, found.version, found.inherited) == (name, 0, {})
    finally:
        await pool.close()
