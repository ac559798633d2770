"""People, sessions, tokens and rate limits on a real PostgreSQL: who may come in, and what is on record of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from control import exchange, pauses, people, signing_in
from control.studio import Books
from reelwright.domain.errors import InvalidInput, NotFound
from reelwright.domain.formats import Platform
from reelwright.domain.people import ApiToken, Caller, NotAllowed, NotSignedIn, Role, Session, TooMany
from reelwright.storage.audit import PostgresAudit
from reelwright.storage.rate_limits import Rate, take
from reelwright.storage.vault import Vault
from tests.servers import Servers, emptied

from .conftest import database_of_its_own

PASSWORD = "nine otters under a red bridge"
FROM = {"address": "192.0.2.7", "agent": "Firefox"}


@pytest.fixture(scope="module")
async def database(servers: Servers) -> AsyncIterator[Any]:
    async with database_of_its_own(servers) as pool:
        yield pool


@pytest.fixture
async def books(database: Any) -> Books:
    """Books without rows, opened by the user of this machine."""
    await emptied(database)
    return Books(database, SecretStr(Vault.new_key()), Caller(name="root", role=Role.ADMIN))


def of(books: Books, session: Session) -> Books:
    return replace(books, caller=session.caller)


async def somebody(books: Books, name: str, role: Role = Role.VIEWER) -> tuple[str, Session]:
    """A person with a session: (the cookie's value, the session)."""
    await people.add(books, name, role, by="root")
    secret = await people.password_link(books, name, by="root")
    return await signing_in.use_password_link(books, secret, PASSWORD, **FROM)


async def actions(books: Books) -> list[tuple[str, str, str]]:
    rows = await PostgresAudit(books.pool).page(100)
    return [(row.who, row.action, row.subject) for row in reversed(rows)]


# --- the first start --------------------------------------------------------------------------------------------------


async def test_the_first_link_makes_one_admin_once(books: Books) -> None:
    older, link = await signing_in.first_link(books), await signing_in.first_link(books)
    assert older and link
    with pytest.raises(InvalidInput, match="opens nothing"):
        await signing_in.begin(books, older, "mia", PASSWORD, **FROM)
    cookie, session = await signing_in.begin(books, link, "Zoë  Ångström", PASSWORD, **FROM)
    assert (session.person, session.role) == ("Zoë Ångström", Role.ADMIN)
    assert await signing_in.caller_of_session(books, cookie) == session.caller
    with pytest.raises(InvalidInput, match="made already"):
        await signing_in.begin(books, link, "eve", PASSWORD, **FROM)
    assert await signing_in.first_link(books) is None
    assert [action for _, action, _ in await actions(books)] == ["person.add", "session.begin"]


async def test_of_two_first_admins_at_once_one_is_made(books: Books) -> None:
    link = await signing_in.first_link(books)
    assert link
    both = (signing_in.begin(books, link, name, PASSWORD, **FROM) for name in ("ana", "bo"))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(isinstance(outcome, InvalidInput) for outcome in outcomes) == [False, True]
    assert len(await people.people(books)) == 1


async def test_a_first_link_expires(books: Books) -> None:
    link = await signing_in.first_link(books)
    assert link
    await books.pool.execute("update door_links set expires_at = now()")
    with pytest.raises(InvalidInput, match="opens nothing"):
        await signing_in.begin(books, link, "ana", PASSWORD, **FROM)


# --- signing in -------------------------------------------------------------------------------------------------------


async def test_signing_in_gives_a_new_session_and_ends_the_planted_one(books: Books) -> None:
    planted, before = await somebody(books, "ana")
    cookie, session = await signing_in.sign_in(books, "ANA", PASSWORD, before=planted, **FROM)
    assert session.id != before.id and cookie != planted
    assert await signing_in.caller_of_session(books, planted) is None
    assert await signing_in.caller_of_session(books, cookie) == session.caller


@pytest.mark.parametrize("name, password", [("ana", "wrong wrong wrong"), ("nobody", PASSWORD), ("a\0", PASSWORD)])
async def test_what_was_wrong_is_not_told(books: Books, name: str, password: str) -> None:
    await somebody(books, "ana")
    with pytest.raises(NotSignedIn) as raised:
        await signing_in.sign_in(books, name, password, **FROM)
    assert raised.value.message == "the name or the password is wrong"


async def test_the_secret_of_a_session_is_nowhere_in_the_database(books: Books) -> None:
    cookie, _ = await somebody(books, "ana")
    token, _ = await people.make_token(books, "ana", label="x", role=Role.VIEWER, life=timedelta(days=1), by="root")
    for table in ("people", "sessions", "api_tokens", "door_links", "audit"):
        text = await books.pool.fetchval(f"select coalesce(string_agg(t::text, ''), '') from {table} t")
        for secret in (cookie, token, PASSWORD):
            assert secret not in text, table


async def test_a_session_ends_when_idle_and_after_a_week(books: Books) -> None:
    cookie, session = await somebody(books, "ana")
    assert await signing_in.still_open(books, session.caller)
    await books.pool.execute("update sessions set seen_at = now() - interval '13 hours'")
    assert await signing_in.caller_of_session(books, cookie) is None
    await books.pool.execute("update sessions set seen_at = now(), expires_at = now()")
    assert await signing_in.caller_of_session(books, cookie) is None
    assert not await signing_in.still_open(books, session.caller)


async def test_a_stolen_session_is_revoked_at_once(books: Books) -> None:
    cookie, session = await somebody(books, "ana")
    other, _ = await signing_in.sign_in(books, "ana", PASSWORD, **FROM)
    assert await people.end_session(of(books, session), session.id, by="")
    assert await signing_in.caller_of_session(books, cookie) is None
    assert await signing_in.caller_of_session(books, other)
    assert not await people.end_session(books, session.id, by="root")
    assert ("ana", "session.end", "ana") in await actions(books)


async def test_nobody_ends_the_session_of_another(books: Books) -> None:
    _, ana = await somebody(books, "ana", Role.OPERATOR)
    _, bo = await somebody(books, "bo")
    assert not await people.end_session(of(books, ana), bo.id, by="ana")
    with pytest.raises(NotAllowed, match="needs the role admin"):
        await people.end_sessions(of(books, ana), "bo", by="ana")
    with pytest.raises(NotAllowed):
        await people.sessions(of(books, ana))
    assert [one.id for one in await people.sessions(of(books, ana), "Ana")] == [ana.id]
    assert len(await people.sessions(books)) == 2


async def test_too_many_tries_are_slowed_down_whatever_the_address(books: Books) -> None:
    await somebody(books, "ana")
    for number in range(signing_in.BY_NAME.burst):
        with pytest.raises(NotSignedIn):
            await signing_in.sign_in(books, "Ana", "wrong", address=f"198.51.100.{number}", agent="")
    with pytest.raises(TooMany) as raised:
        await signing_in.sign_in(books, "ana", PASSWORD, address="203.0.113.1", agent="")
    assert 0 < raised.value.retry_after_s <= signing_in.BY_NAME.every_s
    text = await books.pool.fetchval("select string_agg(key, ' ') from rate_limits")
    assert "ana" not in text.lower(), "what is typed as a name may be a password"


async def test_one_address_is_slowed_down_whatever_the_name(books: Books) -> None:
    for number in range(signing_in.BY_ADDRESS.burst):
        await signing_in.slow_down(books, "", f"2001:db8::{number:x}")
    with pytest.raises(TooMany):
        await signing_in.slow_down(books, "", "2001:db8::ffff:1")
    await signing_in.slow_down(books, "", "2001:db8:0:1::1")


async def test_a_bucket_gives_its_burst_once_also_to_many_at_once(books: Books) -> None:
    rate = Rate(5, 1_000)
    waits = await asyncio.gather(*(take(books.pool, "all", rate) for _ in range(20)))
    assert sorted(wait == 0 for wait in waits) == [False] * 15 + [True] * 5
    assert all(0 < wait <= 1_000 for wait in waits if wait)
    await books.pool.execute("update rate_limits set at = at - interval '2100 seconds'")
    assert [await take(books.pool, "all", rate) == 0 for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaaaa", "ana ana ana", "ananananananana", "x" * 300])
async def test_a_password_must_not_be_short_or_guessable(books: Books, password: str) -> None:
    await people.add(books, "ana", Role.VIEWER, by="root")
    with pytest.raises(InvalidInput) as raised:
        await people.set_password(books, "ana", password, by="root")
    assert raised.value.field == "password" and password not in str(raised.value)


async def test_a_password_typed_on_another_keyboard_is_the_same(books: Books) -> None:
    await people.add(books, "ana", Role.VIEWER, by="root")
    await people.set_password(books, "ana", "caf\u00e9 und Brücken", by="root")
    await signing_in.sign_in(books, "ana", "cafe\u0301 und Brücken", **FROM)


async def test_an_older_hash_is_made_anew_when_its_password_is_given(books: Books) -> None:
    from argon2 import PasswordHasher

    await people.add(books, "ana", Role.VIEWER, by="root")
    older = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await books.people.set_password("ana", older, by="root")
    await signing_in.sign_in(books, "ana", PASSWORD, **FROM)
    kept = await books.pool.fetchval("select password from people")
    assert "m=19456,t=2,p=1" in kept
    await signing_in.sign_in(books, "ana", PASSWORD, **FROM)
    assert await books.pool.fetchval("select password from people") == kept


async def test_changing_ones_password_ends_the_other_sessions(books: Books) -> None:
    cookie, session = await somebody(books, "ana")
    other, _ = await signing_in.sign_in(books, "ana", PASSWORD, **FROM)
    with pytest.raises(NotSignedIn) as raised:
        await people.change_password(of(books, session), "not this one", "eleven geese on the roof")
    assert raised.value.field == "before"
    assert await people.change_password(of(books, session), PASSWORD, "eleven geese on the roof") == 1
    assert await signing_in.caller_of_session(books, other) is None
    assert await signing_in.caller_of_session(books, cookie)
    await signing_in.sign_in(books, "ana", "eleven geese on the roof", **FROM)


# --- people -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "<b>ana</b>", "ana\u202egnp", "-x", "a\nb", "x" * 65, "a\0b", "\u200bana", "a;b"])
async def test_a_name_that_would_not_be_read_as_it_is_is_refused(books: Books, name: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        await people.add(books, name, Role.VIEWER, by="root")
    assert raised.value.field == "name"


@pytest.mark.parametrize("name", ["हिन्दी नाम", "O'Brien-Li", "ana@example.org", "李小龙", "ก้อง"])
async def test_names_of_all_scripts_are_taken(books: Books, name: str) -> None:
    await people.add(books, name, Role.VIEWER, by="root")
    with pytest.raises(InvalidInput, match="is taken"):
        await people.add(books, name.upper(), Role.VIEWER, by="root")


async def test_another_role_ends_the_sessions(books: Books) -> None:
    cookie, session = await somebody(books, "ana")
    assert (await people.set_role(books, "ana", Role.OPERATOR, by="root")).role is Role.OPERATOR
    assert await signing_in.caller_of_session(books, cookie) is None
    assert not await signing_in.still_open(books, session.caller)
    rows = await PostgresAudit(books.pool).page(1)
    assert (rows[0].action, rows[0].before["role"], rows[0].after["role"]) == ("person.role", "viewer", "operator")


async def test_the_last_admin_stays(books: Books) -> None:
    await somebody(books, "ana", Role.ADMIN)
    for change in (people.disable(books, "ana", by="x"), people.set_role(books, "ana", Role.VIEWER, by="x")):
        with pytest.raises(InvalidInput, match="last admin"):
            await change
    await somebody(books, "bo", Role.ADMIN)
    both = (people.disable(books, name, by="x") for name in ("ana", "bo"))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(isinstance(outcome, InvalidInput) for outcome in outcomes) == [False, True]


async def test_who_is_disabled_is_out_with_all_they_have(books: Books) -> None:
    cookie, _ = await somebody(books, "ana")
    token, _ = await people.make_token(books, "ana", label="x", role=Role.VIEWER, life=timedelta(days=1), by="root")
    link = await people.password_link(books, "ana", by="root")
    await people.disable(books, "ana", by="root")
    assert await signing_in.caller_of_session(books, cookie) is None
    assert await signing_in.caller_of_token(books, token) is None
    with pytest.raises(NotSignedIn):
        await signing_in.sign_in(books, "ana", PASSWORD, **FROM)
    with pytest.raises(InvalidInput, match="opens nothing"):
        await signing_in.use_password_link(books, link, PASSWORD, **FROM)
    await people.enable(books, "ana", by="root")
    await signing_in.sign_in(books, "ana", PASSWORD, **FROM)
    assert await signing_in.caller_of_token(books, token), "the token was not revoked"


async def test_a_password_link_is_used_once_and_only_the_newest(books: Books) -> None:
    await people.add(books, "ana", Role.VIEWER, by="root")
    older, link = [await people.password_link(books, "ana", by="root") for _ in range(2)]
    for secret in (older, "rubbish", "", "x" * 10_000):
        with pytest.raises(InvalidInput, match="opens nothing"):
            await signing_in.use_password_link(books, secret, PASSWORD, **FROM)
    _, session = await signing_in.use_password_link(books, link, PASSWORD, **FROM)
    assert session.way == "link"
    with pytest.raises(InvalidInput, match="opens nothing"):
        await signing_in.use_password_link(books, link, PASSWORD, **FROM)


async def test_only_admins_change_people(books: Books) -> None:
    _, session = await somebody(books, "ana", Role.OPERATOR)
    mine = of(books, session)
    for refused in (
        people.people(mine),
        people.add(mine, "eve", Role.ADMIN, by="ana"),
        people.set_role(mine, "ana", Role.ADMIN, by="ana"),
        people.password_link(mine, "ana", by="ana"),
        people.disable(mine, "ana", by="ana"),
    ):
        with pytest.raises(NotAllowed, match="needs the role admin"):
            await refused
    assert (await people.me(mine)).name == "ana"
    with pytest.raises(NotFound):
        await people.set_role(books, "nobody", Role.VIEWER, by="root")


async def test_who_does_it_is_the_caller_whatever_is_said(books: Books) -> None:
    _, session = await somebody(books, "ana", Role.OPERATOR)
    await pauses.pause(of(books, session), Platform.X, by="somebody else")
    assert [pause.by for pause in await pauses.pauses(books)] == ["ana"]
    await pauses.pause(books, Platform.TIKTOK, by="dana")
    await pauses.pause(books, Platform.YOUTUBE, by="")
    assert {pause.by for pause in await pauses.pauses(books)} == {"ana", "dana", "root"}


# --- tokens -----------------------------------------------------------------------------------------------------------


async def token_of(books: Books, name: str, role: Role = Role.VIEWER) -> tuple[str, ApiToken]:
    return await people.make_token(books, name, label="ci", role=role, life=timedelta(days=1), by="root")


async def test_a_token_acts_for_its_person_until_it_ends(books: Books) -> None:
    await somebody(books, "ana", Role.OPERATOR)
    token, kept = await token_of(books, "Ana", Role.OPERATOR)
    caller = await signing_in.caller_of_token(books, token)
    assert caller == Caller(name="ana", role=Role.OPERATOR, way="token", key=kept.id)
    assert (await people.tokens(books))[0].used_at is not None
    await people.set_role(books, "ana", Role.REVIEWER, by="root")
    caller = await signing_in.caller_of_token(books, token)
    assert caller and caller.role is Role.REVIEWER, "never more than its person"
    await books.pool.execute("update api_tokens set expires_at = now()")
    assert await signing_in.caller_of_token(books, token) is None
    assert (await people.tokens(books, "ana"))[0].state(datetime.now(UTC)) == "expired"


async def test_a_revoked_token_opens_nothing(books: Books) -> None:
    _, session = await somebody(books, "ana")
    _, bo = await somebody(books, "bo", Role.OPERATOR)
    token, kept = await token_of(books, "ana")
    assert not await people.revoke_token(of(books, bo), kept.id, by="bo"), "it is another's"
    assert await people.revoke_token(of(books, session), kept.id, by="ana")
    assert not await people.revoke_token(of(books, session), kept.id, by="ana")
    assert await signing_in.caller_of_token(books, token) is None


async def test_nobody_makes_a_token_that_is_more_than_they_are(books: Books) -> None:
    _, ana = await somebody(books, "ana", Role.REVIEWER)
    await somebody(books, "bo", Role.ADMIN)
    for name, role in (("ana", Role.OPERATOR), ("bo", Role.VIEWER)):
        with pytest.raises(NotAllowed):
            await people.make_token(of(books, ana), name, label="x", role=role, life=timedelta(days=1), by="")
    with pytest.raises(InvalidInput, match="cannot be more than that"):
        await token_of(books, "ana", Role.ADMIN)
    _, kept = await token_of(books, "ana", Role.REVIEWER)
    as_program = replace(books, caller=Caller(name="ana", role=Role.REVIEWER, way="token", key=kept.id))
    with pytest.raises(NotAllowed):
        await people.make_token(as_program, "ana", label="x", role=Role.VIEWER, life=timedelta(days=1), by="")


@pytest.mark.parametrize("label, life, field", [("", 1, "label"), ("a\nb\x1b[2J", 1, "label"), ("x", 400, "expires")])
async def test_a_token_says_what_it_is_for_and_ends(books: Books, label: str, life: int, field: str) -> None:
    await somebody(books, "ana")
    with pytest.raises(InvalidInput) as raised:
        await people.make_token(books, "ana", label=label, role=Role.VIEWER, life=timedelta(days=life), by="root")
    assert raised.value.field == field


async def test_a_form_that_is_sent_twice_makes_one_token(books: Books) -> None:
    await somebody(books, "ana")
    how: dict[str, Any] = {"label": "x", "role": Role.VIEWER, "life": timedelta(days=1), "by": "root"}
    await people.make_token(books, "ana", id="0123456789abcdef", **how)
    with pytest.raises(InvalidInput, match="sent before"):
        await people.make_token(books, "ana", id="0123456789abcdef", **how)
    assert len(await people.tokens(books)) == 1


@pytest.mark.parametrize("token", ["", "rw_", "rw_nothing", "Bearer", "rw_\ud800", "rw_" + "x" * 100_000])
async def test_what_is_no_token_is_nobodys(books: Books, token: str) -> None:
    assert await signing_in.caller_of_token(books, token) is None


async def test_a_token_is_exchanged_for_one_of_minutes(books: Books) -> None:
    await somebody(books, "ana", Role.OPERATOR)
    token, kept = await token_of(books, "ana", Role.OPERATOR)
    caller = await signing_in.caller_of_token(books, token)
    assert caller
    as_program, here = replace(books, caller=caller), "https://studio.example.org"
    signed, expires = await exchange.exchanged(as_program, issuer=here)
    assert timedelta(minutes=14) < expires - datetime.now(UTC) <= timedelta(minutes=15)
    assert await exchange.caller_of_jwt(books, signed, issuer=here) == caller
    assert await exchange.caller_of_jwt(books, signed, issuer="https://other.example.org") is None
    head, body, end = signed.split(".")
    for altered in (f"{head}.{body}.{end[:-4]}AAAA", f"{head}.{body}.", f"e30.{body}.", "a.b.c", "x" * 5_000):
        assert await exchange.caller_of_jwt(books, altered, issuer=here) is None
    past = datetime.now(UTC) - timedelta(minutes=16)
    older, _ = await exchange.exchanged(as_program, issuer=here, now=past)
    assert await exchange.caller_of_jwt(books, older, issuer=here) is None
    rotated = replace(books, secret_key=SecretStr(f"{Vault.new_key()},{books.secret_key.get_secret_value()}"))
    assert await exchange.caller_of_jwt(rotated, signed, issuer=here) == caller
    others = replace(books, secret_key=SecretStr(Vault.new_key()))
    assert await exchange.caller_of_jwt(others, signed, issuer=here) is None
    await people.revoke_token(books, kept.id, by="root")
    assert await exchange.caller_of_jwt(books, signed, issuer=here) is None


async def test_a_session_is_not_exchanged(books: Books) -> None:
    _, session = await somebody(books, "ana")
    with pytest.raises(InvalidInput, match="only an API token"):
        await exchange.exchanged(of(books, session), issuer="https://x.example")


async def test_changes_of_one_caller_are_counted(books: Books) -> None:
    _, session = await somebody(books, "ana")
    for _ in range(signing_in.WRITES.burst):
        await signing_in.count_write(books, session.caller)
    with pytest.raises(TooMany, match="changes at once"):
        for _ in range(20):  # some come back while it is counted
            await signing_in.count_write(books, session.caller)
    await signing_in.count_write(books, Caller(name="bo", role=Role.VIEWER, way="token", key="1"))


# --- an identity provider ---------------------------------------------------------------------------------------------


async def test_who_signs_in_elsewhere_is_one_person_with_the_role_of_there(books: Books) -> None:
    await somebody(books, "ana", Role.ADMIN)
    subject = "https://login.example.org/realm 42"
    _, first = await signing_in.signed_in_elsewhere(books, subject, "ana", Role.OPERATOR, **FROM)
    assert first.person == "ana@login.example.org", "never the local person of that name"
    cookie, again = await signing_in.signed_in_elsewhere(books, subject, "renamed", Role.OPERATOR, **FROM)
    assert again.person == first.person
    _, demoted = await signing_in.signed_in_elsewhere(books, subject, "ana", Role.VIEWER, **FROM)
    assert demoted.role is Role.VIEWER
    assert await signing_in.caller_of_session(books, cookie) is None
    _, second = await signing_in.signed_in_elsewhere(books, f"{subject}3", "ana", Role.VIEWER, **FROM)
    assert second.person == "ana@login.example.org 2"
    await people.disable(books, second.person, by="root")
    with pytest.raises(NotSignedIn, match="disabled here"):
        await signing_in.signed_in_elsewhere(books, f"{subject}3", "ana", Role.VIEWER, **FROM)


async def test_a_name_that_cannot_be_one_gets_one(books: Books) -> None:
    _, session = await signing_in.signed_in_elsewhere(
        books, "https://x.example 1", "<script>alert(1)</script>", Role.VIEWER, **FROM
    )
    assert session.person.startswith("person ")
