"""What the licences of found works are called here, which are accepted, and how a work is credited.

Accepted are only works that may be shown commercially and adapted: CC0, the public domain mark, CC BY, and where the
operator switches it on CC BY-SA. NC, ND, and what is not known here are refused, whatever the settings.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from reelwright.domain.content.credit import Credit
from reelwright.domain.licences import CC_VERSIONS, LICENCES
from reelwright.domain.redaction import redact_known
from reelwright.domain.text.incoming import cut, foreign

from ..feeds.plain import plain_text

NAME_CHARS, LINE_CHARS, ADDRESS_CHARS = 120, 300, 500
_CODE = re.compile(r"(?:cc[- ]?)?(by(?:-nc)?(?:-sa|-nd)?)[- ]v?([0-9]\.[0-9])(?:[- ][a-z]{2,6})?", re.IGNORECASE)
_PUBLIC = re.compile(r"pd(?:-.+)?|pdm(?:-1\.0)?|public[- ]domain", re.IGNORECASE)
_ZERO = re.compile(r"(?:cc[- ]?)?(?:cc0|zero)(?:[- ]1\.0)?", re.IGNORECASE)


def licence_of(code: str, kinds: frozenset[str]) -> str:
    """The id (of `domain.licences`) of a licence by a source's code (`by-sa 2.0`, `cc-by-3.0-de`, `pd-usgov`, `cc0`);
    empty where it is none of the accepted kinds, or is not known."""
    code = code.strip()
    if _ZERO.fullmatch(code):
        return "CC0-1.0" if "cc0" in kinds else ""
    if _PUBLIC.fullmatch(code):
        marked = code.lower().startswith("pdm")
        return ("PDM-1.0" if marked else "public-domain") if "pdm" in kinds else ""
    match = _CODE.fullmatch(code)
    if match is None or match[1].lower() not in kinds or match[2] not in (*CC_VERSIONS, "4.0"):
        return ""
    return f"CC-{match[1].upper()}-{match[2]}"


def owes(licence: str) -> bool:
    """Whether whoever shows a work under this licence must credit it."""
    return licence.startswith("CC-BY")


def credit_line(title: str, author: str, licence: str, page: str) -> str:
    """The credit as Creative Commons recommends it: title, author, source, licence."""
    name = licence.replace("CC-BY-SA-", "CC BY-SA ").replace("CC-BY-", "CC BY ").replace("CC0-1.0", "CC0")
    work = f"“{title}”" if title else "Picture"
    return cut(" ".join(filter(None, [work, f"by {author}," if author else "", f"{name},", page])), LINE_CHARS)


def credit(
    provider: str,
    asset: str,
    *,
    raw_sha256: str,
    licence: str,
    page: str = "",
    title: str = "",
    author: str = "",
    author_url: str = "",
    licence_url: str = "",
    line: str = "",
    owed: bool | None = None,
    query: str = "",
) -> Credit:
    """The credit of a work out of a source's own words, which are cleaned here: they may be HTML, and long."""
    title, author = name_of(title), name_of(author)
    page, author_url, licence_url = (address_of(address) for address in (page, author_url, licence_url))
    known = LICENCES.get(licence)
    return Credit(
        provider=provider,
        asset=asset,
        page=page,
        title=title,
        author=author,
        author_url=author_url,
        licence=licence,
        licence_url=licence_url or (known.terms if known else ""),
        line=line or credit_line(title, author, licence, page),
        owed=owes(licence) if owed is None else owed,
        query=query,
        read=datetime.now(UTC).date(),
        raw_sha256=raw_sha256,
    )


def name_of(text: object) -> str:
    """A title or a name on one line, without markup."""
    return foreign(plain_text(text), NAME_CHARS) if isinstance(text, str) else ""


def address_of(text: object) -> str:
    """A web address to show; empty for what is none."""
    address = redact_known(text.strip()) if isinstance(text, str) else ""
    address = f"https:{address}" if address.startswith("//") else address
    fits = address.startswith(("https://", "http://")) and len(address) <= ADDRESS_CHARS and address.isprintable()
    return address if fits and " " not in address else ""
