"""Whose work a found picture, clip or track is, and what its licence owes."""

from __future__ import annotations

from datetime import date

from ..base import Model


class Credit(Model):
    """The proof of one found work, kept as evidence. `licence` is an id of `domain.licences` where it has one, else as
    the source names it; `page` is the work's own page; `line` is the credit as it must be shown where `owed`. `asset`
    is the source's own id of it, `raw_sha256` the digest of the source's whole answer about it."""

    provider: str
    asset: str
    page: str = ""
    title: str = ""
    author: str = ""
    author_url: str = ""
    licence: str = ""
    licence_url: str = ""
    line: str = ""
    owed: bool = False
    query: str = ""
    read: date | None = None
    raw_sha256: str = ""
