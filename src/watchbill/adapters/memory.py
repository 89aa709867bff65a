"""The outside in memory: takes messages, or fails as it is told to. For tests, and for trying without a network."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from watchbill.apps.notices.ports import Letter, NotSent


@dataclass(slots=True)
class MemoryChannel:
    """Keeps what was sent, in order. ``faults``: what is raised at the next attempts, None for one that is taken."""

    sent: list[Letter] = field(default_factory=list)
    faults: deque[NotSent | None] = field(default_factory=deque)

    def send(self, letter: Letter) -> str:
        """Keep a message, or raise the next fault."""
        fault = self.faults.popleft() if self.faults else None
        if fault is not None:
            raise fault
        self.sent.append(letter)
        return f"kept {len(self.sent)}"
