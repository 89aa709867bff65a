"""The editor of a clock policy: its commitments with their conditions, and what a draft of it would do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from watchbill.interfaces.web.viewmodels.clocks import ClockChart
from watchbill.interfaces.web.viewmodels.parts import Field, Option


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How an expression is read; or what is wrong, with the text around the word that it is about."""

    said: str
    is_good: bool = False
    before: str = ""
    word: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionField:
    """An expression with what its check says."""

    field: Field
    check: Check


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentForm:
    """One commitment: what it is, its targets, its conditions, and what a change makes of its time."""

    id: str
    number: int
    title: str
    plain: Sequence[Field]
    targets: Sequence[Field]
    conditions: Sequence[ConditionField]
    choices: Sequence[Field]
    is_first: bool
    is_last: bool
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockDraft:
    """The commitments of a draft in order. *examples*: what each choice makes of one worked case."""

    commitments: Sequence[CommitmentForm]
    takes_over: Field
    kinds: Sequence[Option]
    calendars: Sequence[Option]
    draft_href: str
    check_href: str
    examples: Sequence[tuple[str, str, str]]
    reference: str = ""

    def labels(self) -> Iterator[tuple[str, str]]:
        """Yield label and name of every field, the commitment's title first."""
        for one in self.commitments:
            for field in (*one.plain, *one.targets, *(each.field for each in one.conditions), *one.choices):
                yield f"{one.title}, {field.label}", field.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLine:
    """One clock as it stands and under a draft; *note*: why else it differs."""

    label: str
    now: str
    then: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTrial:
    """One item under the policy in force and under a draft: a line a clock, and the chart of the draft."""

    reference: str
    href: str
    lines: Sequence[ClockLine]
    chart: ClockChart | None
    is_same: bool
