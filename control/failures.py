"""Every error that can reach the command line, as one line with the event, the object, and the remedy."""

from __future__ import annotations

import re
from collections.abc import Callable

from reelwright.domain.errors import InvalidInput, ProviderUnavailable, ReelwrightError
from reelwright.domain.redaction import redact

TEXT_CHARS = 300
_PASSWORD = re.compile(r"(?<=://)[^\s/@]*@")


class Unforeseen(ReelwrightError):
    """An unexpected error: a bug here, or an unexpected state of the machine."""


def explained(error: BaseException) -> ReelwrightError:
    """`error` in our own words; itself if it is one of ours. Secrets and passwords inside addresses are struck."""
    if isinstance(error, ReelwrightError):
        return error
    if isinstance(error, BaseExceptionGroup):
        return explained(error.exceptions[0])
    package = type(error).__module__.partition(".")[0]
    if package in _BY_PACKAGE and (told := _BY_PACKAGE[package](error)) is not None:
        return told
    if isinstance(error, UnicodeError):
        return InvalidInput(
            f"it holds characters that are not valid text ({_text(error)})",
            field="input",
            remedy="give it in UTF-8",
        )
    if isinstance(error, OSError):
        return _of_the_system(error)
    return Unforeseen(
        f"unforeseen {type(error).__name__}: {_text(error)}",
        remedy="set REELWRIGHT_DEBUG=1 and run the command again for the details",
    )


def _of_the_system(error: OSError) -> ReelwrightError:
    if isinstance(error, TimeoutError):
        return ProviderUnavailable("no answer in time", remedy="`reelwright doctor` tells which part is missing")
    what = error.strerror or _text(error) or type(error).__name__
    if error.filename is None:
        return ProviderUnavailable(what, field="system", remedy="`reelwright doctor` tells which part is missing")
    remedy = "check its owner and mode" if isinstance(error, PermissionError) else "check the path and the disk"
    return ProviderUnavailable(what, field=str(error.filename), remedy=remedy)


def _of_pydantic(error: BaseException) -> ReelwrightError | None:
    from pydantic import ValidationError

    from reelwright.domain.explain import explain

    return explain(error) if isinstance(error, ValidationError) else None


def _of_temporal(error: BaseException) -> ReelwrightError | None:
    from temporalio.service import RPCError

    from .temporal.port import CallFailed, Code

    if isinstance(error, RPCError):
        return _of_the_server(CallFailed(error.message, Code(error.status)))
    cause = getattr(error, "cause", None) or error
    return ProviderUnavailable(f"Temporal: {_text(cause)}", remedy="see the workflow in Temporal's UI")


def _of_asyncpg(error: BaseException) -> ReelwrightError:
    from reelwright.storage.database import database_errors

    try:
        with database_errors():
            raise error
    except ReelwrightError as told:
        return told
    except Exception:  # noqa: BLE001 - what `database_errors` lets pass is named by its type
        return ProviderUnavailable(
            f"{type(error).__name__}: {_text(error)}", field="database", remedy="check DATABASE_URL and the server"
        )


def _of_the_media_store(error: BaseException) -> ReelwrightError:
    return ProviderUnavailable(
        f"the media store does not serve: {_text(error)}",
        field="REELWRIGHT_MEDIA_URL",
        remedy="check the address, the keys and the bucket",
    )


def _of_http(error: BaseException) -> ReelwrightError:
    from httpx import InvalidURL

    if isinstance(error, InvalidURL):
        return InvalidInput(f"not an address that can be read ({_text(error)})", field="url", remedy="check it")
    return ProviderUnavailable(f"{type(error).__name__}: {_text(error)}", field="http", remedy="try again later")


def _of_the_server(error: BaseException) -> ReelwrightError | None:
    """Of the errors of `control.temporal.port`, whichever client they come from."""
    from .temporal.port import CallFailed, Code, TemporalError

    if not isinstance(error, TemporalError):
        return None
    if not isinstance(error, CallFailed):
        return ProviderUnavailable(f"Temporal: {_text(error)}", remedy="see the workflow in Temporal's UI")
    if error.code is Code.DEADLINE_EXCEEDED:
        return ProviderUnavailable("Temporal: no answer in time", remedy="is a worker up? `reelwright doctor` tells")
    if error.code in (Code.PERMISSION_DENIED, Code.UNAUTHENTICATED):
        return ProviderUnavailable(
            f"Temporal refuses this client: {_text(error)}",
            field="TEMPORAL_API_KEY",
            remedy="check the API key, the certificate and the namespace",
        )
    if error.code is Code.INVALID_ARGUMENT:
        return InvalidInput(f"Temporal does not take it: {_text(error)}", field="id", remedy="check what was given")
    return ProviderUnavailable(f"Temporal: {_text(error)}", remedy="is its server up, and are its workers?")


_BY_PACKAGE: dict[str, Callable[[BaseException], ReelwrightError | None]] = {
    "pydantic_core": _of_pydantic,
    "pydantic": _of_pydantic,
    "control": _of_the_server,
    "temporalio": _of_temporal,
    "temporal_sdk_bridge": lambda error: InvalidInput(
        _text(error), field="TEMPORAL_PROFILE", remedy="check the Temporal settings"
    ),
    "asyncpg": _of_asyncpg,
    "botocore": _of_the_media_store,
    "boto3": _of_the_media_store,
    "httpx": _of_http,
    "httpcore": _of_http,
}


def _text(error: BaseException) -> str:
    text = " ".join(str(getattr(error, "message", "") or error).split())
    return redact(_PASSWORD.sub("…@", text))[:TEXT_CHARS]
