"""The screens: one module each, with its template in `templates/` and, where it needs one, its ES module in `static/`.
Each module lists its pages in `ROUTES`."""

from __future__ import annotations

from ..routing import Page


def screens() -> list[Page]:
    """All pages."""
    from . import contents, first_start, health, login, me, oidc, people, today

    modules = (today, contents, health, login, oidc, first_start, people, me)
    return [page for module in modules for page in module.ROUTES]
