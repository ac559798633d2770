"""The one table of task queues, timeouts and retry policies, each with its reason.

Most steps have no attempt limit and no schedule-to-close: an outage of the database, the media store or a provider
costs time and nothing else. The errors' types decide what must never be repeated: a typed error that is not
`retryable` is raised non-retryable, and an unexpected error becomes non-retryable at its sixth attempt
(`workers/interceptors.py`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict

from temporalio.common import Priority, RetryPolicy
from temporalio.workflow import ActivityCancellationType

from .queues import GPU_QUEUE, MAIN_QUEUE, RENDER_QUEUE, media_queue, publish_queue

__all__ = ["GPU_QUEUE", "MAIN_QUEUE", "RENDER_QUEUE", "media_queue", "publish_queue"]


class Options(TypedDict, total=False):
    """Keyword arguments of `workflow.execute_activity_method`."""

    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy
    cancellation_type: ActivityCancellationType
    priority: Priority


STEADY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
PATIENT = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=5))
ONCE = RetryPolicy(maximum_attempts=1)

# A row read or written; a second is long, half a minute means the database is away.
RECORD = Options(start_to_close_timeout=timedelta(seconds=30), retry_policy=STEADY)
# Someone else's web server, or a language model thinking.
WRITE = Options(start_to_close_timeout=timedelta(minutes=5), retry_policy=PATIENT)
# One scene spoken or drawn, one piece of music: seconds offline, a minute or two at a provider.
MAKE = Options(
    start_to_close_timeout=timedelta(minutes=10), heartbeat_timeout=timedelta(seconds=20), retry_policy=STEADY
)
# A clip that somebody else renders: minutes, in a queue an hour. Another attempt goes on with the same job.
FILM = Options(start_to_close_timeout=timedelta(hours=1), heartbeat_timeout=timedelta(seconds=20), retry_policy=STEADY)
# How long one provider of a chain is tried for one purchase before the next one is asked: a server that restarts is
# back after the second or third try, which come a few seconds apart; one that is away for minutes costs a content more
# than another voice or picture does.
PROVIDER_TRIES = 3
PROVIDER_PATIENCE = timedelta(minutes=3)
# How often the scenes of a story are spoken again because another provider had to take over in the middle of it: each
# time it is one further down the chain.
SPEAKERS = 10
# The user's own files: fetched from elsewhere and decoded to their ends, each with limits of its own. The heartbeat
# carries how far the decoding is.
TAKE = Options(start_to_close_timeout=timedelta(hours=1), heartbeat_timeout=timedelta(seconds=20), retry_policy=PATIENT)
# The same for files that are named by address, whose hosts may be away for hours or for good: after about a minute the
# content's board says what it waits for, and the file is tried again after each of these pauses, for about a day.
TAKE_ROUND = Options(
    start_to_close_timeout=timedelta(hours=1),
    heartbeat_timeout=timedelta(seconds=20),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=2), maximum_attempts=6),
)
TAKE_WAITS = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 20, 30, *[60] * 23))
# Seconds to minutes of encoding, of mixing or of measuring. The heartbeat carries real progress; a killed worker is
# noticed after 20 s. The workflow waits until a cancelled encoder has really stopped.
RENDER = Options(
    start_to_close_timeout=timedelta(hours=2),
    heartbeat_timeout=timedelta(seconds=20),
    retry_policy=STEADY,
    cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
)
# Joining and inspecting take a second or two and end a video: they do not wait behind segments of other formats and
# contents, of which the queue may hold an hour's work.
FINISH = Options(**RENDER, priority=Priority(priority_key=1))
# How often a render is planned anew because its workers were replaced by another build meanwhile: once or twice is an
# update, more is a pool whose machines differ for good, which a person has to see to.
RENDER_PLANS = 3
# A large file over a slow line; each attempt goes on from the platform's own offset.
UPLOAD = Options(
    start_to_close_timeout=timedelta(hours=6), heartbeat_timeout=timedelta(seconds=30), retry_policy=PATIENT
)
# The irreversible call: never retried, and no false alarm from a short heartbeat; the outcome of a lost one is
# read from the platform.
PUBLISH_ONCE = Options(
    start_to_close_timeout=timedelta(minutes=30),
    heartbeat_timeout=timedelta(minutes=1),
    retry_policy=ONCE,
    cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
)
# Reading the platform's state: cheap, safe to repeat.
ASK_PLATFORM = Options(start_to_close_timeout=timedelta(minutes=1), retry_policy=PATIENT)
# A thumbnail, a caption track, a comment: each looked for before it is made again. After a day the post
# stays without it, and a note reports what is missing.
ATTACH = Options(
    start_to_close_timeout=timedelta(minutes=5), schedule_to_close_timeout=timedelta(days=1), retry_policy=PATIENT
)
# A word to the people: not worth waiting for.
ANNOUNCE = Options(
    start_to_close_timeout=timedelta(minutes=1), schedule_to_close_timeout=timedelta(minutes=10), retry_policy=STEADY
)
# One feed, and a few articles with a pause between them: seconds to two minutes. What the feed itself does wrong is no
# failure of the activity; after three failures of ours the source is left to the next harvest.
HARVEST = Options(
    start_to_close_timeout=timedelta(minutes=10),
    heartbeat_timeout=timedelta(seconds=20),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=1), maximum_attempts=3
    ),
)
# One item of a batch: a start, a cancellation or a retry, each a few calls to Temporal and the database.
BATCH_ITEM = Options(start_to_close_timeout=timedelta(minutes=2), retry_policy=STEADY)
# Sources of one harvest that are read at the same time: each waits for other people's servers most of the time.
HARVEST_AT_ONCE = 4

# A revision of ten scenes is some seventy events; after so many the content goes on in a new run with a short history.
REVISIONS_PER_RUN = 20
# How often one publication may start over from the upload because the platform itself spoilt what it was sent.
TAKES = 3
# How often posting is tried while the platform makes certain each time that nothing was posted: with pauses of up to
# ten minutes about eight hours.
POST_ATTEMPTS = 50
# How often one step is held up by pauses, quotas and authorisations; each is a wait of its own, so that is years.
TURNS = 1_000
# A wait longer than this is reported to the content's own board.
LONG_WAIT = timedelta(seconds=30)


# What a person must do, by what a failure waits for: the stage of the wait, and the instruction.
WANTS = {
    "authorization": ("needs_authorization", "authorise {platform} account '{account}' again"),
    "budget": ("needs_budget", "raise the budget of {platform}"),
}


def pause_check(turn: int) -> timedelta:
    """How long until a held publication checks again by itself, without a signal: minutes at first, then less and less
    often, so that a month takes about forty checks."""
    return timedelta(minutes=min(1_440, 15 * 2**turn))


# A period's end wakes the contents that wait for it within so many seconds.
BUDGET_SPREAD_S = 30.0


def budget_check(turn: int) -> timedelta:
    """How long until a content that waits for its channel's budget looks again by itself: soon at first, since what is
    reserved for other purchases is freed within minutes, then ever less often, so that a month takes some forty."""
    return timedelta(seconds=15 * 4**turn) if turn < 6 else timedelta(days=1)


def child_wait(turn: int) -> timedelta:
    """How long until a child is started again whose id an earlier run's child still has: seconds at first, so that one
    that is just ending costs little, then ever less often, so that a month costs some 700 tries."""
    return min(timedelta(seconds=2**turn), timedelta(hours=1)) if turn < 12 else timedelta(hours=1)


# How long to wait between looks at an armed post whose outcome is open: soon at first, since most platforms list a
# post within minutes, then ever less often for about a day.
RECONCILE_WAITS = tuple(timedelta(minutes=m) for m in (0, 0.25, 1, 2, 5, 10, 20, 40, 60, 120, 240, 480, 720))
# Until an upload can be posted: seconds to minutes (Instagram documents at most five), a day during an outage of a
# platform.
READY_WAITS = tuple(timedelta(seconds=s) for s in (1, 2, 3, 5, 10, 20, 30, 60, 60, 120, 300, *[600] * 6, *[3600] * 23))
# Platforms transcode for seconds to hours; a video that is still processing after this long is left as posted.
PROCESSING_WAITS = tuple(timedelta(seconds=s) for s in (1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600))
