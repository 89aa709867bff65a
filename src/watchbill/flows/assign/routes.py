"""What the rules of a policy ask for the items of a desk: the fields that conditions look at, read only where there are rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from watchbill.apps.decisions.routes import names_for, rules_notes
from watchbill.apps.people.abilities import Ability
from watchbill.apps.work.competing import Competing, settings_of
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.routing import Route, fields_asked, route_of
from watchbill.flows.clockfacts import about
from watchbill.flows.replay.names import classes_unknown, conditions_unknown


class Routing:
    """What the rules of a policy look at in some items of a desk, read once for any moment. No query without rules, else at most seven."""

    def __init__(self, desk_id: int, item_ids: Sequence[int], policy: Policy, able: Sequence[Ability]) -> None:
        self.policy = policy
        if policy.rules and item_ids:
            self._names, fields = names_for(desk_id, able), fields_asked(policy.rules)
            self._known = settings_of(item_ids)
            self._book = about(desk_id, fields, self._known.values())

    def routes(self, rows: Sequence[Competing], now: datetime) -> Mapping[int, Route]:
        """Return what the rules ask at *now*, by item, where they ask anything; *rows*: those items as they stand, or stood."""
        found = {}
        for row in rows if self.policy.rules else ():
            known = {**self._known.get(row.id, {}), "team_id": row.team_id}
            values = {
                **self._book.facts(known, now), "priority": f"P{row.priority}", "state": row.state,
                "owned": row.owner_id is not None, "tier": row.tier,
            }  # fmt: skip
            if route := route_of(self.policy.rules, values, self._names):
                found[row.id] = route
        return found


def routes_of(
    desk_id: int, rows: Sequence[Competing], policy: Policy, able: Sequence[Ability], now: datetime
) -> Mapping[int, Route]:
    """Return what the rules of *policy* ask of items as they stand, by item, where they ask anything."""
    return Routing(desk_id, [row.id for row in rows], policy, able).routes(rows, now)


def policy_notes(desk_id: int, policy: Policy) -> list[str]:
    """Return what is accepted of a policy's rules and limits and yet worth saying: what nobody has, and names that nothing has."""
    conditions = [(f"rule {number}", rule.when) for number, rule in enumerate(policy.rules, 1)]
    unknown = [said for _, _, said in conditions_unknown(desk_id, conditions)]
    said = [*rules_notes(desk_id, policy), *unknown, *classes_unknown(desk_id, policy.class_limits)]
    return [*said, *_upside_down(policy)]


def _upside_down(policy: Policy) -> Iterator[str]:
    """Priorities that weigh less than the next one, in words."""
    for (one, weight), (other, more) in pairwise(sorted(policy.priority_weights.items())):
        if weight < more:
            yield f"priority_weights: P{other} weighs more than P{one} ({more:g} against {weight:g}), so it goes first"
