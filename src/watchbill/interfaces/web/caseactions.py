"""The acts on a case and their small forms: each is there for those who may, with the key that opens it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from watchbill.apps.customers.queries import CustomerRow, customers_of, site_list
from watchbill.apps.decisions.queries import DecisionRow
from watchbill.apps.people.rights import Right
from watchbill.apps.work.queries import ItemDetail
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import DONE, STATES_OF, TIERS, Kind, Level, Priority, State
from watchbill.flows.act.assigning import may_take
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.errors import message_for, summary_of
from watchbill.interfaces.web.formats import moment
from watchbill.interfaces.web.people_field import person_field
from watchbill.interfaces.web.viewmodels.case import CaseAction, NextStep
from watchbill.interfaces.web.viewmodels.parts import Conflict, Field, Option


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """An act that did not go through: its name, why, and what was sent, so that nothing has to be typed again."""

    act: str
    error: InvalidFacts | None = None
    conflict: Conflict | None = None
    sent: Mapping[str, str] = field(default_factory=dict)


class _Forms:
    """The fields of the acts on one item, with what was sent and what was wrong with it where an act failed."""

    def __init__(self, visit: Visit, item: ItemDetail, trouble: Trouble | None) -> None:
        self.visit = visit
        self.item = item
        self.trouble = trouble

    def sent(self, act: str, name: str, default: str = "") -> str:
        is_it = self.trouble is not None and self.trouble.act == act
        return self.trouble.sent.get(name, default) if is_it and self.trouble else default

    def error(self, act: str, name: str) -> str:
        return message_for(self.trouble.error, name) if self.trouble and self.trouble.act == act else ""

    def note(self, act: str, *, label: str = "Work note", is_required: bool = False) -> Field:
        return Field(
            name="text", label=label, kind="textarea", rows=2, value=self.sent(act, "text"),
            error=self.error(act, "text"), is_required=is_required,
        )  # fmt: skip

    def select(
        self, act: str, name: str, label: str, options: Mapping[str, str], *, chosen: str, hint: str = ""
    ) -> Field:
        wanted = self.sent(act, name, chosen)
        return Field(
            name=name, label=label, kind="select", error=self.error(act, name), hint=hint,
            options=[Option(value=value, label=text, is_chosen=value == wanted) for value, text in options.items()],
        )  # fmt: skip

    def action(self, name: str, label: str, key: str, submit: str, *fields: Field) -> CaseAction:
        is_it = self.trouble is not None and self.trouble.act == name and self.trouble.error is not None
        error = self.trouble.error if is_it and self.trouble else None
        return CaseAction(
            name=name, label=label, key=key, submit=submit, fields=fields, is_open=is_it,
            action_href=act_href(self.visit, self.item, name), errors=summary_of(error) if error else None,
        )  # fmt: skip


def act_href(visit: Visit, item: ItemDetail, act: str, **query: object) -> str:
    """Return where an act on the case is sent; it leads back here, with the list that the visitor came from."""
    return visit.href(f"case-{act}", item.reference, **{"from": visit.request.GET.get("from", ""), **query})


def actions_of(
    visit: Visit, item: ItemDetail, queues: Mapping[int, str], decision: DecisionRow | None, *, trouble: Trouble | None
) -> list[CaseAction]:
    """Return the acts that the visitor may do, in the order of the page."""
    forms = _Forms(visit, item, trouble)
    is_done = State(item.state) in DONE
    acts = []
    if not is_done and visit.may(Right.WORK_ASSIGN):
        acts.append(_assign(forms, decision))
    if not is_done and may_take(item, by=visit.actor):
        is_given = item.owner_id == visit.actor.person_id
        label, submit = ("Take up", "Begin with it") if is_given else ("Take", "Take it")
        acts.append(forms.action("take", label, "T", submit))
    if visit.may(Right.WORK_EDIT):
        acts.append(_state(forms))
        acts.append(_priority(forms))
        acts.append(_queue(forms, queues))
        acts.append(_edit(forms))
        if not is_done:
            acts.append(_merge(forms))
    if item.customer_id is not None and visit.may(Right.PEOPLE_EDIT):
        acts.append(_customer(forms, customers_of([item.customer_id])[item.customer_id]))
    return acts


def _assign(forms: _Forms, decision: DecisionRow | None) -> CaseAction:
    first = []
    if decision is not None and decision.is_open:
        if decision.chosen:
            first.append(Option(value=decision.chosen, label="proposed"))
        first += [Option(value=one["name"], label="considered") for one in decision.outcome["alternatives"]]
    person = person_field(
        forms.visit, "person", "Assign to", value=forms.sent("assign", "person"), first=first,
        hint="A name, or a part of it. Empty: back to the queue" if forms.item.owner_id else "A name, or a part of it",
        error=forms.error("assign", "person"),
    )  # fmt: skip
    return forms.action("assign", "Assign", "A", "Assign", person, forms.note("assign"))


def _state(forms: _Forms) -> CaseAction:
    known = STATES_OF[Kind(forms.item.kind)]
    offered = {state.value: words.STATE[state] for state in State if state in known and state != forms.item.state}
    chosen = State.IN_PROGRESS.value if State.IN_PROGRESS.value in offered else next(iter(offered))
    chosen_field = forms.select(
        "state", "state", f"From {words.STATE[forms.item.state].lower()} to", offered, chosen=chosen
    )
    return forms.action("state", "State", "S", "Set the state", chosen_field, forms.note("state"))


def _priority(forms: _Forms) -> CaseAction:
    levels = {str(int(level)): words.LEVEL[level] for level in Level}
    by_hand = {"": "follows from impact and urgency", **{str(int(p)): f"P{int(p)}" for p in Priority}}
    return forms.action(
        "priority", "Priority", "P", "Set the priority",
        forms.select("priority", "impact", "Impact", levels, chosen=str(forms.item.impact or int(Level.MEDIUM))),
        forms.select("priority", "urgency", "Urgency", levels, chosen=str(forms.item.urgency or int(Level.MEDIUM))),
        forms.select("priority", "priority", "Priority", by_hand, chosen="", hint="By hand only with a reason"),
        forms.note("priority", label="Reason, as a work note"),
    )  # fmt: skip


def _queue(forms: _Forms, queues: Mapping[int, str]) -> CaseAction:
    offered = {str(key): name for key, name in queues.items() if key != forms.item.queue_id}
    chosen_field = forms.select("queue", "queue", "Move to", offered, chosen="")
    return forms.action("queue", "Queue", "Q", "Move it", chosen_field, forms.note("queue"))


def _edit(forms: _Forms) -> CaseAction:
    item = forms.item
    return forms.action(
        "edit", "Details", "D", "Keep the changes",
        Field(name="title", label="Subject", value=forms.sent("edit", "title", item.title),
              error=forms.error("edit", "title"), is_required=True),
        Field(name="category", label="Category", value=forms.sent("edit", "category", item.category)),
        Field(name="description", label="Description", kind="textarea",
              value=forms.sent("edit", "description", item.description), error=forms.error("edit", "description")),
        Field(name="customer", label="Customer", value=forms.sent("edit", "customer", item.customer or ""),
              error=forms.error("edit", "customer"), hint="A new name makes a new customer"),
        *_site(forms),
        Field(name="clearances", label="Clearances", kind="textarea", rows=2, error=forms.error("edit", "clearances"),
              value=forms.sent("edit", "clearances", "\n".join(item.clearances)),
              hint="One a line: what whoever works on it must have, beside the customer's"),
    )  # fmt: skip


def _site(forms: _Forms) -> list[Field]:
    """Return the choice of the customer's sites, if it has any: those in use, and the one where the item is."""
    item = forms.item
    sites = [] if item.customer_id is None else site_list(item.customer_id)
    offered = {"": "no site", **{one.name: one.name for one in sites if one.is_active or one.id == item.site_id}}
    if len(offered) == 1:
        return []
    return [forms.select("edit", "site", "Site", offered, chosen=item.site or "", hint=f"Of {item.customer}")]


