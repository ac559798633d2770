"""One way to reach Temporal, for workers, the command line and the tests."""

from __future__ import annotations

import asyncio
import logging
from functools import cache
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.service import RPCError

from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.redaction import know
from workflows import search

from .converter import data_converter
from .environment import environment

CONNECT_TIMEOUT_S = 10.0


def configured_target() -> dict[str, Any]:
    """The connection settings of the TEMPORAL_* variables (environment or `.env`) and of the Temporal profile.
    `target_host` is missing when they name no server.

    Raises `InvalidInput` when they name a profile that does not exist, or a file that cannot be read."""
    try:
        config = dict(ClientConfig.load_client_connect_config(override_env_vars=environment()))
    except (RuntimeError, ValueError, OSError) as error:
        # The first line only: the others quote the file, which may hold keys.
        why = str(error).partition("\n")[0]
        raise InvalidInput(
            f"the connection to Temporal cannot be configured ({why})",
            field="TEMPORAL_PROFILE",
            remedy="check the TEMPORAL_* variables and the files they name",
        ) from None
    key = config.pop("api_key", None)
    if isinstance(key, str) and key:  # an empty one is none
        config["api_key"] = key
        know(key, lasting=True)
    return config


async def connect(
    address: str | None = None, *, timeout_s: float = CONNECT_TIMEOUT_S, for_workers: bool = True, lazy: bool = False
) -> Client:
    """A client with our plugin, or without it where no worker is made of it: the plugin loads all of the SDK's worker.
    A `lazy` one connects at its first call. Raises `ProviderUnavailable` naming the address when nothing answers."""
    config = configured_target()
    if address:
        config["target_host"] = address
    target = config.setdefault("target_host", "127.0.0.1:7233")
    try:
        connecting = Client.connect(**config, **_ours(for_workers), runtime=_runtime(), lazy=lazy)
        return await asyncio.wait_for(connecting, timeout_s)
    except ValueError as error:
        raise InvalidInput(
            f"{target!r} is not an address ({error})", field="TEMPORAL_ADDRESS", remedy="write host:port"
        ) from error
    except (RuntimeError, RPCError, TimeoutError) as error:
        raise ProviderUnavailable(
            f"no Temporal server answers at {target}",
            field="TEMPORAL_ADDRESS",
            remedy="start it, name another, or unset it and let `reelwright up` start one",
        ) from error


def _ours(for_workers: bool) -> dict[str, Any]:
    if not for_workers:
        return {"data_converter": data_converter}
    from .plugin import reelwright_plugin

    return {"plugins": [reelwright_plugin()]}


@cache
def _runtime() -> Runtime:
    """One for the process. The SDK's core by itself logs to standard output, among what a command prints there for
    others to read; through Python's logging it goes where all else goes.

    Still needed with SDK 1.35.0 (tried: without forwarding its lines are on standard output). `LoggingConfig.format`,
    there since 1.32.0, changes their form and not their stream. It can go when the console is standard error."""
    forwarding = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    told = LoggingConfig(TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding=forwarding)
    return Runtime(telemetry=TelemetryConfig(logging=told))


async def register_search_attributes(client: Client) -> None:
    """Adds ours to the namespace where they are missing, so that no workflow task stumbles over them."""
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    missing: dict[str, IndexedValueType.ValueType] = {
        key.name: IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE
        if key is search.COST_USD
        else IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        for key in search.ALL
        if key.name not in known.custom_attributes
    }
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )
