"""The customers: their tiers, contracts, zones, sites and languages, and how much each of them asks."""

from __future__ import annotations

from dataclasses import dataclass

from watchbill.demo.company.chance import stream
from watchbill.demo.company.facts import (
    CONTRACTS,
    CUSTOMERS,
    REGIONS,
    SEED,
    SENSITIVE_SHARE,
    TIER_SHARE,
    Place,
    clearance_of,
)

FIRST_WORDS = (
    "Alder", "Amber", "Beacon", "Birch", "Cobalt", "Copper", "Crest", "Delta", "Ember", "Fern", "Garnet", "Granite",
    "Harbour", "Hazel", "Indigo", "Ivory", "Juniper", "Lantern", "Linden", "Maple", "Meadow", "North", "Onyx", "Orchard",
    "Pine",
)  # fmt: skip
LAST_WORDS = (
    "Freight",
    "Health",
    "Bank",
    "Foods",
    "Energy",
    "Insurance",
    "Retail",
    "Airways",
    "Pharma",
    "Media",
    "Steel",
    "Telecom",
)
SITES = ("head office", "data centre", "warehouse", "branch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One customer. weight: how many of its region's cases are its own, against the others'."""

    name: str
    region: str
    place: Place
    language: str
    tier: str
    is_sensitive: bool
    sites: tuple[str, ...]
    weight: float

    @property
    def clearances(self) -> tuple[str, ...]:
        """What whoever works for it must have."""
        return (clearance_of(self.region),) if self.is_sensitive else ()

    @property
    def contract(self) -> str:
        return CONTRACTS[self.tier]


def clients_make(*, seed: int = SEED) -> tuple[Client, ...]:
    """Return the customers of all regions: a few large ones, many small ones; the same for the same seed."""
    rng = stream(seed, "customers")
    names = rng.sample([f"{first} {last}" for first in FIRST_WORDS for last in LAST_WORDS], CUSTOMERS)
    found = list[Client]()
    for number, name in enumerate(names):
        region, rank = REGIONS[number % len(REGIONS)], number // len(REGIONS)
        place = region.customers_at[rank % len(region.customers_at)]
        tier = rng.choices([tier for tier, _ in TIER_SHARE], [share for _, share in TIER_SHARE])[0]
        found.append(
            Client(
                name=name, region=region.name, place=place, tier=tier, is_sensitive=rng.random() < SENSITIVE_SHARE,
                language=place.languages[0] if rng.random() < 0.45 else "en",
                sites=tuple(f"{place.city} {site}" for site in SITES[: rng.randint(1, len(SITES))]),
                weight=1.0 / (rank + 3),
            )
        )  # fmt: skip
    return tuple(found)
