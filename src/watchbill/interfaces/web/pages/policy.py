"""One policy with its versions: read, compared, tried on a case, and published anew with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.clocks import queries as clocks
from watchbill.apps.clocks import services as clock_services
from watchbill.apps.decisions import queries as decisions
from watchbill.apps.decisions import services as decision_services
from watchbill.apps.people.rights import Right
from watchbill.engine.assign.policy import Policy
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotFound
from watchbill.flows.assign import asking
from watchbill.interfaces.web import policybodies as bodies
from watchbill.interfaces.web import policyforms as forms
from watchbill.interfaces.web import policywords, words
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.formats import day_and_year, moment, time_of_day
from watchbill.interfaces.web.forms import number_of, required_number, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.instants import instant_of
from watchbill.interfaces.web.policyforms import FORM
from watchbill.interfaces.web.sent import Sent, summary_of, value_of
from watchbill.interfaces.web.viewmodels import parts
from watchbill.interfaces.web.viewmodels import policies as model
from watchbill.interfaces.web.viewmodels.parts import Option, Reason

Lines = Callable[[Mapping[str, Any]], dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One sort of versioned policy: where it stands, its versions (latest first), and what holds now."""

    name: str
    title: str
    versions: Sequence[Mapping[str, Any]]
    in_force: int
    lines: Lines
    field_of: Callable[[str], str]
    calendar: str = ""

    @property
    def latest(self) -> Mapping[str, Any]:
        return self.versions[0]

    def get(self, number: int | None) -> Mapping[str, Any]:
        """Return a version: the one in force unless a number is asked for. Raises NotFound."""
        wanted = self.in_force if number is None else number
        for version in self.versions:
            if version["number"] == wanted:
                return version
        if number is None:
            return self.latest
        raise NotFound(f"The {self.title.lower()} has no version {number}")

    def href(self, visit: Visit, **query: object) -> str:
        args = (self.calendar,) if self.calendar else ()
        return visit.href(self.name, *args, **query)

    def act_href(self, visit: Visit, act: str) -> str:
        args = (self.calendar,) if self.calendar else ()
        return visit.href(f"{self.name}-{act}", *args)


def delivered() -> dict[str, Any]:
    """Return the assignment policy that Watchbill comes with, as a version of its own."""
    return {
        "number": 0, "holds_from": None, "body": Policy().as_json(), "by_name": "Watchbill", "reason": "as delivered",
        "recorded_at": None,
    }  # fmt: skip


def assign_kind(visit: Visit) -> Kind:
    """Return the assignment policy of the desk."""
    return Kind(
        name="policy-assign",
        title="Assignment policy",
        versions=[*decisions.policy_versions(visit.desk.id), delivered()],
        in_force=decisions.policy_in_force(visit.desk.id, visit.now).number,
        lines=bodies.assign_lines,
        field_of=str,
    )


def clocks_kind(visit: Visit) -> Kind:
    """Return the clock policy of the desk. Raises NotFound before its first version."""
    versions = clocks.policy_versions(visit.desk.id)
    if not versions:
        raise NotFound("This desk has no clock policy yet; publish one by: watchbill policies publish")
    rules = clocks.rulebook(visit.desk.id).at(visit.now)
    return Kind(
        name="policy-clocks",
        title="Clock policy",
        versions=versions,
        in_force=rules.policy.number if rules else 0,
        lines=bodies.clock_lines,
        field_of=bodies.clock_field,
    )


def calendar_kind(visit: Visit, name: str) -> Kind:
    """Return a calendar of the desk. Raises NotFound."""
    versions = [row for row in clocks.calendar_versions(visit.desk.id) if row["name"] == name]
    if not versions:
        raise NotFound(f"This desk has no calendar “{name[:60]}”")
    rules = clocks.rulebook(visit.desk.id).at(visit.now)
    held = rules.calendars.get(name) if rules else None
    return Kind(
        name="policy-calendar",
        title=f"Calendar “{name}”",
        versions=versions,
        in_force=held.number if held else 0,
        lines=bodies.calendar_lines,
        field_of=bodies.calendar_field,
        calendar=name,
    )


