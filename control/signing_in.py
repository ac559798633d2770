"""How somebody is recognised: by a password, a one-use link, a session's cookie, a token, or an identity provider.

Nobody is known yet when these are called, so no role is asked for: what they check is who it is. docs/access.md."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import (
    FIRST_START,
    TOKEN_PREFIX,
    Caller,
    NotSignedIn,
    Person,
    Role,
    Session,
    TooMany,
    person_name,
    usable_password,
)
from reelwright.storage.rate_limits import Rate, take

from .passwords import fits, hashed
from .people import digest, new_secret

if TYPE_CHECKING:
    from reelwright.storage.oidc_logins import UnderWay

    from .studio import Books

BY_NAME = Rate(10, 30)
BY_ADDRESS = Rate(30, 6)
"""Sign-ins: of one name, and from one address (of IPv6, from one /64)."""
OIDC_LOGIN = timedelta(minutes=10)
WRITES = Rate(120, 0.5)
"""Changes of one caller."""
SECRET_CHARS = 200
AGENT_CHARS, ADDRESS_CHARS = 200, 45


async def first_link(books: Books) -> str | None:
    """The secret of the link that makes the first admin, good for `FIRST_START` and instead of those before it; None
    where there is somebody already."""
    if await books.people.any():
        return None
    secret = new_secret()
    try:
        await books.people.add_link(digest(secret), "first", FIRST_START, by="")
    except InvalidInput:  # somebody was made this very moment
        return None
    return secret


async def anybody(books: Books) -> bool:
    """Whether there is somebody who could sign in, or nobody yet."""
    return await books.people.any()


async def begin(
    books: Books, secret: str, name: str, password: str, *, address: str, agent: str
) -> tuple[str, Session]:
    """Makes the first person, an admin, and signs them in: (the cookie's value, the session)."""
    await slow_down(books, "", address)
    name = person_name(name)
    hash = await hashed(usable_password(password, name))
    person = await books.people.begin(digest(_cut(secret)), name, hash)
    return await open_session(books, person, way="link", address=address, agent=agent)


async def use_password_link(
    books: Books, secret: str, password: str, *, address: str, agent: str
) -> tuple[str, Session]:
    """Sets a password by its link, and signs the person in: (the cookie's value, the session)."""
    await slow_down(books, "", address)
    hash = await hashed(usable_password(password, ""))
    person = await books.people.set_password_by_link(digest(_cut(secret)), hash)
    return await open_session(books, person, way="link", address=address, agent=agent)


async def sign_in(
    books: Books, name: str, password: str, *, address: str, agent: str, before: str = ""
) -> tuple[str, Session]:
    """(the cookie's value, the session). The session of the cookie `before` ends: nobody goes on in one that was
    planted. Raises `TooMany`, or `NotSignedIn`, which does not say whether the name or the password was wrong."""
    await slow_down(books, name, address)
    found = await books.people.password(name) if "\0" not in name else None
    right, newer = await fits(found[1] if found else "", _as_typed(password))
    if found is None or not right or not found[0].enabled:
        raise NotSignedIn("the name or the password is wrong", field="password", remedy="try again, or ask an admin")
    person, hash = found
    if newer:
        await books.people.rehash(person.name, hash, newer)
    if before:
        await sign_out(books, before)
    return await open_session(books, person, way="password", address=address, agent=agent)


async def sign_out(books: Books, cookie: str) -> None:
    """Ends the session of a cookie, if it is open."""
    session = await books.sessions.use(digest(_cut(cookie)))
    if session is not None:
        await books.sessions.end(session.id, by=session.person)


async def open_session(books: Books, person: Person, *, way: str, address: str, agent: str) -> tuple[str, Session]:
    """Signs in somebody who has been recognised: (the cookie's value, the session)."""
    cookie = new_secret()
    session = await books.sessions.open(
        secrets.token_hex(8),
        digest(cookie),
        person.name,
        way=way,
        address=address[:ADDRESS_CHARS],
        agent="".join(sign for sign in agent[:AGENT_CHARS] if sign.isprintable()),
    )
    return cookie, session


async def signed_in_elsewhere(
    books: Books, subject: str, name: str, role: Role, *, address: str, agent: str, before: str = ""
) -> tuple[str, Session]:
    """Signs in who an identity provider has recognised: (the cookie's value, the session)."""
    person = await books.people.by_subject(subject, _possible_name(name, subject), role)
    if not person.enabled:
        raise NotSignedIn(f"{person.name} is disabled here", field="name", remedy="ask an admin")
    if before:
        await sign_out(books, before)
    return await open_session(books, person, way="oidc", address=address, agent=agent)


async def oidc_begun(books: Books, state: str, nonce: str, verifier: str, back_to: str) -> None:
    """Notes a sign-in that begins at an identity provider; it must end within `OIDC_LOGIN`."""
    from reelwright.storage.oidc_logins import UnderWay

    await books.oidc_logins.add(digest(state), UnderWay(nonce, verifier, back_to), OIDC_LOGIN)


async def oidc_back(books: Books, state: str) -> UnderWay | None:
    """What was noted of it, once; None for one that was not begun, has taken too long, or was asked for before."""
    return await books.oidc_logins.take(digest(state))


async def caller_of_session(books: Books, cookie: str) -> Caller | None:
    """Who has this cookie; None for a session that has ended or never was."""
    session = await books.sessions.use(digest(_cut(cookie)))
    return session.caller if session else None


async def caller_of_token(books: Books, token: str) -> Caller | None:
    """For whom this token acts; None for one that was revoked, has expired or never was."""
    if not token.startswith(TOKEN_PREFIX):
        return None
    found = await books.api_tokens.use(digest(_cut(token)))
    return None if found is None else Caller(name=found[0].person, role=found[1], way="token", key=found[0].id)


async def still_open(books: Books, caller: Caller) -> bool:
    """Whether a caller would be recognised now, with the same role: asked once a minute for a stream, which is opened
    once and stays."""
    if caller.way == "session":
        session = await books.sessions.find(caller.key)
        return session is not None and session.caller == caller
    if caller.way == "token":
        found = await books.api_tokens.use_by_id(caller.key)
        return found is not None and found[1] is caller.role
    return True


async def slow_down(books: Books, name: str, address: str) -> None:
    """Raises `TooMany` where somebody tries names or passwords. What is typed as a name may be a password by mistake:
    it is kept as a hash."""
    tried = [(f"sign-in from {_place(address)}", BY_ADDRESS)] if address else []
    if name:
        folded = hashlib.sha256(name[:SECRET_CHARS].casefold().encode(errors="surrogatepass")).hexdigest()[:24]
        tried.append((f"sign-in as {folded}", BY_NAME))
    for key, rate in tried:
        if wait := await take(books.pool, key, rate):
            raise TooMany("too many tries to sign in", retry_after_s=wait)


async def count_write(books: Books, caller: Caller) -> None:
    """Counts a change of a caller's. Raises `TooMany`."""
    if wait := await take(books.pool, f"write {caller.id}", WRITES):
        raise TooMany(f"more than {WRITES.burst} changes at once", retry_after_s=wait)


def _place(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "elsewhere"
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _possible_name(name: str, subject: str) -> str:
    for each in (name, name.partition("@")[0]):
        try:
            return person_name(each)
        except InvalidInput:
            continue
    return f"person {hashlib.sha256(subject.encode()).hexdigest()[:8]}"


def _as_typed(password: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFC", password[:1_024])


def _cut(secret: str) -> str:
    return secret[:SECRET_CHARS]
