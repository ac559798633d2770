"""How the console is served, from the environment or `.env`. docs/console.md."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, ValidationError

from reelwright.domain.explain import explain

from .environment import SecretSettings

if TYPE_CHECKING:
    from console.parts import ConsoleSettings


class ConsoleEnvironment(SecretSettings):
    """Port 0 is any free one; it is then written to `file`."""

    host: str = Field(default="127.0.0.1", min_length=1, validation_alias="REELWRIGHT_CONSOLE_HOST")
    port: int = Field(default=8088, ge=0, le=65_535, validation_alias="REELWRIGHT_CONSOLE_PORT")
    file: Path | None = Field(default=None, validation_alias="REELWRIGHT_CONSOLE_FILE")
    public_url: str = Field(
        default="", pattern=r"^(https?://[^\s/?#@]+/?)?$", validation_alias="REELWRIGHT_CONSOLE_URL"
    )
    """The address that browsers use, without a path. Default: the address that it listens on."""
    root_path: str = Field(default="", pattern=r"^(/[A-Za-z0-9._~-]+)*$", validation_alias="REELWRIGHT_CONSOLE_PATH")
    """The path under which a proxy has put the console."""
    temporal_ui: str = Field(
        default="", pattern=r"^(https?://[^\s?#@]+)?$", validation_alias="REELWRIGHT_TEMPORAL_UI_URL"
    )
    """Where Temporal's UI is, for links to it."""
    trusted_proxies: str = Field(default="127.0.0.1", validation_alias="REELWRIGHT_CONSOLE_PROXIES")
    """The addresses of proxies whose `X-Forwarded-For` is believed, with commas."""

    def at(self, port: int, *, namespace: str, version: str, upload_bytes: int) -> ConsoleSettings:
        """The console's own settings, once it listens on a port."""
        from console.parts import ConsoleSettings

        return ConsoleSettings(
            public_url=(self.public_url or f"http://{self.host}:{port}").rstrip("/"),
            root_path=self.root_path,
            temporal_ui=self.temporal_ui.rstrip("/"),
            namespace=namespace,
            version=version,
            upload_bytes=upload_bytes,
        )


@lru_cache
def load_console() -> ConsoleEnvironment:
    """Raises `InvalidInput` naming the variable."""
    try:
        return ConsoleEnvironment()
    except ValidationError as error:
        raise explain(error) from None
