"""The screens: one module each, with its template in `templates/` and, where it needs one, its ES module in `static/`.
Each module lists its pages in `ROUTES`."""

from __future__ import annotations

from ..routing import Page


def screens() -> list[Page]:
    """All pages."""
    from . import (
        accounts,
        audit,
        channels,
        client,
        contents,
        costs,
        feeds,
        health,
        media,
        policies,
        posts,
        quota,
        review,
        seats,
        today,
    )

    # A content's id may be any text: what comes after it in a path is matched before the content itself.
    about = (today, audit, review, media, client, contents, posts)
    modules = (*about, quota, accounts, channels, costs, feeds, policies, seats, health)
    return [page for module in modules for page in module.ROUTES]
