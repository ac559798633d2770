"""The screens: one module each, with its template in `templates/` and, where it needs one, its ES module in `static/`.
Each module lists its pages in `ROUTES`."""

from __future__ import annotations

from ..routing import Page


def screens() -> list[Page]:
    """All pages."""
    from . import client, contents, health, media, review, today

    modules = (today, review, media, client, contents, health)  # a path that holds an id comes after those inside it
    return [page for module in modules for page in module.ROUTES]
