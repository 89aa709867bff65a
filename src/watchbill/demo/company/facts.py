"""What the company is made of, and every number of it that somebody chose. Nothing here is measured anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SEED = 20260401
PEOPLE = 60
CUSTOMERS = 150
OPEN_ITEMS = 400
"""Open items when the story begins."""
WEEKS_BEFORE, WEEKS_AFTER = 52, 4
"""Weeks of arrivals before the story's Monday, and from it on."""
LOAD_WEEKS = 8
"""The last weeks before the story's Monday, over which a region's load is meant."""
SURGE_WEEKS = range(-2, 1)
"""Weeks from the story's Monday in which a region may have more than usual: the two before it, and its first."""
WEEK_MIN = 37.5 * 60
"""Staffed minutes of everybody's week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where people work or customers sit: a city of a zone, whose country closes on its own holidays."""

    city: str
    zone: str
    country: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """load_ratio: effort that arrives, by staffed time, over the last `LOAD_WEEKS`; growth: of arrivals in the year before.

    surge: by how much more than that arrives in `SURGE_WEEKS`. people_at: how many people sit in each of its cities. zone, country: of its calendar.
    """

    name: str
    zone: str
    country: str
    load_ratio: float
    growth: float
    people_at: tuple[tuple[Place, int], ...]
    customers_at: tuple[Place, ...]
    surge: float = 0.0

    @property
    def people(self) -> int:
        return sum(number for _, number in self.people_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product with its queue: the skill and level that it asks of an owner, and how long its work takes."""

    name: str
    skill: str
    level: int
    team: str
    share: float
    effort: float
    symptoms: tuple[str, ...]


LONDON = Place(city="London", zone="Europe/London", country="GB", languages=("en",))
BERLIN = Place(city="Berlin", zone="Europe/Berlin", country="DE", languages=("de", "en"))
PARIS = Place(city="Paris", zone="Europe/Paris", country="FR", languages=("fr", "en"))
NEW_YORK = Place(city="New York", zone="America/New_York", country="US", languages=("en",))
DENVER = Place(city="Denver", zone="America/Denver", country="US", languages=("en",))
SAO_PAULO = Place(city="São Paulo", zone="America/Sao_Paulo", country="BR", languages=("pt", "en"))
BENGALURU = Place(city="Bengaluru", zone="Asia/Kolkata", country="IN", languages=("en",))
TOKYO = Place(city="Tokyo", zone="Asia/Tokyo", country="JP", languages=("ja", "en"))
SYDNEY = Place(city="Sydney", zone="Australia/Sydney", country="AU", languages=("en",))

REGIONS = (
    Region(
        name="EMEA", zone="Europe/London", country="GB", load_ratio=0.90, growth=0.12,
        people_at=((LONDON, 9), (BERLIN, 9), (PARIS, 4)), customers_at=(LONDON, LONDON, BERLIN, BERLIN, PARIS),
    ),
    Region(
        name="AMS", zone="America/New_York", country="US", load_ratio=0.98, growth=0.30, surge=0.35,
        people_at=((NEW_YORK, 9), (DENVER, 5), (SAO_PAULO, 6)),
        customers_at=(NEW_YORK, NEW_YORK, NEW_YORK, DENVER, DENVER, SAO_PAULO),
    ),
    Region(
        name="APJ", zone="Asia/Tokyo", country="JP", load_ratio=0.80, growth=0.05,
        people_at=((BENGALURU, 8), (TOKYO, 6), (SYDNEY, 4)),
        customers_at=(BENGALURU, SYDNEY, BENGALURU, SYDNEY, TOKYO, BENGALURU, SYDNEY),
    ),
)  # fmt: skip
"""One region has more than it can do for three weeks and one has hours to spare, so that there is something to balance."""
NEXT_REGION: Mapping[str, tuple[str, ...]] = {
    "EMEA": ("AMS", "APJ"), "AMS": ("APJ", "EMEA"), "APJ": ("EMEA", "AMS"),
}  # fmt: skip
"""With the sun."""

PRODUCTS = (
    Product(
        name="Edge router", skill="Routing", level=2, team="Network", share=0.24, effort=1.0,
        symptoms=("BGP session flaps", "Packet loss after upgrade", "Line card restarts", "Route leak"),
    ),
    Product(
        name="Fabric switch", skill="Switching", level=2, team="Network", share=0.16, effort=0.8,
        symptoms=("Port errors", "VLAN not passed", "Spanning tree loop", "Fan alarm"),
    ),
    Product(
        name="Block array", skill="Block storage", level=2, team="Storage", share=0.18, effort=1.15,
        symptoms=("Latency above limit", "Controller failover", "Volume offline", "Disk rebuild slow"),
    ),
    Product(
        name="Object store", skill="Object storage", level=2, team="Storage", share=0.14, effort=0.95,
        symptoms=("Uploads time out", "Bucket not listed", "Replication behind", "Node out of space"),
    ),
    Product(
        name="Cluster manager", skill="Orchestration", level=3, team="Platform", share=0.16, effort=1.3,
        symptoms=("Nodes not ready", "Upgrade stuck", "Scheduler errors", "Certificates expired"),
    ),
    Product(
        name="Identity gateway", skill="Identity", level=2, team="Platform", share=0.12, effort=0.7,
        symptoms=("Sign-in fails", "Group not synchronised", "Token refused", "Password reset loop"),
    ),
)  # fmt: skip
TEAMS = ("Network", "Storage", "Platform")

PRIORITY_SHARE = {1: 0.04, 2: 0.18, 3: 0.48, 4: 0.30}
EFFORT_MIN = {1: 360, 2: 390, 3: 330, 4: 225}
"""Mean hands-on minutes by priority, of a product whose effort counts 1."""
LEVELS = {1: (1, 1), 2: (1, 2), 3: (2, 2), 4: (3, 2)}
"""Impact and urgency that give each priority."""
TIER_SHARE = (("premier", 0.15), ("plus", 0.30), ("standard", 0.55))
SENSITIVE_SHARE = 0.08
"""Of the customers: their data must not leave the region."""
CONTRACTS = {"premier": "Mission critical 24x7", "plus": "Business plus", "standard": "Business hours"}

DAY_SHARE = (0.215, 0.20, 0.19, 0.18, 0.155, 0.035, 0.025)
"""Of a week's arrivals, Monday first."""
HOUR_SHARE = (
    0.6, 0.4, 0.4, 0.4, 0.5, 0.8, 1.8, 4.0, 8.0, 11.0, 11.5, 9.5, 7.0, 8.5, 9.5, 8.5, 6.5, 4.0, 2.2, 1.6, 1.2, 1.0, 0.8, 0.7,
)  # fmt: skip
"""Of a day's arrivals, by the customer's own hour."""
HOLIDAY_SHARE = 0.25
"""What is left of arrivals on a holiday of the customer's country."""
BURSTS = 20.0
"""Shape of the gamma that makes some days busier than chance: 20 gives about a fifth more or less."""


def team_of(region: str, product: Product) -> str:
    """The team of a region that looks after a product."""
    return f"{region} {product.team}"


def clearance_of(region: str) -> str:
    """What customers ask for whose data must not leave their region: everybody who works there has it, and nobody else."""
    return f"{region} data"


def effort_min(product: Product, priority: int) -> int:
    """Mean hands-on minutes, to a quarter of an hour: what the desk's table of assumed effort says, too."""
    return round(EFFORT_MIN[priority] * product.effort / 15) * 15
