"""Rows that tell of a whole item, with a column for each instant of its life: what each of them says, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from watchbill.engine.base.work import State
from watchbill.engine.intake.known import Known, Refused, Texts
from watchbill.engine.intake.profile import Profile

STATE_JOINT = "/"

ENDS = frozenset({State.RESOLVED.value, State.CLOSED.value, State.CANCELLED.value})

Instant = tuple[str, str]
"""The instant moved by the shift, and the true one."""


class Step(NamedTuple):
    """One event that a row tells of. ``key``, with the instant, tells it from the item's others."""

    at: Instant
    state: str
    is_unowned: bool
    key: str
    part: str


class Moments:
    """Takes rows apart into the events that they tell of.

    Parameters
    ----------
    profile: with ``moments`` and ``opened_at``.
    header: the file's columns.
    instant: for a column, what reads an instant of it.
    state: what reads the state's columns.

    The item is opened as new, with nobody; at each moment it enters that state, in the order of the instants; at the
    instant of the row (``at``, if the profile names it) it stands as the state's columns say. Who owns it now is not
    said of its opening, unless the row tells of nothing later. Raises Refused, also for a row that says that the item has ended, and not when.
    """

    def __init__(
        self,
        profile: Profile,
        header: Sequence[str],
        instant: Callable[[str], Callable[[str], Instant]],
        state: Callable[[Texts], tuple[str | None, bool]],
    ) -> None:
        assert profile.opened_at is not None
        place = {column: index for index, column in enumerate(header)}
        self._missing = profile.missing | {""}
        ends = [column for state, column in profile.moments if state.value in ENDS]
        self._unfinished = f"beside a state that ends the item, when it ended: {' or '.join(ends) or 'a moment'}"
        self._opened = place[profile.opened_at], Known(instant(profile.opened_at))
        self._moments = [(entered.value, place[column], Known(instant(column))) for entered, column in profile.moments]
        self._at = (place[profile.at], Known(instant(profile.at))) if profile.at else None
        self._states = tuple(place[column] for column in profile.state_columns)
        self._state = Known(state)
        self._joint = profile.state_columns

    def of(self, row: Sequence[str]) -> list[Step]:
        """Return the events of one row, the opening first."""
        place, read = self._opened
        opened = read[row[place]]
        now, is_unowned = self._state[tuple(row[place] for place in self._states)] if self._states else (None, False)
        entered = sorted(
            (
                (read[row[place]], state)
                for state, place, read in self._moments
                if row[place].strip() not in self._missing
            ),
            key=lambda found: found[0][1],
        )
        if now in ENDS and any(state in ENDS for _, state in entered):
            while entered[-1][1] not in ENDS:  # a first answer after the closing leaves it closed
                entered.pop()
        if entered and now == State.CANCELLED and entered[-1][1] in ENDS:
            entered[-1] = entered[-1][0], State.CANCELLED.value
        told = [(at, state, state) for at, state in entered]
        last = told[-1][1] if told else State.NEW.value
        seen = self._seen(row)
        if seen is not None and now is not None and seen[1] >= (told[-1][0] if told else opened)[1]:
            if now != last or not told:
                told.append((seen, now, "at"))
        elif now in ENDS and last not in ENDS:
            word = STATE_JOINT.join(row[place] for place in self._states)
            raise Refused(STATE_JOINT.join(self._joint), word, self._unfinished)
        first = Step(opened, State.NEW.value if told or now is None else now, bool(told) or is_unowned, "opened", "0")
        return [
            first,
            *(Step(at, state, is_unowned, key, str(part)) for part, (at, state, key) in enumerate(told, start=1)),
        ]

    def _seen(self, row: Sequence[str]) -> Instant | None:
        if self._at is None:
            return None
        place, read = self._at
        return None if row[place].strip() in self._missing else read[row[place]]
