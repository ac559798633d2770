"""Digests of a stream's packets, which stay what they are when a segment becomes part of a whole file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream


@dataclass(frozen=True)
class PacketRun:
    """Packets that follow each other. `digest` is a sha256 over their times, counted from the run's first one, whether
    a decoder may begin at them, and their bytes. `faults` is what is not regular about their times."""

    count: int
    digest: str
    faults: tuple[str, ...]


def packets_of(container: InputContainer, stream: Stream) -> Iterator[Packet[Any]]:
    """The packets with data; the demuxer's last one has none and means that there are no more."""
    return (packet for packet in container.demux(stream) if packet.size)


def picture_run(packets: Iterable[Packet[Any]], fps: int, first: int = 0, frames: int | None = None) -> PacketRun:
    """Reads a segment's packets, the next `frames` or all. Its first frame should be shown as number `first`."""
    digest = hashlib.sha256()
    shown: list[int] = []
    decoded: list[int] = []
    begins = False
    ticks = 1.0
    for packet in islice(packets, frames):
        if not shown and packet.time_base:
            ticks = float(1 / (packet.time_base * fps))
        at, then = round((packet.pts or 0) / ticks) - first, round((packet.dts or 0) / ticks) - first
        begins = begins or (not shown and packet.is_keyframe)
        shown.append(at)
        decoded.append(then)
        digest.update(f"{at} {then} {packet.is_keyframe} {packet.size}\n".encode())
        digest.update(packet)
    faults = []
    if not begins:
        faults.append("does not begin with a key frame")
    if sorted(shown) != list(range(len(shown))):
        faults.append("has frames out of time")
    if any(after <= before for before, after in pairwise(decoded)):
        faults.append("is not in the order of decoding")
    return PacketRun(len(shown), digest.hexdigest(), tuple(faults))


def sound_digest(packets: Iterable[Packet[Any]]) -> str:
    """A sha256 over the times and the bytes of all packets of a sound."""
    digest = hashlib.sha256()
    for packet in packets:
        digest.update(f"{packet.pts} {packet.time_base} {packet.size}\n".encode())
        digest.update(packet)
    return digest.hexdigest()
