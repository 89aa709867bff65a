"""The minutes that people have, by slot and by what they can do, and whether some work plainly fits into them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from heapq import heapify, heappop, heappush

from watchbill.engine.backtest.facts import Model, Span
from watchbill.engine.backtest.windows import LITTLE, Piece, Windows
from watchbill.engine.base.ids import SkillId

Group = tuple[SkillId, ...]
"""The skills of people who can do the same."""

_Waiting = tuple[int, int, float, Piece]
"""When its window ends, a number, the minutes that are left, and the piece."""


class Capacity:
    """Minutes of shifts, by component, slot and group. Skills that somebody has together are of one component."""

    def __init__(self, model: Model, windows: Windows, slot_min: int) -> None:
        self.windows, self.slot_min = windows, slot_min
        groups = {tuple(sorted(agent.skills)) for agent in model.agents if agent.shifts and agent.skills}
        self.component = _components(groups)
        self.groups = {
            skill: sorted((group for group in groups if skill in group), key=lambda group: (len(group), group))
            for skill in self.component
        }
        self.rooms: dict[int, dict[int, dict[Group, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
        for agent in model.agents:
            group = tuple(sorted(agent.skills))
            for start, end in agent.shifts if group else ():
                for slot in self.slots((start, end)):
                    begin, over = self.span(slot)
                    self.rooms[self.component[group[0]]][slot][group] += min(end, over) - max(start, begin)

    def span(self, slot: int) -> Span:
        return slot * self.slot_min, (slot + 1) * self.slot_min

    def slots(self, span: Span) -> range:
        """Those that *span* touches."""
        return range(span[0] // self.slot_min, -(-span[1] // self.slot_min))

    def most(self, piece: Piece, slot: int) -> float:
        """The most minutes that the piece could be worked on in a slot: one person at a time, in its window, while somebody is there."""
        return min(piece.least_min, self.windows.covered(piece, self.span(slot)))

    def scarce(self, pieces: Iterable[Piece]) -> set[SkillId]:
        """The skills whose *pieces*, all of one component, were not all got into their windows together.

        Slot by slot, the window that ends first is served first, by those who can do the least else. What is found is a division
        of minutes that the programme would allow: when nothing is left, capacity takes nothing from any of them. Where something is
        left, a better division may still have room for it. O((pieces + slots x skills) log pieces) when there is enough of it.
        """
        coming = sorted(pieces, key=lambda piece: piece.opens_min, reverse=True)
        found: set[SkillId] = set()
        if not coming:
            return found
        queues: dict[SkillId, list[_Waiting]] = defaultdict(list)
        rooms = self.rooms[self.component[coming[0].skill]]
        count = 0
        for slot in sorted(rooms):
            start, end = self.span(slot)
            while coming and coming[-1].opens_min < end:
                piece, count = coming.pop(), count + 1
                heappush(queues[piece.skill], (piece.ends_min, count, piece.least_min, piece))
            for skill, queue in queues.items():
                while queue and queue[0][0] <= start:
                    heappop(queue)
                    found.add(skill)
            self._serve(slot, {group: float(minutes) for group, minutes in rooms[slot].items()}, queues)
        return found.union((piece.skill for piece in coming), (skill for skill, queue in queues.items() if queue))

    def _serve(self, slot: int, rooms: dict[Group, float], queues: dict[SkillId, list[_Waiting]]) -> None:
        """Give out the minutes of one slot, and leave in the queues what is not done."""
        kept: list[_Waiting] = []
        heads = [(queue[0][0], skill) for skill, queue in queues.items() if queue]
        heapify(heads)
        while heads:
            skill = heappop(heads)[1]
            groups = [group for group in self.groups[skill] if rooms.get(group, 0) > LITTLE]
            if not groups:
                continue
            ends, number, left, piece = heappop(queues[skill])
            wanted = min(left, self.most(piece, slot))
            for group in groups:
                taken = min(wanted, rooms[group])
                rooms[group] -= taken
                wanted -= taken
                left -= taken
            if left > LITTLE:
                kept.append((ends, number, left, piece))
            if queues[skill]:
                heappush(heads, (queues[skill][0][0], skill))
        for one in kept:
            heappush(queues[one[3].skill], one)


def _components(groups: Iterable[Group]) -> dict[SkillId, int]:
    """A number for every skill: the same for two that are linked by people who have both."""
    links: dict[int, int] = {}
    for group in groups:
        for skill in group:
            join(links, skill, group[0])
    return {SkillId(skill): root(links, skill) for skill in links}


def join(links: dict[int, int], one: int, other: int) -> None:
    """What is linked to *one* is linked to *other* from now on."""
    for each in (one, other):
        links.setdefault(each, each)
    links[root(links, one)] = root(links, other)


def root(links: dict[int, int], number: int) -> int:
    """The number by which all that is linked to *number* goes."""
    while links[number] != number:
        number = links[number]
    return number
