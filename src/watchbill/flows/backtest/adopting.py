"""From a policy that competed to a shadow run of it: only a draft of the desk's own assignment policy can be shadowed and adopted."""

from __future__ import annotations

from datetime import datetime

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import DRY_RUN, TUNING, key_of
from watchbill.apps.decisions import queries
from watchbill.apps.decisions.dryruns import dry_run_row
from watchbill.apps.decisions.shadows import DAYS, shadow_begin
from watchbill.apps.decisions.tunings import tuning_row
from watchbill.apps.people.rights import Right, require
from watchbill.apps.reports.backtests import BacktestRow
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.flows.backtest.asking import Draft, drafts_of

OURS = "watchbill "
"""How comparisons begin the name of a draft of the desk."""


def shadow_ask(
    desk_id: int, name: str, *, run: BacktestRow | None = None, days: int = DAYS, by: Actor, now: datetime
) -> int:
    """Begin a shadow run of a draft by its name in comparisons, as it competed in *run* or as it is; return the key.

    Raises NotAllowed, Conflict while another is under way on the desk or when a version was published since it was drawn, and InvalidFacts naming those that there are.
    """
    require(by, Right.POLICY_EDIT, desk_id)
    drafts = drafts_of(desk_id, now) if run is None else [Draft(**one) for one in run.policy["drafts"]]
    draft = next((one for one in drafts if one.name == name), None)
    if draft is None:
        known = ", ".join(one.name for one in drafts) or "none; run a draft dry first"
        raise InvalidFacts(f"There is no draft “{name}”; there are: {known}", field="draft")
    _require_current(desk_id, draft, run, now)
    policy = Policy.from_json(draft.body, is_stored=True)
    backtest = "" if run is None else run.reference
    return shadow_begin(desk_id, policy, name=draft.name, says=draft.says, backtest=backtest, days=days, by=by, now=now)


def _require_current(desk_id: int, draft: Draft, run: BacktestRow | None, now: datetime) -> None:
    """Raise Conflict for a draft that was drawn from another version than the one in force: it would take back what came since."""
    number = queries.policy_in_force(desk_id, now).number
    drawn = [] if run is None else [run.against]
    reference = draft.name.removeprefix(OURS)
    for prefix, row in ((DRY_RUN, dry_run_row), (TUNING, tuning_row)):
        if reference.startswith(f"{prefix}-"):
            drawn.append(row(key_of(prefix, reference)).against)
    older = [each for each in drawn if each != number]
    if older:
        raise Conflict(
            f"“{draft.name}” was drawn up beside version {older[0]} of the policy; version {number} is in force, and adopting it"
            " would take back what was published since. Run the draft dry again"
        )
