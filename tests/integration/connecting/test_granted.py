"""A consent that is given, on every platform: from the button to a token that works."""

from __future__ import annotations

import json
from typing import Any

import pytest

from control import connected as afterwards
from control.connecting import Desk
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin

from ..conftest import Sandbox
from .kit import Browser, answered, begun, connected, fresh, log_of

BY_PAGE = [platform for platform in Platform if platform is not Platform.BLUESKY]


@pytest.mark.parametrize("platform", BY_PAGE)
async def test_from_the_button_to_a_token_that_works(
    platform: Platform, desk: Desk, sandbox: Sandbox, pool: Any
) -> None:
    name = fresh()
    done = await connected(desk, sandbox, platform, name)
    assert (done.account, done.lacks, done.replaced) == (name, (), False)
    info = await desk.books.accounts.find(platform, name)
    token = await desk.books.accounts.token(platform, name)
    assert info is not None and info.external_id == done.identity.external_id
    assert token is not None and token.origin is Origin.SANDBOX and token.scopes
    found = await afterwards.check(desk, platform, name)
    assert (found.state, found.problems, found.lacks) == ("works", (), ())
    assert found.external_id == info.external_id
    row = await pool.fetchrow("select * from audit where action = 'account.connect' order by sequence desc limit 1")
    told = json.loads(row["after"])
    assert (row["who"], row["subject"], told["external_id"]) == ("ada", f"{platform}/{name}", info.external_id)
    for secret in (token.access_token.get_secret_value(), token.refresh_token.get_secret_value()):
        assert not secret or secret not in str(dict(row))
    assert set(told["scopes"]) == set(done.scopes) and told["lacks"] == [] and told["way"] == "loopback"


@pytest.mark.parametrize("platform", BY_PAGE)
async def test_what_is_kept_is_sealed_and_what_was_asked_is_as_it_should_be(
    platform: Platform, desk: Desk, sandbox: Sandbox, pool: Any
) -> None:
    start = await begun(desk, platform, fresh())
    address = await Browser(sandbox.client).visit(start.url)
    row = str(dict(await pool.fetchrow("select * from connections where id = $1", start.connection.id)))
    assert start.state.get_secret_value() not in row
    held = await answered(desk, platform, address)
    row = str(dict(await pool.fetchrow("select * from connections where id = $1", start.connection.id)))
    assert "sealed_asked': None" in row and "EAA" not in row and "access_token" not in row
    assert "token" not in held.model_dump_json().lower()
    log = await log_of(sandbox, platform)
    asked, exchanged = (next(line for line in log if line["what"] == what) for what in ("authorize", "exchange"))
    proof = platform not in (Platform.FACEBOOK, Platform.INSTAGRAM, Platform.LINKEDIN)
    assert asked["pkce"] is exchanged["pkce"] is proof
    assert exchanged["redirect_equal"] and exchanged["tries"] == 1 and not exchanged["secret_in_query"]
