"""What the console is told of how it is set, and the identity provider, if there is one."""

from __future__ import annotations

from console.access.oidc import OidcSettings, Provider, roles_of, secure
from console.parts import ConsoleSettings
from reelwright.domain.errors import InvalidInput

from .console_settings import ConsoleEnvironment


def serving(
    how: ConsoleEnvironment, port: int, namespace: str, version: str, upload_bytes: int, connect_url: str = ""
) -> ConsoleSettings:
    """The console's own settings, once it listens on a port."""
    return ConsoleSettings(
        public_url=(how.public_url or f"http://{how.host}:{port}").rstrip("/"),
        root_path=how.root_path,
        temporal_ui=how.temporal_ui.rstrip("/"),
        namespace=namespace,
        version=version,
        upload_bytes=upload_bytes,
        connect_url=connect_url.rstrip("/"),
    )


def provider(how: ConsoleEnvironment) -> Provider | None:
    """The identity provider, if one is set. Raises `InvalidInput` for roles that cannot be read, for none at all, and
    for an address that others could read on the way."""
    if not how.oidc_issuer:
        return None
    if not secure(how.oidc_issuer):
        raise InvalidInput("it is no https address", field="REELWRIGHT_OIDC_ISSUER", remedy="use https")
    roles = roles_of(how.oidc_roles)
    if not roles:
        raise InvalidInput(
            "nobody could sign in by it", field="REELWRIGHT_OIDC_ROLES", remedy="write GROUP=ROLE, with commas"
        )
    return Provider(
        OidcSettings(
            issuer=how.oidc_issuer,
            client_id=how.oidc_client_id,
            client_secret=how.oidc_client_secret,
            scopes=how.oidc_scopes,
            groups_claim=how.oidc_groups_claim,
            name_claim=how.oidc_name_claim,
            roles=roles,
            label=how.oidc_label,
        )
    )
