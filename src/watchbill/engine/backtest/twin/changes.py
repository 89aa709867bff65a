"""What a what-if says, part by part: which parts each kind of change has, how they are written, and what is wrong with each.

A line of text and the fields of a form come to the same parts, and are refused by the same rules. docs/algorithms/backtest.md, "What if".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Protocol
from zoneinfo import ZoneInfo

from watchbill.engine.backtest.days import wall_instant
from watchbill.engine.base.calendar import first_instant
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.intervals import instant_of, micros_of
from watchbill.engine.base.slips import Slips
from watchbill.engine.base.work import Priority

MOST = 10.0
"""Arrivals multiplied at most by this."""
MINUTE_H = 1 / 60
MOST_MORE, MOST_PEOPLE, MOST_MOVED_MIN, MOST_HOURS = 100_000, 9_999, 9_999, 10_000
KINDS = {
    "arrivals": "arrivals=1.2",
    "surge": "surge=40@2026-04-20T10:00",
    "staff": "staff=TEAM+2 or staff=TEAM-1",
    "shift": "shift=TEAM+2h or shift=TEAM-30min",
    "closed": "closed=2026-04-20 or closed=TEAM@2026-04-20",
    "train": "train=PERSON@TEAM",
    "targets": "targets=2/8/16/40 (hours of P1 to P4)",
}
"""What can be asked, with an example each."""
PARTS: Mapping[str, tuple[str, ...]] = {
    "arrivals": ("factor",),
    "surge": ("more", "at"),
    "staff": ("team", "people"),
    "shift": ("team", "minutes"),
    "closed": ("team", "day"),
    "train": ("person", "team"),
    "targets": tuple(priority.name.lower() for priority in Priority),
}
"""What each kind is made of. Only the team of a closed day may be left out: then it is everybody's."""
Said = Mapping[str, str]
"""The parts of one change, by name."""


class Known(Protocol):
    """What a change names must be in there: a history, or what is known of one.

    begins_at, ends_at: the first and last opening. people_in: how many have had a hand in what a team had, which is no less than
    its members: nobody else can be taken from it.
    """

    @property
    def zone(self) -> ZoneInfo: ...

    @property
    def teams(self) -> Sequence[str]: ...

    @property
    def people(self) -> Sequence[str]: ...

    @property
    def begins_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...

    def people_in(self, team: str) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Names:
    """What is known of a history without reading all of it: enough to say whether a change can be read.

    count: asks for the `people_in` a team, once each, when a change needs it.
    """

    zone: ZoneInfo
    teams: Sequence[str]
    people: Sequence[str]
    begins_at: datetime
    ends_at: datetime
    count: Callable[[str], int]
    _counted: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def people_in(self, team: str) -> int:
        if team not in self._counted:
            self._counted[team] = self.count(team)
        return self._counted[team]


# -- from a line to parts, and back ---------------------------------------------------------------------------------------------


def parts_of(text: str, known: Known) -> tuple[str, Said]:
    """Take a line such as those of KINDS apart. Raises InvalidFacts with an example of the kind, or of all."""
    kind, is_there, value = (part.strip() for part in text.partition("="))
    if kind not in KINDS or not is_there or not value:
        raise InvalidFacts(f"“{text}” is no what-if; expected one of: {'; '.join(KINDS.values())}", field="what_if")
    if kind == "arrivals":
        return kind, {"factor": value}
    if kind == "closed":
        team, _, day = value.rpartition("@")
        return kind, {"team": team, "day": day}
    return kind, {"surge": _surge, "staff": _staff, "shift": _shift, "train": _train, "targets": _targets}[kind](
        value, known
    )


def text_of(kind: str, said: Said) -> str:
    """Write parts as a line that `parts_of` takes apart again."""
    if kind == "staff":
        return f"staff={said['team']}{_signed(said['people'])}"
    if kind == "shift":
        return f"shift={said['team']}{_signed(said['minutes'])}min"
    if kind == "targets":
        return f"targets={'/'.join(said[part] for part in PARTS[kind])}"
    return f"{kind}={'@'.join(said[part] for part in PARTS[kind] if said[part])}"


