"""The screens: one module each, with its template in `templates/` and, where it needs one, its ES module in `static/`.
Each module lists its pages in `ROUTES`."""

from __future__ import annotations

from ..routing import Page


def screens() -> list[Page]:
    """All pages."""
    from . import (
        accounts,
        audit,
        batches,
        channels,
        client,
        connect,
        contents,
        contents_lists,
        costs,
        feeds,
        first_start,
        health,
        login,
        me,
        media,
        oidc,
        people,
        policies,
        posts,
        quota,
        review,
        seats,
        start,
        today,
        uploads,
    )

    # A content's id may be any text: what comes after it in a path is matched before the content itself.
    modules = (
        *(today, audit, review, media, client),
        *(contents_lists, contents, start, uploads, posts, quota, accounts, channels, costs, feeds, policies, seats),
        *(batches, connect, health, login, oidc, first_start, people, me),
    )
    return [page for module in modules for page in module.ROUTES]
