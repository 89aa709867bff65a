"""What differs between two versions of a policy, or between a form and the version that came meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from watchbill.engine.base.errors import Conflict
from watchbill.interfaces.web import policybodies as bodies
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.policykinds import Kind
from watchbill.interfaces.web.viewmodels import parts
from watchbill.interfaces.web.viewmodels import policies as model
from watchbill.interfaces.web.viewmodels.parts import Option


def choice(row: Mapping[str, Any], chosen: int | None) -> Option:
    label = f"Version {row['number']}" if row["number"] else "As delivered"
    return Option(value=str(row["number"]), label=label, is_chosen=row["number"] == chosen)


def differences(kind: Kind, before: Mapping[str, Any], after: Mapping[str, Any]) -> model.Diff:
    found = bodies.differing(kind.lines(before["body"]), kind.lines(after["body"]))
    return model.Diff(
        before=choice(before, None).label,
        after=choice(after, None).label,
        lines=[diff_line(*line) for line in found],
    )


def diff_line(label: str, before: str, after: str) -> model.DiffLine:
    return model.DiffLine(label=label, before=before or "not there", after=after or "not there")


def clash(request: HttpRequest, visit: Visit, kind: Kind, error: Conflict, body: Mapping[str, Any]) -> parts.Conflict:
    """Return the choice between the version that came meanwhile and this form."""
    latest = kind.latest
    seen = next((row for row in kind.versions if str(row["number"]) == request.POST.get("seen")), latest)
    theirs, mine, before = kind.lines(latest["body"]), kind.lines(body), kind.lines(seen["body"])
    labels = [label for label, *_ in [*bodies.differing(before, theirs), *bodies.differing(theirs, mine)]]
    carried = [
        (name, value)
        for name in request.POST
        if name not in {"csrfmiddlewaretoken", "seen"}
        for value in request.POST.getlist(name)
    ]
    return parts.Conflict(
        title=error.message,
        by=latest["by_name"],
        at=latest["recorded_at"] or visit.now,
        changes=[
            parts.Change(label=label, theirs=theirs.get(label, "not there"), mine=mine.get(label, "not there"))
            for label in dict.fromkeys(labels)
        ],
        action_href=request.get_full_path(),
        keep_href=kind.href(visit),
        hidden=(*carried, ("seen", str(latest["number"]))),
    )
