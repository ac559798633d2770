"""Pages from templates. All values are escaped; a missing one is an error, not an empty place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.responses import HTMLResponse

from reelwright.domain.people import Role

from .assets import ASSETS
from .routing import PageRequest, local

SECTIONS = (
    ("today", "Today", Role.VIEWER),
    ("reviews", "Review", Role.VIEWER),
    ("pipelines", "Pipelines", Role.VIEWER),
    ("contents", "Contents", Role.VIEWER),
    ("posts", "Publications", Role.VIEWER),
    ("quota", "Quota", Role.VIEWER),
    ("accounts", "Accounts", Role.VIEWER),
    ("channels", "Channels", Role.VIEWER),
    ("costs", "Costs", Role.VIEWER),
    ("feeds", "Feeds", Role.VIEWER),
    ("batches", "Batches", Role.VIEWER),
    ("policies", "Moderation", Role.VIEWER),
    ("analytics", "Analytics", Role.VIEWER),
    ("experiments", "Experiments", Role.VIEWER),
    ("audit", "Audit", Role.VIEWER),
    ("people", "People", Role.ADMIN),
)
"""The pages of the navigation: route, label, role. A page that this build does not have is left out."""


def render(request: PageRequest, template: str, status: int = 200, **data: Any) -> HTMLResponse:
    """A page. `data` are the template's values; the caller, the navigation and the settings come along."""
    known = request.known
    shown = {
        "request": request,
        "person": known,
        "settings": request.parts.settings,
        "sections": [
            (name, label)
            for name, label, needs in SECTIONS
            if known and known.role.includes(needs) and name in request.app.state.names
        ],
        "may": lambda role: known is not None and known.role.includes(Role(role)),
        **data,
    }
    headers = {"Cache-Control": "no-store"}
    return HTMLResponse(ENVIRONMENT.get_template(template).render(shown), status_code=status, headers=headers)


@pass_context
def link(context: Context, name: str, /, **path: Any) -> str:
    """`{{ link("content", id=row.id) }}`: the path of a page. `query` is a mapping of its query string; parameters
    that are None or empty are left out."""
    query: Mapping[str, Any] = path.pop("query", None) or {}
    given = {key: value for key, value in query.items() if value not in (None, "")}
    url = local(context["request"], name, **path)
    if not given:
        return url
    return f"{url}?{urlencode(given, doseq=True)}"


@pass_context
def asset(context: Context, name: str) -> str:
    """The path of one of our own files."""
    return local(context["request"], "static", name=ASSETS.named(name))


def money(usd: float | Decimal | None) -> str:
    """US dollars as people read them: `$0.0123` below a dollar, `$12.30` from there on."""
    if usd is None:
        return "–"
    amount = Decimal(str(usd))
    return f"${amount:,.2f}" if abs(amount) >= 1 or amount == 0 else f"${amount:.4f}"


def iso(at: datetime | None) -> str:
    """UTC, for `<time datetime>`; the module shows the viewer's own zone."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else ""


def when(at: datetime | None) -> str:
    """A time for people without scripts, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if at else "–"


def at_zone(at: datetime, zone: str) -> str:
    """The hour and minute in a time zone."""
    return at.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def short(digest: str) -> str:
    """The first digits of a hash."""
    return digest[:12]


def words(name: str) -> str:
    """`timed_out` as `timed out`."""
    return str(name).replace("_", " ")


def secure_url(url: str | None) -> str:
    """The address of a post, if a browser may be sent there; else nothing."""
    return url if url and url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")) else ""


ENVIRONMENT = Environment(
    loader=PackageLoader("console"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
ENVIRONMENT.globals.update(link=link, asset=asset)
ENVIRONMENT.filters.update(
    at_zone=at_zone, money=money, iso=iso, when=when, short=short, words=words, secure_url=secure_url
)
