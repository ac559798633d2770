"""What `reelwright review link` and `reelwright review links` do."""

from __future__ import annotations

from control import links, operations
from control.reviewing import open_question
from workers.console_settings import load_console
from workers.settings import load_settings

from .books import books
from .console import EXIT_OK, out, plain, print_json, say
from .opening import opened
from .tables import Record, count, local, print_records


async def make(id: str, *, expires: str, decide: bool, by: str, as_json: bool) -> int:
    """Makes a link to the open review of a content, and prints it: its address, where `REELWRIGHT_CONSOLE_URL` says
    where the console is, else its token."""
    life = links.span(expires)
    async with opened() as (_, studio), books() as found:
        view = (await operations.question(studio, id)).view
        token, claims = await links.make(
            found,
            load_settings().link_key,
            content_id=view.content_id,
            artifact_sha256=open_question(view).artifact_sha256,
            scope="decide" if decide else "view",
            life=life,
            by=by,
        )
    console = load_console()
    page = f"{console.public_url.rstrip('/')}{console.root_path}/c/{claims.content_id}" if console.public_url else ""
    if as_json:
        print_json({"token": token, "url": page and f"{page}#{token}", **claims.model_dump(exclude={"key"})})
        return EXIT_OK
    out().print(f"{page}#{token}" if page else token, markup=False, soft_wrap=True)
    say(f"link {claims.id} for {plain(view.content_id)} ({claims.scope}), artifact {claims.artifact_sha256[:12]}")
    return EXIT_OK


async def list_links(id: str, *, as_json: bool) -> int:
    """The links that were made for a content."""
    async with books() as found:
        made = await links.links_of(found, id)
    if as_json:
        print_json({"links": [link.model_dump(mode="json") for link in made]})
        return EXIT_OK
    records = [
        Record(
            (link.id, link.scope, local(link.expires_at), "revoked" if link.revoked_at else "", link.made_by),
        )
        for link in made
    ]
    print_records(("link", "scope", "expires", "state", "by"), records, nothing="no link was made")
    return EXIT_OK


async def revoke(id: str, link: str | None, *, by: str) -> int:
    """Revokes one link of a content, or all."""
    async with books() as found:
        revoked = await links.revoke(found, id, link, by=by)
    say(f"{plain(id)}: {count(revoked, 'link')} revoked")
    return EXIT_OK
