"""From a policy that competed to a shadow run of it: only a draft of the desk's own assignment policy can be shadowed and adopted."""

from __future__ import annotations

from datetime import datetime

from watchbill.apps.core.actor import Actor
from watchbill.apps.decisions.shadows import DAYS, shadow_begin
from watchbill.apps.people.rights import Right, require
from watchbill.apps.reports.backtests import BacktestRow
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.errors import InvalidFacts
from watchbill.flows.backtest.asking import Draft, drafts_of


def shadow_ask(
    desk_id: int, name: str, *, run: BacktestRow | None = None, days: int = DAYS, by: Actor, now: datetime
) -> int:
    """Begin a shadow run of a draft by its name in comparisons, as it competed in *run* or as it is; return the key.

    Raises NotAllowed, Conflict while another is under way on the desk, and InvalidFacts naming those that there are.
    """
    require(by, Right.POLICY_EDIT, desk_id)
    drafts = drafts_of(desk_id, now) if run is None else [Draft(**one) for one in run.policy["drafts"]]
    draft = next((one for one in drafts if one.name == name), None)
    if draft is None:
        known = ", ".join(one.name for one in drafts) or "none; run a draft dry first"
        raise InvalidFacts(f"There is no draft “{name}”; there are: {known}", field="draft")
    policy = Policy.from_json(draft.body, is_stored=True)
    backtest = "" if run is None else run.reference
    return shadow_begin(desk_id, policy, name=draft.name, says=draft.says, backtest=backtest, days=days, by=by, now=now)
