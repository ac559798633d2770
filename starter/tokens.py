"""What `reelwright token` does."""

from __future__ import annotations

from datetime import UTC, datetime

from control import people as control
from control.links import span_of
from reelwright.domain.people import LONGEST_TOKEN

from .books import books
from .console import EXIT_FAILURE, EXIT_OK, out, plain, print_json, say
from .options import user_name
from .tables import Record, local, print_records


async def make(name: str, *, label: str, role: str, expires: str, as_json: bool) -> int:
    """Makes a token; it is the only thing on standard output."""
    wanted, life = control.role_of(role), span_of(expires, most=LONGEST_TOKEN)
    async with books() as opened:
        token, kept = await control.make_token(opened, name, label=label, role=wanted, life=life, by=user_name())
    if as_json:
        print_json({"token": token, **kept.model_dump(mode="json", exclude={"used_at", "revoked_at"})})
        return EXIT_OK
    out().print(token, markup=False, soft_wrap=True)
    say(
        f"token {kept.id} acts for {plain(kept.person)} as a {kept.role} until {local(kept.expires_at)}; "
        "it is not shown again"
    )
    return EXIT_OK


async def list_tokens(name: str | None, *, as_json: bool) -> int:
    """A line for each, also for those that open nothing any more."""
    async with books() as opened:
        found = await control.tokens(opened, name)
    now = datetime.now(UTC)
    if as_json:
        print_json({"tokens": [{**one.model_dump(mode="json"), "state": one.state(now)} for one in found]})
        return EXIT_OK
    print_records(
        ("token", "person", "role", "state", "expires", "last used"),
        [
            Record(
                (
                    *(one.id, one.person, one.role.value, one.state(now), local(one.expires_at)),
                    local(one.used_at) if one.used_at else "never",
                ),
                (one.label,),
            )
            for one in found
        ],
        nothing="no token was made",
    )
    return EXIT_OK


async def revoke(id: str) -> int:
    """Revokes one."""
    async with books() as opened:
        done = await control.revoke_token(opened, id, by=user_name())
    say(f"token {plain(id)} {'is revoked' if done else 'is not open, or there is none'}")
    return EXIT_OK if done else EXIT_FAILURE
