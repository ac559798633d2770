"""Feeds: `parse_feed` for a document at hand; `http.HttpFeedReader` for one at an address."""

from .entries import parse_feed

__all__ = ["parse_feed"]
