"""A year of arrivals, and four weeks more: by hour of the week, with holidays, growth, bursts, and two faults of a product."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, log
from random import Random
from zoneinfo import ZoneInfo

from watchbill.demo.company.chance import stream
from watchbill.demo.company.customers import Client
from watchbill.demo.company.facts import (
    BURSTS,
    DAY_SHARE,
    HOLIDAY_SHARE,
    HOUR_SHARE,
    PRIORITY_SHARE,
    PRODUCTS,
    REGIONS,
    SURGE_WEEKS,
    WEEK_MIN,
    WEEKS_AFTER,
    WEEKS_BEFORE,
    Product,
    Region,
    effort_min,
)
from watchbill.demo.company.hours import minute_at

SPREAD = 0.7
"""Sigma of the logarithm of effort: some cases take many times as long as most."""
LONGEST_MIN = 40 * 60
FAULTS = ((-2, 1, "AMS", "Cluster manager"), (0, 3, "EMEA", "Edge router"))
"""Week from the story's, weekday, region and product of a fault that many customers meet at once."""
FAULT_CASES, FAULT_EFFORT = 22, 0.35
FAULT_MIN, FAULT_LASTS_MIN = 10 * 60, 150

MEAN_EFFORT_MIN = sum(
    share * product.share * effort_min(product, priority)
    for priority, share in PRIORITY_SHARE.items()
    for product in PRODUCTS
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One case as it comes in. at: minutes since 1970; work_min: all the hands-on minutes that it will take at first."""

    number: int
    at: int
    client: Client
    product: Product
    priority: int
    symptom: str
    site: str
    language: str
    work_min: int


def arrivals_make(
    clients: Sequence[Client],
    *,
    monday: date,
    weeks: int,
    holidays: Mapping[str, Collection[date]],
    speaks: Mapping[tuple[str, str], Collection[str]],
    seed: int,
) -> list[Arrival]:
    """Return the arrivals, the earliest first, numbered from 1.

    Parameters
    ----------
    monday: of the week in which the story begins.
    weeks: before it, in which cases came in, too.
    holidays: the closed days of each country.
    speaks: what can be spoken about a product in a region, by (region, product); who asks for more is served in English.
    """
    found = [
        arrival
        for region in REGIONS
        for arrival in _of_region(
            region, [each for each in clients if each.region == region.name], monday, weeks, holidays, seed
        )
    ]
    found += _of_faults(clients, monday, weeks, seed)
    found.sort(key=lambda each: (each[0], each[1].name, each[2].name))
    rng = stream(seed, "cases")
    return [_arrival(rng, number, draft, speaks) for number, draft in enumerate(found, 1)]


Draft = tuple[int, Client, Product, bool]


def weekly(region: Region) -> float:
    """Cases that a week brings at the story's Monday: as many as keep the region's people as busy as is meant."""
    return region.load_ratio * region.people * WEEK_MIN / MEAN_EFFORT_MIN


def _of_region(
    region: Region, clients: Sequence[Client], monday: date, weeks: int,
    holidays: Mapping[str, Collection[date]], seed: int,
) -> Iterator[Draft]:  # fmt: skip
    rng = stream(seed, f"arrivals:{region.name}")
    weights, shares = [client.weight for client in clients], [product.share for product in PRODUCTS]
    for week in range(-weeks, WEEKS_AFTER):
        level = weekly(region) * (1 + region.growth) ** (min(0, week) / WEEKS_BEFORE)
        level *= 1 + region.surge if week in SURGE_WEEKS else 1
        for weekday, share in enumerate(DAY_SHARE):
            day = monday + timedelta(weeks=week, days=weekday)
            mean = level * share * rng.gammavariate(BURSTS, 1 / BURSTS)
            for _ in range(_poisson(rng, mean)):
                client = rng.choices(clients, weights)[0]
                product = rng.choices(PRODUCTS, shares)[0]
                hour = rng.choices(range(24), HOUR_SHARE)[0]
                local_min, is_kept = hour * 60 + rng.randrange(60), rng.random() < HOLIDAY_SHARE
                if is_kept or day not in holidays[client.place.country]:
                    yield minute_at(day, local_min, ZoneInfo(client.place.zone)), client, product, False


def _of_faults(clients: Sequence[Client], monday: date, weeks: int, seed: int) -> Iterator[Draft]:
    rng = stream(seed, "faults")
    for week, weekday, region, name in FAULTS:
        if week < -weeks:
            continue
        near = [client for client in clients if client.region == region]
        product = next(product for product in PRODUCTS if product.name == name)
        day = monday + timedelta(weeks=week, days=weekday)
        for client in rng.sample(near, FAULT_CASES):
            local_min = FAULT_MIN + rng.randrange(FAULT_LASTS_MIN)
            yield minute_at(day, local_min, ZoneInfo(near[0].place.zone)), client, product, True


def _arrival(
    rng: Random,
    number: int,
    draft: Draft,
    speaks: Mapping[tuple[str, str], Collection[str]],
) -> Arrival:
    at, client, product, is_fault = draft
    priority = rng.choices(list(PRIORITY_SHARE), list(PRIORITY_SHARE.values()))[0]
    mean = effort_min(product, priority) * (FAULT_EFFORT if is_fault else 1)
    work = rng.lognormvariate(log(mean) - SPREAD * SPREAD / 2, SPREAD)
    symptom = product.symptoms[0] if is_fault else rng.choice(product.symptoms)
    language = client.language if client.language in speaks[client.region, product.name] else "en"
    return Arrival(
        number=number, at=at, client=client, product=product, priority=priority, symptom=symptom,
        site=rng.choice(client.sites), language=language, work_min=max(10, min(LONGEST_MIN, round(work))),
    )  # fmt: skip


def _poisson(rng: Random, mean: float) -> int:
    """A Poisson number by Knuth's product of uniforms: enough for means of some dozens."""
    limit, number, product = exp(-mean), 0, rng.random()
    while product > limit:
        number += 1
        product *= rng.random()
    return number
