"""What overrides teach: people's answers counted, what stands out in them, and which change of the policy it would mean."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchbill.apps.decisions.choices import REFUSAL_WORDS, Refusal
from watchbill.apps.decisions.learning import finding_bring_back
from watchbill.apps.people.rights import Right
from watchbill.engine.assign.policy import PARAMETERS
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.learn.rules import FEWEST, LEARN_SHARE
from watchbill.flows.learn import DAYS, Lesson, Lessons, lesson_set_aside, lessons
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit, requires, visit_of
from watchbill.interfaces.web.formats import count, moment, percent, plural
from watchbill.interfaces.web.forms import number_of, text_of
from watchbill.interfaces.web.frame import page, toast_add
from watchbill.interfaces.web.viewmodels.learned import LearnedPage, LessonPanel, ReasonBar
from watchbill.interfaces.web.viewmodels.parts import Empty, ErrorSummary, Link

PERIODS = (30, DAYS, 365)
QUEUES = 12
"""Queues whose answers are named, those with most."""
_TITLE = {parameter.name: parameter.title for parameter in PARAMETERS}


@never_cache
@require_safe
@requires(Right.POLICY_VIEW)
def learned(request: HttpRequest) -> HttpResponse:
    """Show what people decided otherwise, and what stands out in it."""
    return _page(visit_of(request))


def _page(visit: Visit, *, key: str = "", error: InvalidFacts | None = None) -> HttpResponse:
    days = _days(visit)
    found = lessons(visit.desk.id, days=days, by=visit.actor, now=visit.now)
    said = found.learned.overridden
    low, high = said.interval
    shown = LearnedPage(
        desk=visit.desk.name,
        periods=[
            Link(label=f"{each} days", href=visit.href("learned", days=each), is_current=each == days)
            for each in PERIODS
        ],
        answers=count(said.total),
        overridden=f"{count(said.hits)}{f', {percent(said.share)}' if said.share is not None else ''}",
        interval=f"{percent(low)} to {percent(high)}" if said.total else "",
        told=count(found.learned.told),
        tested=count(found.learned.tested),
        reasons=_reasons(found),
        open=[_panel(visit, lesson, days=days, key=key, error=error) for lesson in found.open],
        set_aside=[_panel(visit, lesson, days=days) for lesson in found.set_aside],
        empty=_empty(found, days),
        errors=ErrorSummary(errors=((_field(key), error.message),)) if error else None,
    )
    return page(
        visit.request, "pages/learned.html", "What overrides teach", current="policies",
        status=422 if error else 200, has_errors=error is not None, page=shown,
    )  # fmt: skip


def _days(visit: Visit) -> int:
    """Return how far back the page looks; its forms say it, too."""
    days = number_of(visit.request.GET, "days", "The days") or DAYS
    if not 1 <= days <= 3650:
        raise InvalidFacts("Answers of 1 to 3,650 days can be looked at", field="days")
    return days


def _field(key: str) -> str:
    """Return the name of the field in which a finding's reason is asked for, among those of the page."""
    return f"reason-{key.replace(':', '-')}"


def _reasons(found: Lessons) -> list[ReasonBar]:
    most = max(found.learned.by_refusal.values(), default=1)
    return [
        ReasonBar(label=words.capital(REFUSAL_WORDS[Refusal(code)]), count=times, width=round(100 * times / most, 1))
        for code, times in sorted(found.learned.by_refusal.items(), key=lambda pair: -pair[1])
    ]


def _empty(found: Lessons, days: int) -> Empty | None:
    if found.open:
        return None
    if not found.learned.overridden.total:
        return Empty(
            title=f"Nobody has answered a proposal in {days} days",
            text="Accept, change or refuse what Watchbill proposes on the Board: the reasons are counted here.",
        )
    there = ", ".join(f"{name} {count(number)}" for name, number in list(found.by_queue.items())[:QUEUES])
    return Empty(
        title="Nothing stands out",
        text=f"{plural(found.learned.tested, 'pattern')} looked at; chance explains each of them. A reason or a person is"
        f" tested in a queue with {FEWEST} answers or more, a person beside {FEWEST} in others; a number of the policy from"
        f" {round(FEWEST / (1 - LEARN_SHARE))} answers that say whom people preferred. Now: {there}.",
    )


def _panel(visit: Visit, lesson: Lesson, *, days: int, key: str = "", error: InvalidFacts | None = None) -> LessonPanel:
    finding, aside, effect = lesson.finding, lesson.set_aside, lesson.finding.effect
    may_edit = visit.may(Right.POLICY_EDIT)
    bars: list[ReasonBar] = []
    if effect is not None:
        for label, of in (("As proposed, policy in force", effect.agreed), ("With the change", effect.then)):
            bars.append(ReasonBar(label=label, count=of.hits, width=round(100 * (of.share or 0), 1)))
    is_refused = error is not None and finding.key == key
    more = finding.evidence - len(lesson.decisions)
    return LessonPanel(
        key=finding.key,
        title=lesson.title,
        sentence=lesson.sentence,
        chance=f"Chance alone would show this {_chance(finding.p)}",
        changes=[(_TITLE[each.parameter], f"{each.before:g}", f"{each.after:g}") for each in finding.changes],
        bars=bars,
        cases=[Link(label=item, href=visit.href("case", item)) for _, item in lesson.decisions],
        more=f"and {count(more)} more" if more > 0 else "",
        aside=f"{aside['by_name']}, {moment(aside['at'], visit.now)}: {aside['reason']}" if aside else "",
        policy_href=visit.href("policy-assign") if finding.changes else "",
        aside_href=visit.href("learned-aside", days=days) if may_edit and not aside else "",
        back_href=visit.href("learned-back", days=days) if may_edit and aside else "",
        field=_field(finding.key),
        reason=text_of(visit.request.POST, "reason") if is_refused else "",
        error=error.message if error is not None and is_refused else "",
    )


def _chance(p: float) -> str:
    return f"once in {count(round(1 / p))} times" if p >= 1e-6 else "less than once in a million times"


@require_POST
@requires(Right.POLICY_EDIT)
def set_aside(request: HttpRequest) -> HttpResponse:
    """Set a finding aside, with a reason."""
    visit = visit_of(request)
    key, reason, days = text_of(request.POST, "key"), text_of(request.POST, "reason"), _days(visit)
    try:
        lesson_set_aside(visit.desk.id, key, days=days, reason=reason, by=visit.actor, now=visit.now)
    except InvalidFacts as error:
        return _page(visit, key=key, error=error)
    toast_add(request, "Set aside until there is more evidence")
    return HttpResponseRedirect(visit.href("learned", days=_days(visit)))


@require_POST
@requires(Right.POLICY_EDIT)
def bring_back(request: HttpRequest) -> HttpResponse:
    """Show a finding again."""
    visit = visit_of(request)
    finding_bring_back(visit.desk.id, text_of(request.POST, "key"), by=visit.actor, now=visit.now)
    return HttpResponseRedirect(visit.href("learned", days=_days(visit)))


urls = [
    path("policies/learned/", learned, name="learned"),
    path("policies/learned/aside/", set_aside, name="learned-aside"),
    path("policies/learned/back/", bring_back, name="learned-back"),
]
