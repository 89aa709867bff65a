"""The draft of a clock policy: its commitments arranged, its conditions checked as they are written, tried on an item."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.people.rights import Right
from watchbill.engine.base.errors import InvalidFacts, NotFound
from watchbill.engine.clocks import ClockPolicy
from watchbill.interfaces.web import clockdraft as drafts
from watchbill.interfaces.web import policybodies as bodies
from watchbill.interfaces.web.access import requires, visit_of
from watchbill.interfaces.web.clocktrial import clock_trial
from watchbill.interfaces.web.forms import text_of
from watchbill.interfaces.web.pages.policy import policy_show
from watchbill.interfaces.web.policydiff import choice
from watchbill.interfaces.web.policyforms import FORM
from watchbill.interfaces.web.policykinds import Kind, clocks_kind
from watchbill.interfaces.web.policypage import named
from watchbill.interfaces.web.sent import Sent
from watchbill.interfaces.web.viewmodels import policies as model

TRIED = frozenset({"check", "try"})
"""Acts that say what the draft would do; the others arrange it."""


@never_cache
@require_POST
@requires(Right.POLICY_EDIT)
def clock_draft(request: HttpRequest) -> HttpResponse:
    """Arrange the commitments of a draft, say what differs from what holds, or try it on an item; nothing is written."""
    visit = visit_of(request)
    kind, act = clocks_kind(visit), text_of(request.POST, "act")
    draft: QueryDict = request.POST
    try:
        draft = drafts.rearranged(request.POST, act)
        diff = trial = None
        if act in TRIED:
            body = drafts.body_of(draft)
            diff = _differing(kind, ClockPolicy.from_json(body))
            trial = clock_trial(visit, body, text_of(draft, "reference")) if act == "try" else None
    except (InvalidFacts, NotFound) as error:
        problem = error if isinstance(error, InvalidFacts) else InvalidFacts(error.message, field="reference")
        refused = Sent.refused(FORM, draft, problem, field_of=kind.field_of)
        return policy_show(request, visit, kind, sent=named(visit, kind, refused))
    return policy_show(request, visit, kind, draft=draft, diff=diff, clock_trial=trial)


def _differing(kind: Kind, policy: ClockPolicy) -> model.Diff:
    """Return what a draft says otherwise than the version in force."""
    in_force = kind.get(None)
    found = bodies.differing(kind.lines(in_force["body"]), kind.lines(policy.as_json()))
    return model.Diff(
        before=f"{choice(in_force, None).label}, in force",
        after="The draft",
        lines=[
            model.DiffLine(label=label, before=one or "not there", after=two or "not there")
            for label, one, two in found
        ],
    )


@never_cache
@require_safe
@requires(Right.POLICY_EDIT)
def clock_check(request: HttpRequest) -> HttpResponse:
    """Say how one condition is read, while it is written."""
    name = next((name for name in request.GET if re.fullmatch(r"clock\.\d+\.\w+", name)), "")
    return render(request, "parts/clock_check.html", {"check": drafts.check_of(request.GET.get(name, ""))})


urls = [
    path("policies/clocks/draft/", clock_draft, name="policy-clocks-draft"),
    path("policies/clocks/check/", clock_check, name="policy-clocks-check"),
]
