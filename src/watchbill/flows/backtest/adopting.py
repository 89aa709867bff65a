"""From a policy that competed to a shadow run of it: only a draft of the desk's own assignment policy can be shadowed and adopted."""

from __future__ import annotations

from datetime import datetime

from watchbill.apps.core.actor import Actor
from watchbill.apps.core.references import DRY_RUN, TUNING, key_of
from watchbill.apps.decisions import queries
from watchbill.apps.decisions.dryruns import draft_digest, dry_run_row
from watchbill.apps.decisions.shadows import DAYS, shadow_begin
from watchbill.apps.decisions.tunings import tuning_row
from watchbill.apps.people.rights import Right, require
from watchbill.apps.reports.backtests import BacktestRow
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.errors import Conflict, InvalidFacts
from watchbill.flows.backtest.asking import Draft, drafts_of

OURS = "watchbill "
"""How comparisons begin the name of a draft of the desk."""
NONE = "this desk has none that a shadow run could begin with: run one dry first"


def shadow_ask(
    desk_id: int, name: str, *, run: BacktestRow | None = None, days: int = DAYS, by: Actor, now: datetime
) -> int:
    """Begin a shadow run of a draft by its name in comparisons, as it competed in *run* or as it is; return the key.

    Raises NotAllowed, Conflict while another is under way on the desk or when a version was published since it was drawn, and InvalidFacts naming those that there are.
    """
    require(by, Right.POLICY_EDIT, desk_id)
    drafts = drafts_of(desk_id, now) if run is None else [Draft(**one) for one in run.policy["drafts"]]
    draft, force = next((one for one in drafts if one.name == name), None), queries.policy_in_force(desk_id, now)
    if draft is None:
        known = ", ".join(one.name for one in drafts if _may_begin(one, run, force))
        raise InvalidFacts(f"There is no draft “{name}”; {f'there are: {known}' if known else NONE}", field="draft")
    older = [each for each in _drawn_from(draft, run) if each != force.number]
    if older:
        raise Conflict(
            f"“{draft.name}” was drawn up beside version {older[0]} of the policy; version {force.number} is in force, and adopting it"
            " would take back what was published since. Run the draft dry again"
        )
    policy = Policy.from_json(draft.body, is_stored=True)
    backtest = "" if run is None else run.reference
    return shadow_begin(desk_id, policy, name=draft.name, says=draft.says, backtest=backtest, days=days, by=by, now=now)


def _may_begin(draft: Draft, run: BacktestRow | None, force: queries.PolicyInForce) -> bool:
    """Whether a shadow run of a draft could begin: it was drawn up beside the version in force, and is not that itself."""
    is_new = draft_digest(Policy.from_json(draft.body, is_stored=True)) != draft_digest(force.policy)
    return is_new and all(each == force.number for each in _drawn_from(draft, run))


def _drawn_from(draft: Draft, run: BacktestRow | None) -> list[int]:
    """Return the versions beside which a draft was drawn up: adopting it would take back what came after any of them."""
    drawn = [] if run is None else [run.against]
    reference = draft.name.removeprefix(OURS)
    for prefix, row in ((DRY_RUN, dry_run_row), (TUNING, tuning_row)):
        if reference.startswith(f"{prefix}-"):
            drawn.append(row(key_of(prefix, reference)).against)
    return drawn
