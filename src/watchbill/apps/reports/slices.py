"""Which commitments a figure is about, and by what it is divided: the SQL that every read of this app shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watchbill.apps.reports.choices import By
from watchbill.engine.base.errors import InvalidFacts

NOBODY = 0
"""What stands for no queue, team, owner or customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Commitments of a desk decided in [since, until). Empty means: do not ask; `NOBODY` asks for none.

    ``zone`` is where weeks and months begin.
    """

    desk_id: int
    since: datetime | None = None
    until: datetime | None = None
    commitment: str = ""
    agreement: str = ""
    priority: int | None = None
    queue_id: int | None = None
    team_id: int | None = None
    owner_id: int | None = None
    customer_id: int | None = None
    zone: str = "UTC"


OF_ITEM = ("priority", "queue_id", "team_id", "owner_id", "customer_id")

KEYS: dict[By, str] = {
    By.COMMITMENT: "c.name",
    By.AGREEMENT: "c.agreement",
    By.PRIORITY: "c.priority",
    By.QUEUE: "c.queue_id",
    By.TEAM: "c.team_id",
    By.OWNER: "c.owner_id",
    By.CUSTOMER: "c.customer_id",
    By.WEEK: "date_bin('15 minutes', c.at, 'epoch')",
    By.MONTH: "date_bin('15 minutes', c.at, 'epoch')",
}
"""The value of ``reports_commitment as c`` that is counted by."""

PERIODS = {By.WEEK: "week", By.MONTH: "month"}
"""What quarters of an hour are added up to: a local day begins at one, and so the zone is asked a thousand times less."""


def counted_sql(by: By, *parts: tuple[Sequence[str], str]) -> str:
    """Return a select of keys with counts. Each part is its counts, and from and where in which ``c`` is the commitment.

    Parts are counted by themselves and added up, so that what concerns few rows costs the many nothing.
    """
    inner = " union all ".join(
        f"select {KEYS[by]} as key, {', '.join(f'{count} as n{n}' for n, count in enumerate(counts))} {rest} group by 1"
        for counts, rest in parts
    )
    key = f"date_trunc('{PERIODS[by]}', key at time zone %(zone)s)::date" if by in PERIODS else "key"
    sums = ", ".join(f"sum(n{number})::bigint" for number in range(len(parts[0][0])))
    return f"select {key}, {sums} from ({inner}) as q group by 1"


def values_of(wanted: Slice) -> dict[str, Any]:
    """Return the parameters of every statement here."""
    names = ("since", "until", "commitment", "agreement", "zone", *OF_ITEM)
    return {"desk": wanted.desk_id, **{name: getattr(wanted, name) for name in names}}


def item_sql(wanted: Slice, *, row: str = "i") -> str:
    """Return the conditions on what an item has, each led by ``and``; "" for none: then it need not be looked at."""
    return "".join(
        f" and {row}.{name} is null" if getattr(wanted, name) == NOBODY else f" and {row}.{name} = %({name})s"
        for name in OF_ITEM
        if getattr(wanted, name) is not None
    )


def commitment_sql(wanted: Slice, row: str, *, at: str) -> str:
    """Return the conditions on a commitment in the table *row*, whose column *at* is the instant that counts."""
    clauses = [f"{row}.desk_id = %(desk)s"]
    clauses += [f"{row}.{at} >= %(since)s"] if wanted.since else []
    clauses += [f"{row}.{at} < %(until)s"] if wanted.until else []
    clauses += [f"{row}.name = %(commitment)s"] if wanted.commitment else []
    clauses += [f"{row}.agreement = %(agreement)s"] if wanted.agreement else []
    return " and ".join(clauses)


Place = tuple[datetime, int]
"""Where a page of a list before ended: the instant and the key of its last row."""


def place_shown(at: datetime, key: int) -> str:
    """Return a place as an address carries it."""
    return f"{at.isoformat()}_{key}"


def place_of(text: str) -> Place | None:
    """Read what `place_shown` wrote; None for nothing. Raises InvalidFacts."""
    if not text:
        return None
    instant, _, number = text.rpartition("_")
    try:
        at, key = datetime.fromisoformat(instant.replace(" ", "+")), int(number)
    except ValueError:
        raise InvalidFacts(f"“{text[:80]}” is not a place in a list", field="after") from None
    if at.tzinfo is None or not 0 <= key < 2**63:
        raise InvalidFacts(f"“{text[:80]}” is not a place in a list", field="after")
    return at, key
