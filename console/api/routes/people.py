"""People and tokens. Everybody has their own; those of others are for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from control import people
from reelwright.domain.errors import NotFound
from reelwright.domain.people import NAME_CHARS, Person, Role

from ..calls import Called
from ..models.common import Done
from ..models.people import (
    NewPerson,
    NewToken,
    PasswordLink,
    PersonChange,
    PersonList,
    SessionList,
    TokenList,
    TokenMade,
)
from ..routing import operation

TAG = "People"
PersonPath = Annotated[str, Path(min_length=1, max_length=NAME_CHARS, description="the person's name")]
PersonQuery = Annotated[str | None, Query(max_length=NAME_CHARS, description="of this person; of all if left out")]
IdPath = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]


@operation("GET", "/v1/people", needs=Role.ADMIN, tag=TAG, answers=PersonList)
async def list_people(call: Called) -> PersonList:
    """Everybody, by name."""
    return PersonList(items=tuple(await people.people(call.books)))


@operation("POST", "/v1/people", needs=Role.ADMIN, tag=TAG, answers=Person, status=201)
async def add_person(call: Called, body: NewPerson) -> Person:
    """Somebody new, who cannot sign in until they have set a password by a link."""
    return await people.add(call.books, body.name, body.role, by=call.caller.name)


@operation("PUT", "/v1/people/{name}", needs=Role.ADMIN, tag=TAG, answers=Person)
async def change_person(call: Called, name: PersonPath, body: PersonChange) -> Person:
    """Another role, disabled, or enabled again. The person's sessions end."""
    books, by = call.books, call.caller.name
    found = next((one for one in await people.people(books) if one.name.casefold() == name.casefold()), None)
    if found is None:
        raise NotFound(f"there is no person {name[:80]!r}", field="name", remedy="see GET /api/v1/people")
    if body.role is not None:
        found = await people.set_role(books, name, body.role, by=by)
    if body.enabled is not None:
        change = people.enable if body.enabled else people.disable
        found = await change(books, name, by=by)
    return found


@operation("POST", "/v1/people/{name}/password-link", needs=Role.ADMIN, tag=TAG, answers=PasswordLink, once="")
async def make_password_link(call: Called, name: PersonPath) -> PasswordLink:
    """An address at which the person sets their password. It is shown this once."""
    secret = await people.password_link(call.books, name, by=call.caller.name)
    settings = call.parts.settings
    return PasswordLink(name=name, url=f"{settings.origin}{settings.root_path}/password#{secret}")


@operation("GET", "/v1/sessions", needs=Role.VIEWER, tag=TAG, answers=SessionList)
async def list_sessions(call: Called, person: PersonQuery = None) -> SessionList:
    """Open sessions."""
    return SessionList(items=tuple(await people.sessions(call.books, person)))


@operation("DELETE", "/v1/sessions/{id}", needs=Role.VIEWER, tag=TAG, answers=Done)
async def end_session(call: Called, id: IdPath) -> Done:
    """Ends a session at once, on every replica."""
    if not await people.end_session(call.books, id, by=call.caller.name):
        raise NotFound(f"no session {id} is open", field="id", remedy="see GET /api/v1/sessions")
    return Done(done=f"session {id} has ended")


@operation("GET", "/v1/tokens", needs=Role.VIEWER, tag=TAG, answers=TokenList)
async def list_tokens(call: Called, person: PersonQuery = None) -> TokenList:
    """Tokens of programs; never the tokens themselves."""
    return TokenList(items=tuple(await people.tokens(call.books, person)))


@operation("POST", "/v1/tokens", needs=Role.VIEWER, tag=TAG, answers=TokenMade, status=201, once="")
async def make_token(call: Called, body: NewToken) -> TokenMade:
    """A new token. It is shown this once, and not kept: an `Idempotency-Key` is not taken."""
    token, kept = await people.make_token(
        call.books,
        body.name or call.caller.name,
        label=body.label,
        role=body.role,
        life=body.life,
        by=call.caller.name,
    )
    return TokenMade(token=token, kept=kept)


@operation("DELETE", "/v1/tokens/{id}", needs=Role.VIEWER, tag=TAG, answers=Done)
async def revoke_token(call: Called, id: IdPath) -> Done:
    """Revokes a token at once, on every replica."""
    if not await people.revoke_token(call.books, id, by=call.caller.name):
        raise NotFound(f"there is no token {id}", field="id", remedy="see GET /api/v1/tokens")
    return Done(done=f"token {id} is revoked")


OPERATIONS = [
    list_people,
    add_person,
    change_person,
    make_password_link,
    list_sessions,
    end_session,
    list_tokens,
    make_token,
    revoke_token,
]