# The page


def _show(
    request: HttpRequest, visit: Visit, kind: Kind, *, sent: Sent | None = None,
    conflict: parts.Conflict | None = None, trial: model.Trial | None = None, draft: QueryDict | None = None,
) -> HttpResponse:  # fmt: skip
    shown = policy_page(visit, kind, sent=sent, conflict=conflict, trial=trial, draft=draft)
    status = 422 if sent else 409 if conflict else 200
    return page(
        request, "pages/policy.html", kind.title, current="policies", status=status, has_errors=sent is not None,
        page=shown,
    )  # fmt: skip


def policy_page(
    visit: Visit, kind: Kind, *, sent: Sent | None = None, conflict: parts.Conflict | None = None,
    trial: model.Trial | None = None, draft: QueryDict | None = None,
) -> model.PolicyPage:  # fmt: skip
    """Return one policy: the version asked for (else the one in force), its history and its form."""
    asked = visit.request.GET
    version = kind.get(number_of(asked, "v", "The version"))
    against = number_of(asked, "against", "The other version")
    return model.PolicyPage(
        title=kind.title,
        back_href=visit.href("policies"),
        state=_state(visit, kind, version),
        versions=[_version_line(visit, kind, row, shown=version["number"]) for row in kind.versions],
        choices=[_choice(row, version["number"]) for row in kind.versions],
        against=[_choice(row, against) for row in kind.versions],
        shown_number=version["number"],
        here=kind.href(visit).partition("?")[0],
        desk=visit.desk.slug,
        diff=None if against is None else _diff(kind, kind.get(against), version),
        form=_form(visit, kind, sent, draft) if visit.may(Right.POLICY_EDIT) else None,
        trial=trial,
        try_href=kind.act_href(visit, "try") if kind.name == "policy-assign" else "",
        reference=(draft or asked).get("reference", ""),
        conflict=conflict,
        errors=summary_of(sent, FORM),
        **_readable(visit, kind, version),
    )


