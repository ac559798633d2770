"""People, their sessions and their programs' tokens: what an admin does with all of them, and everybody with their own.

How somebody is recognised is in `control.signing_in`. docs/access.md."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta

from reelwright.domain.errors import InvalidInput, NotFound
from reelwright.domain.people import (
    LONGEST_TOKEN,
    NAME_CHARS,
    PASSWORD_LINK,
    TOKEN_PREFIX,
    ApiToken,
    Caller,
    NotSignedIn,
    Person,
    Role,
    Session,
    person_name,
    usable_password,
)

from .access import allowed, require
from .passwords import fits, hashed
from .studio import Books


def role_of(word: str) -> Role:
    """A role as a person types it. Raises `InvalidInput` naming them all."""
    try:
        return Role(word.strip().lower())
    except ValueError:
        raise InvalidInput(
            f"{word[:40]!r} is no role", field="role", remedy=f"give one of {', '.join(role.value for role in Role)}"
        ) from None


# --- people ----------------------------------------------------------------------------------------------------------


@allowed(Role.ADMIN)
async def people(books: Books) -> Sequence[Person]:
    """Everybody, by name."""
    return await books.people.all()


@allowed(Role.ADMIN)
async def add(books: Books, name: str, role: Role, *, by: str) -> Person:
    """A new person, who cannot sign in yet: `password_link` is how they get a password."""
    return await books.people.add(person_name(name), role, by=by)


@allowed(Role.ADMIN)
async def set_role(books: Books, name: str, role: Role, *, by: str) -> Person:
    """Another role. The person's sessions end."""
    return await books.people.set_role(name, role, by=by)


@allowed(Role.ADMIN)
async def disable(books: Books, name: str, *, by: str) -> Person:
    """Ends a person's sessions; they cannot sign in and their tokens open nothing, until they are enabled."""
    return await books.people.set_enabled(name, False, by=by)


@allowed(Role.ADMIN)
async def enable(books: Books, name: str, *, by: str) -> Person:
    """Lets a person sign in again."""
    return await books.people.set_enabled(name, True, by=by)


@allowed(Role.ADMIN)
async def password_link(books: Books, name: str, *, by: str) -> str:
    """The secret of a link that sets the person's password once, within `PASSWORD_LINK`."""
    secret = new_secret()
    await books.people.add_link(digest(secret), "password", PASSWORD_LINK, by=by, name=name)
    return secret


@allowed(Role.ADMIN)
async def set_password(books: Books, name: str, password: str, *, by: str) -> int:
    """Sets a person's password. Their sessions end; how many. The name is looked up first, so that a mistyped one is
    told before anything else."""
    person = await _person(books, name)
    hash = await hashed(usable_password(password, person.name))
    return await books.people.set_password(person.name, hash, by=by)


@allowed(Role.VIEWER)
async def change_password(books: Books, before: str, after: str) -> int:
    """Changes the caller's own password. Their other sessions end; how many. Raises `NotSignedIn` where `before` is not
    what it was."""
    from .signing_in import slow_down

    name = _own(books.caller)
    await slow_down(books, name, "")
    found = await books.people.password(name)
    right, _ = await fits(found[1] if found else "", before)
    if not right:
        raise NotSignedIn("it is not your password", field="before", remedy="give the one that you sign in with")
    hash = await hashed(usable_password(after, name, field="after"))
    return await books.people.set_password(name, hash, by=name, keep=books.caller.key)


@allowed(Role.VIEWER)
async def me(books: Books) -> Person:
    """The caller. Raises `InvalidInput` for the user of this machine, who need not be one of the people."""
    return await _person(books, _own(books.caller))


# --- sessions --------------------------------------------------------------------------------------------------------


@allowed(Role.VIEWER)
async def sessions(books: Books, name: str | None = None) -> Sequence[Session]:
    """The open sessions of a person, of all without a name. Those of others are for admins."""
    _of_others(books.caller, name, "the sessions of others")
    return await books.sessions.of(name)