def _signed(number: str) -> str:
    return number if number.startswith(("+", "-")) else f"+{number}"


def _surge(value: str, _: Known) -> Said:
    more, is_there, at = value.partition("@")
    if not is_there:
        raise InvalidFacts(f"A surge says how many and when, such as {KINDS['surge']}", field="what_if")
    return {"more": more.strip(), "at": at.strip()}


def _staff(value: str, _: Known) -> Said:
    match = re.fullmatch(r"(.+?)\s*([+-][0-9]{1,4})", value)
    if match is None:
        raise InvalidFacts(f"Staffing says a team and how many, such as {KINDS['staff']}", field="what_if")
    return {"team": match[1], "people": match[2]}


def _shift(value: str, _: Known) -> Said:
    match = re.fullmatch(r"(.+?)\s*([+-](?:[0-9]{1,2}(?:\.[0-9])?(?=h)|[0-9]{1,4}(?=min)))(h|min)", value)
    if match is None:
        raise InvalidFacts(f"Moved hours say a team and hours, such as {KINDS['shift']}", field="what_if")
    return {"team": match[1], "minutes": f"{round(float(match[2]) * (60 if match[3] == 'h' else 1)):+d}"}


def _train(value: str, known: Known) -> Said:
    """At the sign that makes two known names of it, for both may hold one; else at the last."""
    places = [place for place, sign in enumerate(value) if sign == "@"]
    if not places:
        raise InvalidFacts(f"Training says a person and a team, such as {KINDS['train']}", field="what_if")
    cuts = [(value[:place].strip(), value[place + 1 :].strip()) for place in places]
    fits = (cut for cut in cuts if cut[0] in known.people and cut[1] in known.teams)
    person, team = next(fits, cuts[-1])
    return {"person": person, "team": team}


def _targets(value: str, _: Known) -> Said:
    hours = [part.strip() for part in value.split("/")]
    if len(hours) != len(Priority):
        raise InvalidFacts(f"Targets are hours of P1 to P4, such as {KINDS['targets']}", field="what_if")
    return dict(zip(PARTS["targets"], hours, strict=True))


# -- what is wrong with a part --------------------------------------------------------------------------------------------------


def require_read(kind: str, said: Said, known: Known) -> None:
    """Raise InvalidFacts of every part that makes no sense, each with its name under ``part`` and a sentence without a syntax."""
    slips = Slips()
    for part in PARTS[kind]:
        slips.of(_require_part, kind, part, said, known)
    slips.end()


def _require_part(kind: str, part: str, said: Said, known: Known) -> None:
    try:
        _RULES[part](kind, said, known)
    except InvalidFacts as error:
        raise InvalidFacts(error.message, field="what_if", part=part) from None


def _team(kind: str, said: Said, known: Known) -> None:
    team = said["team"]
    if kind == "closed" and not team:
        return
    _require_named(team, known.teams, "team")
    if kind != "train" and not known.people_in(team):
        raise InvalidFacts(f"Nobody is known to have worked for {team}")


def _person(_: str, said: Said, known: Known) -> None:
    _require_named(said["person"], known.people, "person")


def _require_named(name: str, names: Sequence[str], what: str) -> None:
    if name in names:
        return
    near = get_close_matches(name, names, n=1)
    hint = f"; did you mean “{near[0]}”?" if near else ""
    raise InvalidFacts(f"The history knows no {what} “{name}”{hint}")


def _people(_: str, said: Said, known: Known) -> None:
    many, team = _whole(said["people"], -MOST_PEOPLE, MOST_PEOPLE), said["team"]
    if not many:
        raise InvalidFacts("0 people more or fewer change nothing")
    most = known.people_in(team) if team in known.teams else 0
    if 0 < most <= -many:
        who = "one person, who must stay" if most == 1 else f"{most} people, and one of them must stay"
        raise InvalidFacts(f"{team} has at most {who}; {-many} cannot be taken from it")


