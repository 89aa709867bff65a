"""The people: where they sit, when they work, what they can do and speak."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from watchbill.demo.company.chance import stream
from watchbill.demo.company.facts import PRODUCTS, REGIONS, SEED, TEAMS, Place, clearance_of
from watchbill.demo.company.hours import Week

FIRST_NAMES = {
    "GB": ("Alice", "Ben", "Chloe", "Daniel", "Ella", "George", "Harriet", "Isaac", "Jess", "Liam"),
    "DE": ("Anke", "Bastian", "Clara", "Dirk", "Eva", "Felix", "Greta", "Henrik", "Ida", "Jonas"),
    "FR": ("Agathe", "Bruno", "Camille", "Damien", "Élise", "Fabien"),
    "US": ("Aaron", "Bianca", "Carl", "Dana", "Evan", "Faith", "Grant", "Holly", "Ivan", "Jada", "Kyle", "Laura",
           "Mason", "Nora", "Omar", "Paige"),
    "BR": ("Ana", "Bruna", "Caio", "Davi", "Elisa", "Fábio", "Gabriela", "Heitor"),
    "IN": ("Aarav", "Bhavna", "Chetan", "Divya", "Esha", "Farhan", "Gauri", "Harish", "Isha", "Jatin"),
    "JP": ("Aiko", "Daichi", "Emi", "Haruto", "Kaori", "Ren"),
    "AU": ("Amber", "Blake", "Cody", "Demi", "Ethan"),
}  # fmt: skip
LAST_NAMES = {
    "GB": ("Ashdown", "Bexley", "Carver", "Dunmore", "Eastwell", "Farrow", "Garside", "Hollis", "Ibbot", "Jarrow"),
    "DE": ("Ahrend", "Brinkmann", "Clasen", "Dorn", "Eckhof", "Fenner", "Grothe", "Harms", "Illig", "Jessen"),
    "FR": ("Aubry", "Bellon", "Carrel", "Duvic", "Estève", "Fournel"),
    "US": ("Abbott", "Brandt", "Calloway", "Dorsey", "Ellery", "Fisk", "Granger", "Hadley", "Ives", "Jennings", "Keller",
           "Lowry", "Maddox", "Norwood", "Oakes", "Prescott"),
    "BR": ("Amaral", "Batista", "Camargo", "Dantas", "Esteves", "Farias", "Goulart", "Holanda"),
    "IN": ("Acharya", "Bhat", "Chauhan", "Desai", "Eapen", "Gowda", "Hegde", "Iyer", "Joshi", "Kamath"),
    "JP": ("Aoki", "Endo", "Fujita", "Hayashi", "Kondo", "Mori"),
    "AU": ("Barlow", "Cullen", "Drummond", "Everett", "Fenwick"),
}  # fmt: skip
MORE_LANGUAGES = {"GB": ("fr", "es", ""), "DE": ("fr", "", ""), "US": ("es", "", "pt"), "BR": ("es",)}
"""What some people of a country speak beside its own languages, in turn."""

SHIFTS = ((9 * 60, 16 * 60 + 30), (7 * 60, 14 * 60 + 30), (11 * 60 + 30, 19 * 60))
"""Day, early and late: seven and a half hours each."""
DAYS = ((0, 1, 2, 3, 4), (1, 2, 3, 4, 5), (6, 0, 1, 2, 3))
"""Monday to Friday; Tuesday to Saturday; Sunday to Thursday."""
WIP_LIMITS = (10, 12, 12, 14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """One person. skills: level (1 to 5) by skill, in the order of their names; week in her own zone."""

    number: int
    name: str
    region: str
    team: str
    place: Place
    languages: tuple[str, ...]
    skills: tuple[tuple[str, int], ...]
    week: Week
    wip_limit: int

    @property
    def clearance(self) -> str:
        """What she is cleared for where she sits."""
        return clearance_of(self.region)

    @property
    def email(self) -> str:
        """An address that no mail can reach: the domain is kept for examples."""
        return f"p{self.number:02}@meridian.example"

    def can(self, skill: str, level: int, language: str) -> bool:
        """Whether she may own what asks for this."""
        return language in self.languages and any(own == skill and has >= level for own, has in self.skills)


def staff_make(*, seed: int = SEED) -> tuple[Staff, ...]:
    """Return the 60 people, by number: the same ones for the same seed.

    Each region has a team for each group of products; each product is known by all of its team, by some better.
    """
    rng, found = stream(seed, "staff"), list[Staff]()
    for region in REGIONS:
        places = [place for place, number in region.people_at for _ in range(number)]
        names = _names(rng, places)
        for place_in_region, place in enumerate(places):
            team = TEAMS[place_in_region % len(TEAMS)]
            turn = place_in_region // len(TEAMS)
            found.append(
                Staff(
                    number=len(found) + 1, name=names[place_in_region], region=region.name, team=f"{region.name} {team}",
                    place=place, languages=_languages(place, turn), skills=_skills(rng, team, turn),
                    week=_week(turn, place_in_region), wip_limit=rng.choice(WIP_LIMITS),
                )
            )  # fmt: skip
    return tuple(found)


def _names(rng: Random, places: list[Place]) -> list[str]:
    """Return as many different names, each of its country."""
    lists = {
        country: (rng.sample(FIRST_NAMES[country], len(FIRST_NAMES[country])),
                  rng.sample(LAST_NAMES[country], len(LAST_NAMES[country])))
        for country in sorted({place.country for place in places})
    }  # fmt: skip
    return [f"{lists[place.country][0].pop()} {lists[place.country][1].pop()}" for place in places]


def _languages(place: Place, turn: int) -> tuple[str, ...]:
    more = MORE_LANGUAGES.get(place.country, ("",))
    return tuple(sorted({*place.languages, more[turn % len(more)]} - {""}))


def _skills(rng: Random, team: str, turn: int) -> tuple[tuple[str, int], ...]:
    """Return levels: the team's products from the one that is asked for up, now and then something of another team's."""
    own = {
        product.skill: min(5, product.level + rng.choice((0, 0, 1, 1, 2)))
        for product in PRODUCTS
        if product.team == team
    }
    if turn % 3 == 2:
        other = rng.choice([product for product in PRODUCTS if product.team != team])
        own[other.skill] = rng.choice((1, 2, 3))
    return tuple(sorted(own.items()))


def _week(turn: int, place_in_region: int) -> Week:
    days = DAYS[0] if turn < 5 else DAYS[1 + place_in_region % 2]
    shift = SHIFTS[turn % len(SHIFTS)]
    return tuple((shift,) if weekday in days else () for weekday in range(7))


def teams_of() -> tuple[tuple[str, str], ...]:
    """Return every team with its region."""
    return tuple((f"{region.name} {team}", region.name) for region in REGIONS for team in TEAMS)
