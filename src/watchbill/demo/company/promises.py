"""What the company promises: its calendars, its clocks (to customers, between teams, by vendors), and its own effort table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from watchbill.demo.company.facts import PRIORITY_SHARE, PRODUCTS, REGIONS, Region, effort_min
from watchbill.engine.base.calendar import Calendar

ALWAYS = "round the clock"
CUSTOMERS_OWN = "office hours where the customer is"
"""For cases that no import has given a region: read in the customer's zone, in UTC where that is not known; no holidays."""
OFFICE_HOURS = "08:00-18:00"
ASSIGNMENT = {"load_knee": 1.0, "needs_team": False, "region_weight": 8.0, "sun_always": 2}
"""Cases take hours, so that everybody has most of a week's work before her: load hurts from a whole week on. Teams are of one
region, but who has a product's skill takes its cases wherever they come from, those of her own region first; P1 and P2, which
are promised round the clock, go with the sun.
"""
PREMIER = "tier is premier"


def office_of(region: Region) -> str:
    """The name of a region's calendar."""
    return f"{region.name} office"


def calendars(holidays: Mapping[str, Collection[date]]) -> dict[str, Calendar]:
    """Return the desk's calendars by name: one a region with its own holidays, one for every customer's zone, one that never closes."""
    offices = {
        office_of(region): Calendar.working_week(
            region.zone, OFFICE_HOURS, closed_on=tuple(sorted(holidays[region.country]))
        )
        for region in REGIONS
    }
    return {**offices, CUSTOMERS_OWN: Calendar.working_week("UTC", OFFICE_HOURS), ALWAYS: Calendar.always("UTC")}


def clock_policy() -> dict[str, object]:
    """Return the promises: P1 and P2 round the clock, the others in the office hours of the customer's region; premier is quicker."""
    return {"clocks": [*_responses(), *_updates(), *_resolutions(), *_between_us()]}


def _each(clock: Mapping[str, object], *, when: str = "") -> list[dict[str, object]]:
    """Return the clock for the customers of each region, on that region's calendar; *when* holds beside.

    The last one answers for cases without a region: those that were not imported.
    """
    of_regions = [
        {
            **clock,
            "when": " and ".join(part for part in (when, f"attributes.region is {region.name}") if part),
            "calendar": office_of(region),
        }
        for region in REGIONS
    ]
    of_others = {**clock, "calendar": CUSTOMERS_OWN, "zone_of": "customer"}
    return [*of_regions, {**of_others, "when": when} if when else of_others]


def _responses() -> list[dict[str, object]]:
    taken: dict[str, object] = {"stop": "owned or state is done"}
    return [
        {"kind": "response", "calendar": ALWAYS, "targets_min": {"P1": 15, "P2": 30}, **taken},
        *_each({"kind": "response", "targets_min": {"P3": 120, "P4": 240}, **taken}),
    ]


def _updates() -> list[dict[str, object]]:
    """A word to the customer: every change that one of us makes to a case is one, as the portal shows it."""
    told: dict[str, object] = {
        "stop": "event in (reply, fields, state, assigned) and actor is person",
        "pause": "state in (waiting_customer, waiting_vendor, waiting_other)",
    }
    return [
        {"kind": "next_update", "calendar": ALWAYS, "targets_min": {"P1": 480, "P2": 1440}, **told},
        *_each({"kind": "next_update", "targets_min": {"P3": 1800}, **told}),
    ]


def _resolutions() -> list[dict[str, object]]:
    waits: dict[str, object] = {
        "kind": "resolution",
        "pause": "state in (waiting_customer, waiting_vendor, waiting_other)",
        "warn_ratios": [0.5, 0.75, 0.9],
    }
    return [
        {**waits, "when": PREMIER, "calendar": ALWAYS, "targets_min": {"P1": 2160, "P2": 5760}},
        {**waits, "calendar": ALWAYS, "targets_min": {"P1": 2880, "P2": 7200}},
        *_each({**waits, "targets_min": {"P3": 1800, "P4": 2400}}, when=PREMIER),
        *_each({**waits, "targets_min": {"P3": 2400, "P4": 3000}}),
    ]


def _between_us() -> list[dict[str, object]]:
    """What teams promise each other, and what vendors owe."""
    unowned, vendor = "not owned and state is in_progress", "state is waiting_vendor"
    return [
        {
            "name": "pick-up", "kind": "stage", "agreement": "ola", "calendar": ALWAYS,
            "targets_min": {"P1": 15, "P2": 30, "P3": 960, "P4": 1440}, "start": unowned,
            "stop": "owned or state is done", "reopen": unowned, "on_reopen": "restart",
        },
        {
            "name": "vendor repair", "kind": "stage", "agreement": "uc", "calendar": ALWAYS,
            "targets_min": {"P1": 720, "P2": 2880, "P3": 7200, "P4": 10080}, "start": vendor, "stop": f"not {vendor}",
            "reopen": vendor, "on_reopen": "restart",
        },
    ]  # fmt: skip


def efforts() -> dict[tuple[str, int | None], int]:
    """Return the assumed minutes by product and priority, and for everything else."""
    table: dict[tuple[str, int | None], int] = {("", None): 360}
    for product in PRODUCTS:
        table |= {(product.name, priority): effort_min(product, priority) for priority in PRIORITY_SHARE}
    return table
