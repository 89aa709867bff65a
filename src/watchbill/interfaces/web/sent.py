"""What a form says: as it was sent when it was refused, else as things stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.http import QueryDict

from watchbill.engine.base.errors import InvalidFacts
from watchbill.interfaces.web.viewmodels.parts import ErrorSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A form that was refused: its name on the page, what it said, why, and the field that the reason is about."""

    form: str
    data: QueryDict
    error: InvalidFacts
    field: str = ""

    @classmethod
    def refused(cls, form: str, data: QueryDict, error: InvalidFacts, field_of: Callable[[str], str] = str) -> Sent:
        """Keep what was refused; *field_of* turns the key of a body into the name of a field."""
        named = error.details.get("field") or error.details.get("key") or ""
        return cls(form=form, data=data, error=_for_people(error), field=field_of(str(named)))

    @classmethod
    def kept(cls, form: str, data: QueryDict) -> Sent:
        """Keep a draft, of which nothing is wrong."""
        return cls(form=form, data=data, error=InvalidFacts(""), field="\x00")


def _for_people(error: InvalidFacts) -> InvalidFacts:
    """Return an error about a key of a body without that key: the message stands at its field."""
    if "key" not in error.details:
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
    return sent.error.message if sent is not None and sent.form == form and sent.field == name else ""


def summary_of(sent: Sent | None, form: str) -> ErrorSummary | None:
    """Return the summary that heads a form, when it is the one that was refused."""
    if sent is None or sent.form != form:
        return None
    return ErrorSummary(errors=((sent.field, sent.error.message),))
