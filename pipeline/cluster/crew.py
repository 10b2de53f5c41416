"""The workers that have joined: each is one slot, free or at work."""

import asyncio
from dataclasses import dataclass, field

from pipeline.cluster.steps import CPU, ENCODER, SPEECH

GPU = "gpu"
SLOTS = (CPU, GPU, ENCODER)


@dataclass(slots=True, eq=False)
class Member:
    """One process of a worker that does one step at a time."""

    address: str
    name: str
    slot: str
    is_free: bool = True
    is_leaving: bool = False
    """It was asked to stop: what it does is no failure."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class Crew:
    """Who has joined, by Dask's address."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}

    @property
    def free(self) -> list[Member]:
        """Those without work; special slots first, so that what only they can do never waits for them."""
        free = (member for member in self._members.values() if member.is_free and not member.is_leaving)
        return sorted(free, key=lambda member: member.slot == CPU)

    def __len__(self) -> int:
        return len(self._members)

    def add(self, address: str, name: str, slot: str) -> Member:
        """Let a worker in."""
        self._members[address] = member = Member(address, name, slot)
        return member

    def leave(self, address: str) -> None:
        """Give a worker no more work."""
        if address in self._members:
            self._members[address].is_leaving = True

    def remove(self, address: str) -> None:
        """Note that a worker has gone."""
        member = self._members.pop(address, None)
        if member is not None:
            member.gone.set()

    def offers(self, member: Member) -> tuple[str, ...]:
        """Return what a member's slot can do now: cores recognise speech only where nobody has a GPU."""
        if member.slot == GPU:
            return (SPEECH,)
        if member.slot == ENCODER:
            return (ENCODER,)
        has_gpu = any(other.slot == GPU for other in self._members.values())
        return (CPU,) if has_gpu else (CPU, SPEECH)