def _minutes(_: str, said: Said, __: Known) -> None:
    if not _whole(said["minutes"], -MOST_MOVED_MIN, MOST_MOVED_MIN):
        raise InvalidFacts("Hours that are moved by 0 minutes stay where they are")


def _more(_: str, said: Said, __: Known) -> None:
    _whole(said["more"], 1, MOST_MORE)


def _factor(_: str, said: Said, __: Known) -> None:
    number_of(said["factor"], low=0.1, high=MOST)


def _at(_: str, said: Said, known: Known) -> None:
    at_us = micros_at(said["at"], known)
    if not micros_of(known.begins_at) <= at_us <= micros_of(known.ends_at):
        raise InvalidFacts(f"{said['at'].replace('T', ' ')} lies outside of the history, which {_spanned(known)}")


def _day(_: str, said: Said, known: Known) -> None:
    start, end = day_of(said["day"], known)
    if not (start <= micros_of(known.ends_at) and micros_of(known.begins_at) < end):
        raise InvalidFacts(f"{said['day']} lies outside of the history, which {_spanned(known)}")


def _spanned(known: Known) -> str:
    first, last = (at.astimezone(known.zone).date() for at in (known.begins_at, known.ends_at))
    return f"goes from {first} to {last}"


def _hours(part: str) -> Callable[[str, Said, Known], None]:
    def rule(_: str, said: Said, __: Known) -> None:
        number_of(said[part], low=MINUTE_H, high=MOST_HOURS)

    return rule


_RULES: Mapping[str, Callable[[str, Said, Known], None]] = {
    "team": _team, "person": _person, "people": _people, "minutes": _minutes, "more": _more, "factor": _factor, "at": _at, "day": _day,
    **{part: _hours(part) for part in PARTS["targets"]},
}  # fmt: skip


# -- values ---------------------------------------------------------------------------------------------------------------------


def number_of(text: str, *, low: float, high: float) -> float:
    """Read a number with a point. Raises InvalidFacts with its bounds."""
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not low <= found <= high:
        raise InvalidFacts(f"“{text}” must be a number from {_bound(low)} to {_bound(high)}")
    return found


def _bound(value: float) -> str:
    """A bound for people: a minute is no fraction of an hour that anybody would write with a point."""
    return "1/60" if value == MINUTE_H else f"{value:,g}"


def _whole(text: str, low: int, high: int) -> int:
    found = int(text) if re.fullmatch(r"[+-]?[0-9]{1,9}", text) else None
    if found is None or not low <= found <= high:
        raise InvalidFacts(f"“{text}” must be a whole number from {low:,} to {high:,}")
    return found


_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(Z|[+-][0-9]{2}:?[0-9]{2})?")
"""A day and a time; what may follow is an offset, which is refused by its own name."""


def micros_at(text: str, known: Known) -> int:
    """Read a time on the desk's wall. Raises InvalidFacts for what is none, one with an offset, and one that the clock skips."""
    match, zone = _TIME.fullmatch(text), known.zone
    try:
        wall = datetime.fromisoformat(match[1]) if match else None
    except ValueError:
        wall = None
    if match is None or wall is None:
        raise InvalidFacts(f"“{text}” is no time on the desk's wall such as 2026-04-20T10:00")
    if match[2]:
        raise InvalidFacts(f"“{text}”: times are those on the wall of {zone.key}, without an offset")
    at_us = wall_instant(wall, zone, field="what_if")
    shown = instant_of(at_us).astimezone(zone).replace(tzinfo=None)
    if shown != wall:
        raise InvalidFacts(
            f"There is no {match[1].replace('T', ' ')} on the wall of {zone.key}: its clock is put forward over it, to {shown:%Y-%m-%d %H:%M}"
        )
    return at_us


def day_of(text: str, known: Known) -> tuple[int, int]:
    """Read a day: its two midnights on the desk's wall. Raises InvalidFacts."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise InvalidFacts(f"“{text}” is no day such as 2026-04-20")
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidFacts(f"There is no day {text}") from None
    wall_instant(wall, known.zone, field="what_if")
    return first_instant(wall, known.zone), first_instant(wall + timedelta(days=1), known.zone)
