"""What the processes write into their logs: no secret, whichever library writes it."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from reelwright.domain.redaction import redact

_plain = logging.getLogRecordFactory()
HTTP_LOGGERS = ("httpx", "httpx2")
"""At INFO they write a line with the whole address for each request."""


def keep_logs_clean() -> None:
    """From now on secrets are struck out of every log record of this process when it is made, tracebacks included, so
    that no handler gets to see them. Safe to call again."""
    logging.setLogRecordFactory(_clean_record)
    for name in HTTP_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def _clean_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    record = _plain(*args, **kwargs)
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):  # arguments that do not fit the message
        message = f"{record.msg} {record.args!r}"
        record.msg, record.args = message, ()
    clean = redact(message)
    if clean != message:
        record.msg, record.args = clean, ()
    if record.exc_info and record.exc_info[0] is not None:
        told = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        if (clean := redact(told)) != told:
            record.exc_info, record.exc_text = None, clean
    return record