def _readable(visit: Visit, kind: Kind, version: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a version says, in words and pictures."""
    body = version["body"]
    if kind.name == "policy-assign":
        musts, weights = policywords.rule_lines(body)
        return {"musts": musts, "weights": weights}
    if kind.name == "policy-clocks":
        return {"clocks": policywords.clock_cards(visit, body)}
    return policywords.calendar_words(visit, body, kind.calendar)


def _state(visit: Visit, kind: Kind, version: Mapping[str, Any]) -> str:
    number = version["number"]
    if number == 0:
        return "As Watchbill comes" + (", in force" if kind.in_force == 0 else "")
    since = _instant(version["holds_from"])
    if number == kind.in_force:
        return f"Version {number}, in force since {since}"
    if version["holds_from"] > visit.now:
        return f"Version {number}, will hold from {since}"
    return f"Version {number}, held from {since}"


def _instant(at: datetime) -> str:
    return f"{day_and_year(at)} {time_of_day(at)} UTC"


def _version_line(visit: Visit, kind: Kind, row: Mapping[str, Any], *, shown: int) -> model.VersionLine:
    made = f", {moment(row['recorded_at'], visit.wall_now)} UTC" if row["recorded_at"] else ""
    return model.VersionLine(
        label=f"Version {row['number']}" if row["number"] else "As delivered",
        href=kind.href(visit, v=str(row["number"])),
        by=f"{row['by_name']}{made}",
        reason=row["reason"],
        state="in force" if row["number"] == kind.in_force
        else f"from {_instant(row['holds_from'])}" if row["holds_from"] and row["holds_from"] > visit.now else "",
        is_shown=row["number"] == shown,
    )  # fmt: skip


def _choice(row: Mapping[str, Any], chosen: int | None) -> Option:
    label = f"Version {row['number']}" if row["number"] else "As delivered"
    return Option(value=str(row["number"]), label=label, is_chosen=row["number"] == chosen)


def _diff(kind: Kind, before: Mapping[str, Any], after: Mapping[str, Any]) -> model.Diff:
    found = bodies.differing(kind.lines(before["body"]), kind.lines(after["body"]))
    return model.Diff(
        before=_choice(before, None).label,
        after=_choice(after, None).label,
        lines=[model.DiffLine(label=label, before=one or "not there", after=two or "not there")
               for label, one, two in found],
    )  # fmt: skip


# The form of the next version


def _form(visit: Visit, kind: Kind, sent: Sent | None, draft: QueryDict | None) -> model.PublishForm:
    """Return the form, filled with the latest version, or with what was sent."""
    if sent is None and draft is not None and "reason" in draft:
        sent = Sent(form=FORM, data=draft, error=InvalidFacts(""), field="\x00")
    return model.PublishForm(
        action_href=kind.act_href(visit, "publish"),
        seen=kind.latest["number"],
        groups=_groups(visit, kind, sent),
        last=forms.last_fields(sent),
        is_open=sent is not None,
        try_href=kind.act_href(visit, "try") if kind.name == "policy-assign" else "",
        reference=value_of(sent, FORM, "reference"),
    )


def _groups(visit: Visit, kind: Kind, sent: Sent | None) -> list[model.FieldGroup]:
    body = kind.latest["body"]
    if kind.name == "policy-assign":
        return forms.assign_groups(body, sent)
    if kind.name == "policy-clocks":
        names = sorted({row["name"] for row in clocks.calendar_versions(visit.desk.id)})
        return forms.clock_groups(body, sent, calendars=names)
    return forms.calendar_groups(body, sent)


# Publishing


def holds_from_of(visit: Visit) -> datetime:
    """Return from when a new version holds. Raises InvalidFacts for the past: what was promised then stands."""
    at = instant_of(text_of(visit.request.POST, "holds_from"), now=visit.now, zone=visit.desk.zone, field="holds_from")
    if at is not None and at < visit.now:
        raise InvalidFacts("A version cannot hold from before now; what was decided then stands", field="holds_from")
    return at or visit.now


def _publish(
    request: HttpRequest, kind: Kind, body_of: Callable[[], Mapping[str, Any]], publish: Callable[..., int]
) -> HttpResponse:
    """Publish what the form says; refused, show it again with its input, at the field or beside what came before."""
    visit = visit_of(request)
    body: Mapping[str, Any] | None = None
    try:
        body = body_of()
        number = publish(
            body, holds_from=holds_from_of(visit), reason=text_of(request.POST, "reason"),
            seen_number=required_number(request.POST, "seen", "The version"), by=visit.actor, now=visit.now,
        )  # fmt: skip
    except InvalidFacts as error:
        return _show(request, visit, kind, sent=Sent.refused(FORM, request.POST, error, field_of=kind.field_of))
    except Conflict as error:
        clash = _clash(request, visit, kind, error, body or {})
        return _show(request, visit, kind, conflict=clash, draft=request.POST)
    toast_add(request, f"{kind.title}: version {number} published")
    return HttpResponseRedirect(kind.href(visit, v=number))


def _clash(request: HttpRequest, visit: Visit, kind: Kind, error: Conflict, body: Mapping[str, Any]) -> parts.Conflict:
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


# Views


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def assign(request: HttpRequest) -> HttpResponse:
    """Show the assignment policy."""
    visit = visit_of(request)
    return _show(request, visit, assign_kind(visit))


@require_POST
@requires(Right.POLICY_EDIT)
def assign_publish(request: HttpRequest) -> HttpResponse:
    """Publish a version of the assignment policy."""
    visit = visit_of(request)
    kind = assign_kind(visit)

    def body() -> dict[str, Any]:
        return bodies.assign_body(request.POST, Policy.from_json(kind.latest["body"]).as_json())

    def publish(new: Mapping[str, Any], **more: Any) -> int:
        return decision_services.policy_publish(visit.desk.id, new, **more)

    return _publish(request, kind, body, publish)


@never_cache
@require_POST
@requires(Right.POLICY_VIEW)
def assign_try(request: HttpRequest) -> HttpResponse:
    """Say what the draft, or the version shown, would decide about one case; nothing is written."""
    visit = visit_of(request)
    kind = assign_kind(visit)
    reference = text_of(request.POST, "reference")
    is_draft = "reason" in request.POST
    try:
        _require_reference(reference)
        base = kind.get(number_of(request.POST, "v", "The version"))["body"]
        present = Policy.from_json(kind.latest["body"]).as_json()
        body = bodies.assign_body(request.POST, present) if is_draft else base
        found = asking.policy_try(body, reference, by=visit.actor, now=visit.now)
    except (InvalidFacts, NotFound) as error:
        problem = error if isinstance(error, InvalidFacts) else InvalidFacts(error.message, field="reference")
        return _show(request, visit, kind, sent=Sent.refused(FORM, request.POST, problem), draft=request.POST)
    name = "The draft" if is_draft else "The version shown"
    return _show(request, visit, kind, trial=_trial(visit, found, name), draft=request.POST)


def _require_reference(reference: str) -> None:
    if not reference:
        raise InvalidFacts("Paste the reference of an open case, such as CASE-10042", field="reference")


def _trial(visit: Visit, found: asking.Trial, name: str) -> model.Trial:
    in_force = f"Version {found.policy_number}, in force" if found.policy_number else "As delivered, in force"
    return model.Trial(
        reference=found.reference,
        href=visit.href("case", found.reference),
        is_same=found.chosen_in_force == found.chosen_on_trial,
        verdicts=[
            _verdict(in_force, found.chosen_in_force, found.in_force),
            _verdict(name, found.chosen_on_trial, found.on_trial),
        ],
    )


def _verdict(title: str, chosen: str | None, outcome: Mapping[str, Any]) -> model.Verdict:
    return model.Verdict(
        title=title,
        chosen=chosen or "Nobody",
        reason=outcome["reason"],
        reasons=[
            Reason(
                label=words.RULE.get(one["rule"], one["rule"]), points=one["points"], detail=words.capital(one["words"])
            )
            for one in outcome["contributions"]
        ],
        others=[(one["name"], one["score"]) for one in outcome["alternatives"]],
    )


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def clock(request: HttpRequest) -> HttpResponse:
    """Show the clock policy."""
    visit = visit_of(request)
    return _show(request, visit, clocks_kind(visit))


@require_POST
@requires(Right.POLICY_EDIT)
def clock_publish(request: HttpRequest) -> HttpResponse:
    """Publish a version of the clock policy; items keep the version that they started under."""
    visit = visit_of(request)

    def publish(new: Mapping[str, Any], **more: Any) -> int:
        return clock_services.policy_publish(visit.desk.id, new, **more)

    return _publish(request, clocks_kind(visit), lambda: bodies.clocks_body(request.POST), publish)


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def calendar(request: HttpRequest, name: str) -> HttpResponse:
    """Show one calendar."""
    visit = visit_of(request)
    return _show(request, visit, calendar_kind(visit, name))


@require_POST
@requires(Right.POLICY_EDIT)
def calendar_publish(request: HttpRequest, name: str) -> HttpResponse:
    """Publish a version of a calendar."""
    visit = visit_of(request)

    def publish(new: Mapping[str, Any], **more: Any) -> int:
        return clock_services.calendar_publish(visit.desk.id, name, new, **more)

    return _publish(request, calendar_kind(visit, name), lambda: bodies.calendar_body(request.POST), publish)


urls = [
    path("policies/assign/", assign, name="policy-assign"),
    path("policies/assign/publish/", assign_publish, name="policy-assign-publish"),
    path("policies/assign/try/", assign_try, name="policy-assign-try"),
    path("policies/clocks/", clock, name="policy-clocks"),
    path("policies/clocks/publish/", clock_publish, name="policy-clocks-publish"),
    path("policies/calendars/<str:name>/", calendar, name="policy-calendar"),
    path("policies/calendars/<str:name>/publish/", calendar_publish, name="policy-calendar-publish"),
]
