"""How much of a text another one has too, by the hashes of their runs of words."""

from __future__ import annotations

MOST_RUNS = 2_000
"""Of a longer text the smallest hashes are kept, which are a fair sample."""


def share_of(new: frozenset[int], old: frozenset[int]) -> float:
    """The share of the new runs that the old text has too. Of sets that hold the smallest hashes alone, those are
    compared that both would hold."""
    bounds = [max(runs) for runs in (new, old) if len(runs) == MOST_RUNS]
    compared = {run for run in new if not bounds or run <= min(bounds)}
    return len(compared & old) / len(compared) if compared else 0.0
