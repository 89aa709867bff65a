"""What the rules of a policy ask for the items of a desk: the fields that conditions look at, read only where there are rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from watchbill.apps.decisions.routes import names_for, rules_notes
from watchbill.apps.people.abilities import Ability
from watchbill.apps.work.competing import Competing, settings_of
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.routing import Route, fields_asked, route_of
from watchbill.flows.clockfacts import about
from watchbill.flows.replay.names import conditions_unknown


def routes_of(
    desk_id: int, rows: Sequence[Competing], policy: Policy, able: Sequence[Ability], now: datetime
) -> Mapping[int, Route]:
    """Return what the rules of *policy* ask, by item, where they ask anything. No query without rules, else at most seven."""
    if not policy.rules or not rows:
        return {}
    names, fields = names_for(desk_id, able), fields_asked(policy.rules)
    known = settings_of([row.id for row in rows])
    sets = {row.id: {**known.get(row.id, {}), "team_id": row.team_id} for row in rows}
    book = about(desk_id, fields, sets.values())
    found = {}
    for row in rows:
        values = {
            **book.facts(sets[row.id], now), "priority": f"P{row.priority}", "state": row.state,
            "owned": row.owner_id is not None, "tier": row.tier,
        }  # fmt: skip
        if route := route_of(policy.rules, values, names):
            found[row.id] = route
    return found


def policy_notes(desk_id: int, policy: Policy) -> list[str]:
    """Return what is accepted of a policy's rules and yet worth saying: what nobody has, and names that nothing has."""
    conditions = [(f"rule {number}", rule.when) for number, rule in enumerate(policy.rules, 1)]
    return [*rules_notes(desk_id, policy), *(said for _, _, said in conditions_unknown(desk_id, conditions))]