def _merge(forms: _Forms) -> CaseAction:
    into = Field(
        name="into", label="Into which case", value=forms.sent("merge", "into"), error=forms.error("merge", "into"),
        placeholder="CASE-10042", hint=f"{forms.item.reference} is cancelled; the other lives on", is_required=True,
    )  # fmt: skip
    return forms.action("merge", "Merge", "M", "Merge", into, forms.note("merge", label="Why"))


def _customer(forms: _Forms, customer: CustomerRow) -> CaseAction:
    tiers = {tier: tier.capitalize() for tier in TIERS}
    sensitive = {"1": "Sensitive: takes care and experience", "0": "Like any other"}
    action = forms.action(
        "customer", "Customer", "", "Keep",
        forms.select("customer", "tier", f"Tier of {customer.name}", tiers, chosen=customer.tier),
        forms.select("customer", "is_sensitive", "Handling", sensitive, chosen=str(int(customer.is_sensitive))),
        Field(name="reason", label="Why", value=forms.sent("customer", "reason"), hint="Kept in the audit trail"),
    )  # fmt: skip
    return replace(action, version=customer.version)


def next_step_of(visit: Visit, item: ItemDetail, *, trouble: Trouble | None) -> NextStep:
    """Return who does what by when, and the form to say so. Late once its time has passed."""
    forms = _Forms(visit, item, trouble)
    zone = visit.desk.zone
    city = zone.rpartition("/")[2].replace("_", " ")
    due = item.next_step_due_at
    by = moment(due, visit.now, zone) if due else ""
    may_note = visit.may(Right.WORK_NOTE) and State(item.state) not in DONE
    act = "next-step"
    return NextStep(
        who=item.next_step_owner or "",
        what=item.next_step,
        by=f"{by} {city}" if by else "",
        is_late=due is not None and due <= visit.now,
        action_href=act_href(visit, item, act) if may_note else "",
        done_href=act_href(visit, item, "next-step-done") if may_note and item.next_step else "",
        fields=[
            Field(name="what", label="What", value=forms.sent(act, "what", item.next_step), error=forms.error(act, "what"),
                  is_required=True),
            person_field(visit, "who", "Who", value=forms.sent(act, "who", item.next_step_owner or item.owner or ""),
                         error=forms.error(act, "who"), is_required=True),
            Field(name="due_at", label=f"By when, {city} time", value=forms.sent(act, "due_at", by),
                  error=forms.error(act, "due_at"), placeholder="16:30, or 18 Nov 16:30", is_required=True),
        ],
    )  # fmt: skip