@allowed(Role.VIEWER)
async def end_session(books: Books, id: str, *, by: str) -> bool:
    """Ends one session; whether it was open. That of another person is for admins, and to anybody else it does not
    exist."""
    found = await books.sessions.find(id)
    if found is None or not _may(books.caller, found.person):
        return False
    return await books.sessions.end(id, by=by)


@allowed(Role.VIEWER)
async def end_sessions(books: Books, name: str, *, by: str) -> int:
    """Ends a person's sessions but the caller's own one; how many. Those of others are for admins."""
    _of_others(books.caller, name, "ending the sessions of others")
    return await books.sessions.end_all(name, by=by, keep=books.caller.key)


# --- tokens ----------------------------------------------------------------------------------------------------------


@allowed(Role.VIEWER)
async def make_token(
    books: Books, name: str, *, label: str, role: Role, life: timedelta, by: str, id: str = ""
) -> tuple[str, ApiToken]:
    """(the token, which is shown this once; what is kept of it). For others it is for admins; it never has more than
    its person's role, nor than the caller's. `id` comes from a form: sent twice, it makes one token."""
    _of_others(books.caller, name, "making tokens for others")
    require(books.caller, role, what=f"a token with the role {role}")
    if books.caller.way == "token":  # which would outlive its own end by another one
        require(books.caller, Role.ADMIN, what="making tokens by a token")
    label = " ".join(label.split())
    if not label or len(label) > NAME_CHARS or not label.isprintable():
        raise InvalidInput(
            "it is empty, too long, or has control characters",
            field="label",
            remedy=f"say what the token is for, in at most {NAME_CHARS} characters",
        )
    if not timedelta(minutes=1) <= life <= LONGEST_TOKEN:
        raise InvalidInput("a token lives from a minute to a year", field="expires", remedy="write 90d, 12h or 30m")
    if id and not re.fullmatch(r"[0-9a-f]{16}", id):
        raise InvalidInput("it is none of ours", field="id", remedy="load the page again")
    token = TOKEN_PREFIX + new_secret()
    kept = await books.api_tokens.add(
        id or secrets.token_hex(8), digest(token), name, label=label, role=role, life=life, by=by
    )
    return token, kept


@allowed(Role.VIEWER)
async def tokens(books: Books, name: str | None = None) -> Sequence[ApiToken]:
    """The tokens of a person, of all without a name, also those that open nothing any more. Those of others are for
    admins."""
    _of_others(books.caller, name, "the tokens of others")
    return await books.api_tokens.of(name)


@allowed(Role.VIEWER)
async def revoke_token(books: Books, id: str, *, by: str) -> bool:
    """Whether there was one to revoke. That of another person is for admins, and to anybody else it does not exist."""
    found = await books.api_tokens.find(id)
    if found is None or not _may(books.caller, found.person):
        return False
    return await books.api_tokens.revoke(id, by=by)


# --- common ----------------------------------------------------------------------------------------------------------


def new_secret() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is kept of a secret that is random itself: no slow hash is needed."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()


async def _person(books: Books, name: str) -> Person:
    person = await books.people.find(name)
    if person is None:
        raise NotFound(f"there is no person {name[:80]!r}", field="name", remedy="see `reelwright people list`")
    return person


def _own(caller: Caller) -> str:
    if caller.way not in ("session", "token"):
        raise InvalidInput(
            "the user of this machine is not one of the people", field="name", remedy="sign in to the console"
        )
    return caller.name


def _may(caller: Caller, name: str) -> bool:
    return caller.role is Role.ADMIN or (
        caller.way in ("session", "token") and caller.name.casefold() == name.casefold()
    )


def _of_others(caller: Caller, name: str | None, what: str) -> None:
    if name is None or not _may(caller, name):
        require(caller, Role.ADMIN, what=what)
