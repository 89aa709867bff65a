"""What a form says: as it was sent when it was refused, else as things stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.slips import slips_of
from watchbill.interfaces.web.viewmodels.parts import ErrorSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One thing that is wrong with a form: the field that it is about, "" for the whole, and the reason."""

    field: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A form that was refused: its name on the page, what it said, and all that is wrong with it."""

    form: str
    data: QueryDict
    slips: Sequence[Slip]

    @classmethod
    def refused(cls, form: str, data: QueryDict, error: InvalidFacts, field_of: Callable[[str], str] = str) -> Sent:
        """Keep what was refused; *field_of* turns the key of a body into the name of a field."""
        slips = [Slip(field=field_of(_named(one)), message=_for_people(one).message) for one in slips_of(error)]
        return cls(form=form, data=data, slips=slips)

    @classmethod
    def kept(cls, form: str, data: QueryDict) -> Sent:
        """Keep a draft, of which nothing is wrong."""
        return cls(form=form, data=data, slips=())

    @property
    def field(self) -> str:
        """The field that the first reason is about."""
        return self.slips[0].field if self.slips else ""


def _named(error: InvalidFacts) -> str:
    return str(error.details.get("field") or error.details.get("key") or "")


def _for_people(error: InvalidFacts) -> InvalidFacts:
    """Return an error about a key of a body without that key: the message stands at its field."""
    if "key" not in error.details or error.message.startswith("rule "):  # several rules stand in one field
        return error
    if "at" in error.details:
        said = f"At character {int(str(error.details['at'])) + 1} expected {error.details['expected']}"
        return InvalidFacts(said, **error.details)
    said = re.sub(r"^.*?[:;] expected ", "Expected ", error.message, count=1, flags=re.DOTALL)
    return InvalidFacts(said, **error.details)


def value_of(sent: Sent | None, form: str, name: str, default: object = "") -> str:
    """Return what a field shows."""
    if sent is not None and sent.form == form:
        return sent.data.get(name, "")
    return "" if default is None else str(default)


def values_of(sent: Sent | None, form: str, name: str, default: list[str]) -> list[str]:
    """Return what a field of many choices shows."""
    return sent.data.getlist(name) if sent is not None and sent.form == form else default


def message_of(sent: Sent | None, form: str, name: str) -> str:
    """Return what is wrong with a field."""
    slips = sent.slips if sent is not None and sent.form == form else ()
    return next((slip.message for slip in slips if slip.field == name), "")


def summary_of(sent: Sent | None, form: str) -> ErrorSummary | None:
    """Return the summary that heads a form, when it is the one that was refused."""
    if sent is None or sent.form != form:
        return None
    return ErrorSummary(errors=[(slip.field, slip.message) for slip in sent.slips])
