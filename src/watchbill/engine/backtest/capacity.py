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

    def fits(self, pieces: Iterable[Piece]) -> bool:
        """Whether all of *pieces*, of one component, can be done in their windows together; False may only mean that it was not seen.

        Slot by slot, the window that ends first is served first, by those who can do the least else. What is found is a division
        of minutes that the programme would allow, so that True proves that capacity takes nothing from any of them.
        O((pieces + slots x skills) log pieces) when there is enough of it.
        """
        coming = sorted(pieces, key=lambda piece: piece.opens_min, reverse=True)
        if not coming:
            return True
        left: list[float] = []
        queues: dict[SkillId, list[tuple[int, int, Piece]]] = defaultdict(list)
        rooms = self.rooms[self.component[coming[0].skill]]
        for slot in sorted(rooms):
            end = self.span(slot)[1]
            while coming and coming[-1].opens_min < end:
                piece = coming.pop()
                heappush(queues[piece.skill], (piece.ends_min, len(left), piece))
                left.append(piece.least_min)
            if not self._serve(slot, {group: float(minutes) for group, minutes in rooms[slot].items()}, queues, left):
                return False
            if not coming and not any(queues.values()):
                return True
        return False

    def _serve(
        self,
        slot: int,
        rooms: dict[Group, float],
        queues: dict[SkillId, list[tuple[int, int, Piece]]],
        left: list[float],
    ) -> bool:
        """Give out the minutes of one slot; False when a window ends in it with work left."""
        over = self.span(slot)[1]
        kept: dict[SkillId, list[tuple[int, int, Piece]]] = defaultdict(list)
        heads = [(queue[0][0], skill) for skill, queue in queues.items() if queue]
        heapify(heads)
        while heads:
            _, skill = heappop(heads)
            open_groups = [group for group in self.groups[skill] if rooms.get(group, 0.0) > LITTLE]
            queue = queues[skill]
            if not open_groups:
                if queue[0][0] <= over:
                    return False
                continue
            ends, number, piece = heappop(queue)
            wanted = min(left[number], self.most(piece, slot))
            left[number] -= wanted
            for group in open_groups:
                taken = min(wanted, rooms[group])
                rooms[group] -= taken
                wanted -= taken
            left[number] += max(0.0, wanted)
            if left[number] > LITTLE:
                if ends <= over:
                    return False
                kept[skill].append((ends, number, piece))
            if queue:
                heappush(heads, (queue[0][0], skill))
        for skill, some in kept.items():
            for one in some:
                heappush(queues[skill], one)
        return True


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
