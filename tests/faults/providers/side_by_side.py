"""Contents at the same time, as long as they meet different providers: what one is charged, or how one fails, is no
other's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from .vendors import Place

AT_ONCE = 2


@dataclass(frozen=True)
class Job:
    """One content: the providers that it meets, and what makes it and looks at it."""

    places: frozenset[Place]
    run: Callable[[], None]


def side_by_side(jobs: Iterable[Job], at_once: int = AT_ONCE) -> None:
    """Runs all, in about their order. Raises the first error that one of them ends in, once the others have ended."""
    waiting, running = list(jobs), dict[Future[None], Job]()
    with ThreadPoolExecutor(at_once) as pool:
        while waiting or running:
            for job in list(waiting):
                busy = {place for other in running.values() for place in other.places}
                if len(running) < at_once and not job.places & busy:
                    waiting.remove(job)
                    running[pool.submit(job.run)] = job
            ended, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                del running[future]
                future.result()
