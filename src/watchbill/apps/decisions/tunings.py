"""Tunings of the assignment policy by simulation: asked for, run by the worker, kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watchbill.apps.core.references import TUNING
from watchbill.apps.core.runs import Run, Runs
from watchbill.apps.decisions import models
from watchbill.apps.people.rights import Right, may


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningRow(Run):
    """One tuning as it is kept; see `models.Tuning`."""

    prefix = TUNING
    also = ("weeks",)

    weeks: int


TUNINGS = Runs(
    table=models.Tuning.objects,
    row_type=TuningRow,
    name="tuning",
    done="tuned",
    policy="assignment policy",
    ask="Tune it by simulation: the button “Tune it” of its page, or watchbill assign tune",
    same=("digest", "against", "weeks"),
    may_view=lambda by, desk_id: may(by, Right.POLICY_VIEW, desk_id),
)
tuning_get, tuning_row, tuning_list = TUNINGS.get, TUNINGS.row, TUNINGS.latest


def tuned_since(desk_id: int, since: datetime) -> bool:
    """Whether a tuning of a desk was asked for at or after *since*, however it ended: one query."""
    return models.Tuning.objects.filter(desk_id=desk_id, asked_at__gte=since).exists()
