"""Which commitments an address asks for: the filter that attainment, breaches and pauses share, its form and its chips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from watchbill.apps.people.rights import Right
from watchbill.apps.reports.attainment import commitment_names, slice_names
from watchbill.apps.reports.queries import exclusions_waiting
from watchbill.apps.reports.slices import NOBODY, Slice
from watchbill.apps.work.queues import queue_names
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import Priority
from watchbill.engine.report import Proportion
from watchbill.interfaces.web import words
from watchbill.interfaces.web.access import Visit
from watchbill.interfaces.web.formats import count, plural
from watchbill.interfaces.web.forms import number_of, text_of
from watchbill.interfaces.web.viewmodels.attainment import Head, Rate
from watchbill.interfaces.web.viewmodels.parts import Chip, Field, Link, Option

PERIODS = {"30": "Last 30 days", "90": "Last 90 days", "365": "Last 365 days", "all": "All time"}
DEFAULT_PERIOD = "90"
NAMES = ("period", "since", "until", "commitment", "agreement", "priority", "queue", "team", "owner", "customer")
"""What the filter is made of, in the order of an address."""

PLACES = (
    ("attainment", "Attainment", Right.WORK_VIEW),
    ("breaches", "Breaches", Right.WORK_VIEW),
    ("exclusions", "Exclusions", Right.WORK_VIEW),
    ("pauses", "Pauses", Right.AUDIT_VIEW),
    ("regret", "Day in hindsight", Right.WORK_VIEW),
)


@dataclass(slots=False)
class Asked:
    """The filter of one request, read once."""

    visit: Visit

    @cached_property
    def given(self) -> dict[str, str]:
        data = self.visit.request.GET
        return {name: text_of(data, name)[:200] for name in NAMES if text_of(data, name)}

    @cached_property
    def slice(self) -> Slice:
        """Raises InvalidFacts naming the field."""
        data, desk = self.visit.request.GET, self.visit.desk
        since, until = self.day("since"), self.day("until")
        if self.period not in PERIODS:
            raise InvalidFacts(f"A period is one of {', '.join(PERIODS)}", field="period")
        if self.period != "all":
            begin = self.visit.now - timedelta(days=int(self.period))
            since = begin if since is None else max(since, begin)
        priority = number_of(data, "priority", "The priority")
        if priority is not None and priority not in set(Priority):
            raise InvalidFacts("A priority is from 1 to 4", field="priority")
        agreement = self.given.get("agreement", "")
        if agreement and agreement not in words.AGREEMENT:
            raise InvalidFacts(f"An agreement is one of {', '.join(words.AGREEMENT)}", field="agreement")
        return Slice(
            desk_id=desk.id,
            since=since,
            until=until,
            commitment=self.given.get("commitment", ""),
            agreement=agreement,
            priority=priority,
            queue_id=number_of(data, "queue", "The queue"),
            team_id=number_of(data, "team", "The team"),
            owner_id=number_of(data, "owner", "The owner"),
            customer_id=number_of(data, "customer", "The customer"),
            zone=desk.zone,
        )

    @property
    def period(self) -> str:
        """The period asked for: the usual one, unless there are days; with days, those of it."""
        return self.given.get("period", "all" if self.given.keys() & {"since", "until"} else DEFAULT_PERIOD)

    def day(self, name: str) -> datetime | None:
        """Return the beginning of a day that the address names. Raises InvalidFacts."""
        text = self.given.get(name, "")
        if not text:
            return None
        try:
            return datetime.combine(date.fromisoformat(text), time(), ZoneInfo(self.visit.desk.zone))
        except ValueError:
            raise InvalidFacts("A day is written as 2026-03-31", field=name) from None

    def href(self, page: str, **changes: object) -> str:
        """Return the address of a page with this filter; an empty change takes a part of it away."""
        return self.visit.href(page, **{**self.given, **changes})

    @cached_property
    def queues(self) -> dict[int, str]:
        return queue_names(self.visit.desk.id, by=self.visit.actor)

    def head(self, page: str, *, hidden: Mapping[str, str] | None = None, export: str = "", **kept: object) -> Head:
        """Return what the pages share. *hidden*: what the form of the filter carries along beside its own fields."""
        carried: dict[str, str] = {
            name: self.given[name] for name in ("team", "owner", "customer") if name in self.given
        }
        carried.update(hidden or {})
        waiting = exclusions_waiting(self.visit.desk.id)
        return Head(
            desk=self.visit.desk.label,
            desk_slug=self.visit.desk.slug,
            places=[
                Link(
                    label=label, href=self.href(name), is_current=name == page,
                    count=waiting if name == "exclusions" and waiting else None,
                )
                for name, label, right in PLACES
                if self.visit.may(right)
            ],
            filter_href=self.visit.href(page),
            fields=self._fields(),
            hidden=[("desk", self.visit.desk.slug), *((name, value) for name, value in carried.items() if value)],
            chips=self._chips(page, kept),
            export_href=export,
        )  # fmt: skip

    def _fields(self) -> list[Field]:
        def select(name: str, label: str, options: Mapping[str, str], default: str = "") -> Field:
            chosen = self.given.get(name, default)
            listed = [Option(value=value, label=text, is_chosen=value == chosen) for value, text in options.items()]
            return Field(name=name, label=label, kind="select", options=listed)

        names = commitment_names(self.visit.desk.id)
        return [
            select("period", "Period", PERIODS, self.period),
            select("commitment", "Commitment", {"": "Any", **{name: words.clock(name) for name in names}}),
            select("agreement", "Agreement", {"": "Any", **words.AGREEMENT}),
            select("priority", "Priority", {"": "Any", **{str(int(p)): f"P{int(p)}" for p in Priority}}),
            select("queue", "Queue", {"": "Any", **{str(key): name for key, name in self.queues.items()}}),
        ]

    def _chips(self, page: str, kept: Mapping[str, object]) -> list[Chip]:
        names = {by.value: name for by, name in slice_names(self.slice).items()}
        if self.slice.queue_id != NOBODY:
            names.pop("queue", None)  # the form of the filter says it
        said = {
            "since": f"from {self.given.get('since', '')}" if "since" in self.given else "",
            "until": f"before {self.given.get('until', '')}" if "until" in self.given else "",
            **names,
        }
        return [
            Chip(label=f"{text} ×", look="line", href=self.href(page, **{name: "", **kept}), title="Show without this")
            for name, text in said.items()
            if text
        ]


def share_words(share: float | None) -> str:
    """Return a share to a tenth of a per cent; nothing of nothing. Never rounded up to all, nor down to none."""
    if share is None:
        return "none yet"
    tenths = round(share * 1000)
    if (tenths == 1000 and share < 1) or (tenths == 0 and share > 0):
        return "over 99.9%" if share > 0.5 else "under 0.1%"
    return f"{tenths / 10:.1f}%"


def rate(counted: Proportion, *, href: str = "", stands_out: bool = False) -> Rate:
    """Return a share with its interval in words."""
    low, high = counted.interval
    return Rate(
        text=share_words(counted.share),
        interval=f"{low * 100:.1f} to {high * 100:.1f}%" if counted.total else "",
        count=f"{count(counted.hits)} of {count(counted.total)}",
        href=href,
        few=counted.total > 0 and counted.is_small,
        stands_out=stands_out,
    )


def shown_of(rows: Sequence[object], *, limit: int, one: str, is_first: bool) -> str:
    """Return what a page of a list says of itself."""
    return plural(min(len(rows), limit), one) + (", the latest first" if is_first else ", further back")
