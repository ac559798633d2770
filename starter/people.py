"""What `reelwright people` does, and the links to the console that commands print."""

from __future__ import annotations

import sys
from pathlib import Path

from control import people as control
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import FIRST_START, PASSWORD_CHARS, PASSWORD_LINK, Person

from .books import books
from .console import EXIT_FAILURE, EXIT_OK, out, plain, print_json, say
from .options import user_name
from .reading import read_limited
from .tables import Record, count, local, print_records


async def list_people(*, as_json: bool) -> int:
    """A line for each."""
    async with books() as opened:
        everybody = await control.people(opened)
    if as_json:
        print_json({"people": [person.model_dump(mode="json") for person in everybody]})
        return EXIT_OK
    print_records(
        ("name", "role", "signs in", "since", "by"),
        [
            Record((person.name, person.role.value, _signs_in(person), local(person.made_at), person.made_by))
            for person in everybody
        ],
        nothing="nobody yet: `reelwright people add`",
    )
    return EXIT_OK


async def add(name: str, role: str, *, as_json: bool) -> int:
    """A person, and the link to their password."""
    wanted = control.role_of(role)
    async with books() as opened:
        person = await control.add(opened, name, wanted, by=user_name())
        secret = await control.password_link(opened, person.name, by=user_name())
    link = password_address(secret)
    if as_json:
        print_json({"person": person.model_dump(mode="json"), "password_link": link})
        return EXIT_OK
    say(f"{plain(person.name)} is there as a {person.role}; good for a day and used once, this sets the password:")
    out().print(link, markup=False, soft_wrap=True)
    return EXIT_OK


async def set_role(name: str, role: str) -> int:
    """Another role."""
    wanted = control.role_of(role)
    async with books() as opened:
        person = await control.set_role(opened, name, wanted, by=user_name())
    say(f"{plain(person.name)} is a {person.role}")
    return EXIT_OK


async def set_enabled(name: str, enabled: bool) -> int:
    """Lets a person in, or no more."""
    async with books() as opened:
        change = control.enable if enabled else control.disable
        person = await change(opened, name, by=user_name())
    say(f"{plain(person.name)} {'may sign in again' if enabled else 'is disabled and signed out everywhere'}")
    return EXIT_OK


async def password(name: str, file: str | None, *, as_json: bool) -> int:
    """A link to set it by, or the password itself from a file."""
    if file is not None:
        given = _first_line(file)
        async with books() as opened:
            ended = await control.set_password(opened, name, given, by=user_name())
        if as_json:
            print_json({"name": name, "sessions_ended": ended})
        else:
            say(f"{plain(name)} has a new password; {count(ended, 'session')} ended")
        return EXIT_OK
    async with books() as opened:
        secret = await control.password_link(opened, name, by=user_name())
    link = password_address(secret)
    if as_json:
        print_json({"name": name, "password_link": link, "hours": int(PASSWORD_LINK.total_seconds() // 3600)})
    else:
        out().print(link, markup=False, soft_wrap=True)
        say("it is good for a day, and is used once")
    return EXIT_OK


async def list_sessions(name: str | None, *, as_json: bool) -> int:
    """A line for each open one."""
    async with books() as opened:
        found = await control.sessions(opened, name)
    if as_json:
        print_json({"sessions": [session.model_dump(mode="json") for session in found]})
        return EXIT_OK
    print_records(
        ("session", "person", "role", "seen", "until", "from"),
        [
            Record(
                (one.id, one.person, one.role.value, local(one.seen_at), local(one.expires_at), one.address),
                (one.agent,),
            )
            for one in found
        ],
        nothing="nobody is signed in",
    )
    return EXIT_OK


async def sign_out(name: str, only: str | None) -> int:
    """Ends one session, or all of a person."""
    async with books() as opened:
        if only is None:
            ended = await control.end_sessions(opened, name, by=user_name())
        else:
            mine = any(one.id == only for one in await control.sessions(opened, name))
            ended = int(mine and await control.end_session(opened, only, by=user_name()))
    say(f"{plain(name)}: {count(ended, 'session')} ended")
    return EXIT_OK if ended or only is None else EXIT_FAILURE


# --- links to the console --------------------------------------------------------------------------------------------


def password_address(secret: str) -> str:
    """Where a password is set. The secret stands in the fragment, which browsers send nowhere."""
    return f"{console_address()}/password#{secret}"


def first_address(secret: str) -> str:
    """Where the first admin is made, within `FIRST_START`."""
    return f"{console_address()}/first#{secret}"


def console_address() -> str:
    """The console's public address, without a slash at its end."""
    from workers.console_settings import load_console
    from workers.local.state import find_live_stack
    from workers.settings import load_settings

    how, port = load_console(), 0
    if not how.public_url and (stack := find_live_stack(load_settings().state_dir)):
        port = stack.ports.get("console", 0)
    return f"{how.public_url.rstrip('/') or f'http://{how.host}:{port or how.port}'}{how.root_path}"


async def first_start() -> str | None:
    """The link that makes the first admin, made now; None where there is somebody already."""
    from control.signing_in import first_link

    async with books() as opened:
        secret = await first_link(opened)
    return None if secret is None else first_address(secret)


async def nobody_yet() -> bool:
    """Whether there is nobody who could sign in."""
    from control.signing_in import anybody

    async with books() as opened:
        return not await anybody(opened)


async def first(*, as_json: bool) -> int:
    """Prints that link."""
    link = await first_start()
    if as_json:
        print_json({"link": link or "", "minutes": FIRST_MINUTES})
    elif link:
        out().print(link, markup=False, soft_wrap=True)
        say(f"it makes the first admin, once, within {FIRST_MINUTES} minutes; those before it open nothing any more")
    else:
        say("there is somebody already: `reelwright people list`, `reelwright people password NAME`")
    return EXIT_OK if link else EXIT_FAILURE


FIRST_MINUTES = int(FIRST_START.total_seconds() // 60)


def _signs_in(person: Person) -> str:
    if not person.enabled:
        return "disabled"
    ways = [*(["password"] if person.has_password else []), *(["identity provider"] if person.subject else [])]
    return ", ".join(ways) or "not yet"


def _first_line(file: str) -> str:
    most = 4 * PASSWORD_CHARS[1]
    if file == "-":
        data = sys.stdin.buffer.readline(most + 1)
    else:
        data = read_limited(Path(file), field="password-file", limit=most)
    try:
        return data.decode().splitlines()[0]
    except (UnicodeDecodeError, IndexError) as error:
        raise InvalidInput("it has no first line of text", field="password-file", remedy="write it in UTF-8") from error
