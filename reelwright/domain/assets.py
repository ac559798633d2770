"""References to media. Bytes never travel through Temporal; these do."""

from .base import Model


class AssetRef(Model):
    """One stored file.

    `key` is its place in the media store, `sha256` the hex digest of its bytes, `size` in bytes.
    """

    key: str
    sha256: str
    size: int
    media_type: str


class MadeAsset(Model):
    """A file a provider made, with what it cost in US dollars."""

    ref: AssetRef
    provider: str
    usd: float = 0.0
