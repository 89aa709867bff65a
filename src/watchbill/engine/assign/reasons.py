"""From choices to reasons: scores, counts of people left out, the next best people, and the sentence for each item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from watchbill.engine.assign import rules
from watchbill.engine.assign.claims import failed_claims
from watchbill.engine.assign.classes import Ints
from watchbill.engine.assign.facts import ItemFacts, PersonFacts
from watchbill.engine.assign.greedy import UNPLACED
from watchbill.engine.assign.kinds import CLASS_ROOM, KIND_MUSTS
from watchbill.engine.assign.outcome import Candidate, Contribution, Decision, Rejection, Verdict, WayOut
from watchbill.engine.assign.rooms import IDLE_STAY
from watchbill.engine.assign.tables import Tables
from watchbill.engine.assign.ways import Nearest, nearest, same_for, ways_out
from watchbill.engine.assign.words import Pair, against, away, contribution_words, left_out, name_of, score_words
from watchbill.engine.base.ids import PersonId

ALTERNATIVES = 3
LEVELS = {rule.name: rule.level for rule in rules.RULES}
ASKED = rules.MUSTS.index(rules.is_asked_for)


@dataclass(slots=True)
class Book:
    """A set of choices with everything needed to say why. Sentences are written when asked for, tables once per class.

    chosen: per item a place, UNPLACED or IDLE_STAY. taken: per person the slots which these choices use. fallback: why the
    index rule made them, if it did.
    """

    tables: Tables
    chosen: Ints
    taken: Ints
    fallback: str = ""
    _ranked: dict[int, list[int]] = field(default_factory=dict)
    _rejected: dict[int, tuple[int, ...]] = field(default_factory=dict)
    _against: dict[int, frozenset[int]] = field(default_factory=dict)
    _by_kind: dict[int, Ints] = field(default_factory=dict)
    _nearest: dict[tuple[object, ...], Nearest] = field(default_factory=dict)
    _filled: frozenset[PersonId] | None = None
    _are_hours_known: bool | None = None

    @property
    def are_hours_known(self) -> bool:
        """Whether anybody is on shift, or known to come: else "off shift" says too little."""
        if self._are_hours_known is None:
            people = self.tables.kinds.people
            self._are_hours_known = not people or any(p.is_on_shift or p.next_shift_at for p in people)
        return self._are_hours_known

    # -- points -------------------------------------------------------------------------------------------------------

    def slot_of(self, place: int, *, is_chosen: bool) -> int:
        """Which slot an item is weighed at: the last taken for the chosen person, the next one (or the last) for others."""
        taken, free = int(self.taken[place]), int(self.tables.free[place])
        return max(0, taken - 1) if is_chosen else max(0, min(taken, free - 1))

    def contributions(self, item: ItemFacts, place: int, *, slot: int) -> tuple[Contribution, ...]:
        """Every reason that speaks for or against one person, in hundredths turned to points; zeros are left out."""
        context, person = self.tables.context, self.tables.kinds.people[place]
        amounts = {rule.__name__: rule(item, person, context) for rule, _ in rules.PREFERENCES}
        amounts["even_load"] = rules.even_load(
            person,
            taken=slot,
            slot_min=float(self.tables.slot_min[place]),
            policy=context.policy,
            held_min=int(self.tables.held_min[place]),
        )
        pair = Pair(
            item=item,
            person=person,
            owner=self._owner(item),
            snapshot=self.tables.snapshot,
            slot=slot,
            slot_min=float(self.tables.slot_min[place]),
        )
        return tuple(
            Contribution(rule=name, level=LEVELS[name], points=amount / 100, words=contribution_words(name, pair))
            for name, amount in amounts.items()
            if amount
        )

    def candidate(self, at: int, place: int, *, is_chosen: bool) -> Candidate:
        item = self.tables.classes.items[at]
        parts = self.contributions(item, place, slot=self.slot_of(place, is_chosen=is_chosen))
        return Candidate(
            person=self.tables.kinds.people[place].id,
            score=score_of(parts),
            contributions=parts,
            has_slot=is_chosen or bool(self.taken[place] < self.tables.free[place]),
        )

    # -- people ---------------------------------------------------------------------------------------------------------

    def rejected(self, at: int) -> tuple[tuple[int, ...], int]:
        """People left out per must, in the order of rules.MUSTS, and how many remain."""
        t = self.tables
        need = int(t.classes.need_of[at])
        counts = list(self._rejected.get(need) or self._count_rejected(need))
        holder = int(t.holder[at])
        if holder >= 0 and not t.kinds.eligible[need, t.kinds.of_person[holder]]:
            counts[CLASS_ROOM] -= 1  # she keeps what she holds
        remaining = len(t.kinds.people) - sum(counts)
        eligible, item = t.kinds.eligible[need], t.classes.items[at]
        declined = 0
        for person in set(item.declined_by):
            place = t.kinds.position.get(person, -1)
            declined += int(place >= 0 and eligible[t.kinds.of_person[place]] and t.free[place] > 0)
        return (*counts, declined), remaining - declined

    def _count_rejected(self, need: int) -> tuple[int, ...]:
        t = self.tables
        first = t.kinds.failed[need][t.kinds.of_person]
        counts = np.bincount(first, minlength=KIND_MUSTS + 1)[:KIND_MUSTS].tolist()
        full = int(((first == KIND_MUSTS) & (t.free == 0)).sum())
        self._rejected[need] = (*counts, full)
        return self._rejected[need]

    def _left_out(self, at: int, must: str, people: int) -> str:
        """How many people a must leaves out of an item, in words; of rules of the policy, which ones."""
        by_rules: frozenset[int] = frozenset()
        if must == rules.is_asked_for.__name__:
            t, need = self.tables, int(self.tables.classes.need_of[at])
            if need not in self._against:
                route, failed = t.classes.items[at].route, t.kinds.failed[need][t.kinds.of_person] == ASKED
                out = (t.kinds.people[place] for place in np.flatnonzero(failed))
                self._against[need] = frozenset(claim.rule for one in out for claim in failed_claims(route, one))
            by_rules = self._against[need]
        return left_out(must, people, by_rules=by_rules, are_hours_known=self.are_hours_known)

    def best(self, at: int, *, count: int) -> list[int]:
        """The best *count* people for the item at their next slot, declines left out; class by class, cached."""
        t = self.tables
        item, of = t.classes.items[at], int(t.classes.of_item[at])
        if of not in self._ranked or item.declined_by:
            banned = {t.kinds.position[p] for p in item.declined_by if p in t.kinds.position}
            ranked = self._rank(of, banned, ALTERNATIVES + 1)
            if banned:
                return self._merge(item, ranked, banned)[:count]
            self._ranked[of] = ranked
        return self._merge(item, self._ranked[of], set())[:count]

    def _rank(self, of: int, banned: set[int], count: int) -> list[int]:
        t = self.tables
        arcs = slice(int(t.arc_start[of]), int(t.arc_start[of + 1]))
        found: list[tuple[int, int]] = []
        for kind, points in zip(t.arc_kind[arcs].tolist(), t.arc_points[arcs].tolist(), strict=True):
            members = [place for place in self._in_kind(kind)[: count + len(banned)].tolist() if place not in banned]
            found.extend((self._next_cost(place) - points, place) for place in members[:count])
        return [place for _, place in sorted(found)[:count]]

    def _in_kind(self, kind: int) -> Ints:
        """People of a kind with a free slot, those with the cheapest next slot first."""
        if kind not in self._by_kind:
            t = self.tables
            places = np.nonzero((t.kinds.of_person == kind) & (t.free > 0))[0]
            costs = t.slot_costs[places, np.minimum(self.taken[places], t.free[places] - 1)]
            self._by_kind[kind] = places[np.lexsort((places, costs))]
        return self._by_kind[kind]

    def _next_cost(self, place: int) -> int:
        return int(self.tables.slot_costs[place, self.slot_of(place, is_chosen=False)])

    def _merge(self, item: ItemFacts, ranked: list[int], banned: set[int]) -> list[int]:
        """Add people with continuity, whose points differ from their class's, and sort again."""
        t = self.tables
        at = t.index[item.id]
        familiar = [p for p in t.familiar(item) if t.is_eligible(at, p) and t.free[p] and p not in banned]
        if not familiar:
            return ranked
        places = dict.fromkeys((*ranked, *familiar))
        return sorted(places, key=lambda place: (-self._points(item, place), place))

    def _points(self, item: ItemFacts, place: int) -> int:
        """Score in hundredths at the next slot, without words."""
        t = self.tables
        person = t.kinds.people[place]
        return sum(rule(item, person, t.context) for rule, _ in rules.PREFERENCES) - self._next_cost(place)

    # -- decisions ------------------------------------------------------------------------------------------------------

    def decision(self, at: int) -> Decision:
        """Spell one item out."""
        t = self.tables
        item, place = t.classes.items[at], int(self.chosen[at])
        counts, eligible = self.rejected(at)
        names = [must.__name__ for must in rules.MUSTS]
        rejected = tuple(
            Rejection(rule=name, people=people, words=self._left_out(at, name, people))
            for name, people in zip(names, counts, strict=True)
            if people
        )
        if place == IDLE_STAY or not t.classes.competes[at]:
            return self._stay(at, eligible, rejected)
        chosen = self.candidate(at, place, is_chosen=True) if place >= 0 else None
        others = [p for p in self.best(at, count=ALTERNATIVES + 1) if p != place][:ALTERNATIVES]
        alternatives = tuple(_lost(self.candidate(at, other, is_chosen=False), chosen) for other in others)
        verdict = self._verdict(at, eligible)
        owner = item.owner if item.owner in t.context.owners else None
        return Decision(
            item=item.id,
            verdict=verdict,
            person=chosen.person if chosen else None,
            owner=owner,
            score=chosen.score if chosen else 0.0,
            contributions=chosen.contributions if chosen else (),
            eligible=eligible,
            rejected=rejected,
            alternatives=alternatives,
            reason=self._away(at) + self._reason(verdict, place, chosen, alternatives, rejected, eligible),
            ways_out=() if chosen else self._ways_out(at),
            gain=self._gain(at, chosen) if verdict is Verdict.MOVE else None,
            fallback=self.fallback,
        )

    def decisions(self) -> Iterator[Decision]:
        """Every competing item, oldest first."""
        return (self.decision(int(at)) for at in np.nonzero(self.tables.classes.competes)[0])

    def _verdict(self, at: int, eligible: int) -> Verdict:
        t, place = self.tables, int(self.chosen[at])
        if place == UNPLACED:
            return Verdict.WAIT if eligible else Verdict.NO_ONE
        item = t.classes.items[at]
        if item.owner not in t.context.owners:
            return Verdict.ASSIGN
        return Verdict.STAY if t.kinds.people[place].id == item.owner else Verdict.MOVE

    def _stay(self, at: int, eligible: int, rejected: tuple[Rejection, ...]) -> Decision:
        """An owned item that the plan leaves alone: moves are off, it is pinned or resting, or no move pays."""
        t, item = self.tables, self.tables.classes.items[at]
        place = t.kinds.position[item.owner] if item.owner is not None else -1
        parts = self.contributions(item, place, slot=0) if t.is_eligible(at, place) else ()
        others = [p for p in self.best(at, count=ALTERNATIVES + 1) if p != place][:ALTERNATIVES]
        owner = t.kinds.people[place]
        why = "no move gains more than it costs" if t.classes.competes[at] else "owned items are not moved now"
        if t.must_go[at]:
            why = f"nobody else may take it now, though {away(owner, t.snapshot.now)}"
        return Decision(
            item=item.id,
            verdict=Verdict.STAY,
            person=owner.id,
            owner=owner.id,
            score=score_of(parts),
            contributions=parts,
            eligible=eligible,
            rejected=rejected,
            alternatives=tuple(self.candidate(at, other, is_chosen=False) for other in others),
            reason=f"Stays with {name_of(owner)}: {why}.",
        )

    def _gain(self, at: int, chosen: Candidate | None) -> float | None:
        """Points won over leaving the item with its owner; 0 counts for an owner who cannot work on it now.

        None when the owner's slots all go to other work: then the move makes room, and the gain is the whole plan's.
        """
        item = self.tables.classes.items[at]
        if chosen is None or item.owner is None:
            return None
        owner = self.tables.kinds.position[item.owner]
        if not self.tables.is_eligible(at, owner):
            return chosen.score
        stay = self.candidate(at, owner, is_chosen=False)
        return round(chosen.score - stay.score, 2) if stay.has_slot else None

    def _ways_out(self, at: int) -> tuple[WayOut, ...]:
        t, item = self.tables, self.tables.classes.items[at]
        key = same_for(item)
        if key not in self._nearest:
            self._nearest[key] = nearest(item, t.snapshot, full=self._filled_people())
        return ways_out(item, t.snapshot, self._nearest[key])

    def _filled_people(self) -> frozenset[PersonId]:
        """People with free slots, all of which these choices use."""
        if self._filled is None:
            t = self.tables
            places = np.nonzero((t.free > 0) & (self.taken >= t.free))[0].tolist()
            self._filled = frozenset(t.kinds.people[place].id for place in places)
        return self._filled

    def _owner(self, item: ItemFacts) -> PersonFacts | None:
        position = self.tables.kinds.position
        return self.tables.kinds.people[position[item.owner]] if item.owner in position else None

    def _reason(
        self,
        verdict: Verdict,
        place: int,
        chosen: Candidate | None,
        alternatives: tuple[Candidate, ...],
        rejected: tuple[Rejection, ...],
        eligible: int,
    ) -> str:
        if chosen is None:
            if verdict is Verdict.WAIT:
                noun = "1 person" if eligible == 1 else f"{eligible} people"
                return f"{noun} could take this, but every free slot goes to other work in this plan."
            because = ", ".join(rejection.words for rejection in rejected) or "there are no people"
            return f"No one can take this: {because}."
        name = name_of(self.tables.kinds.people[place])
        if not alternatives:
            return f"{name} is the only one who can take this."
        second = alternatives[0]
        other = name_of(self._person(second))
        if not second.has_slot:
            return f"{name} takes this; {other} is given other work in this plan."
        return f"{name} scores {score_words(chosen.score)}, {other} {score_words(second.score)}."

    def _away(self, at: int) -> str:
        """A sentence that the owner is away, where that is why the item goes elsewhere."""
        t, item = self.tables, self.tables.classes.items[at]
        if item.owner not in t.context.owners:
            return ""
        owner = t.kinds.people[t.kinds.position[item.owner]]
        return f"{away(owner, t.snapshot.now)}. " if owner.is_absent else ""

    def _person(self, candidate: Candidate) -> PersonFacts:
        kinds = self.tables.kinds
        return kinds.people[kinds.position[candidate.person]]


def score_of(parts: tuple[Contribution, ...]) -> float:
    """Sum of the contributions, exact to the hundredth."""
    return round(sum(part.points for part in parts), 2)


def _lost(candidate: Candidate, chosen: Candidate | None) -> Candidate:
    """Say where a person who was not chosen fell behind: the rule with the largest difference."""
    if chosen is None or not candidate.has_slot:
        words = "the last free slot goes to other work in this plan"
    else:
        mine = {part.rule: part.points for part in candidate.contributions}
        best = {part.rule: part.points for part in chosen.contributions}
        behind = {rule: best.get(rule, 0.0) - mine.get(rule, 0.0) for rule in sorted({*mine, *best})}
        if candidate.score >= chosen.score:
            words = "equal score"
        else:
            rule = max(behind, key=lambda name: behind[name])
            words = f"{rule} {against(mine.get(rule, 0.0), best.get(rule, 0.0))}"
    return Candidate(
        person=candidate.person,
        score=candidate.score,
        contributions=candidate.contributions,
        has_slot=candidate.has_slot,
        lost_by=words,
    )
