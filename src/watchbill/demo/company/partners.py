"""Outside firms to which the company could pass work: every number of theirs is chosen, as all of it."""

from __future__ import annotations

from decimal import Decimal

from watchbill.apps.people.partnerfacts import NewPartner
from watchbill.demo.company.facts import PRODUCTS

HANDS_ON = ("Network", "Storage")
"""Teams whose products a firm with engineers on the road can take."""

PARTNERS: tuple[NewPartner, ...] = (
    {
        "name": "Halden & Voss Field Service", "email": "dispatch@halden-voss.example",
        "categories": tuple(product.name for product in PRODUCTS if product.team in HANDS_ON), "least_priority": 2,
        "at_once": 4, "most": 16, "lead_min": 120, "price": Decimal("440.00"), "currency": "EUR",
        "note": "Made up, as all of this company. Engineers for routers, switches and storage, at every hour.",
    },
    {
        "name": "Nightferry Support", "email": "desk@nightferry.example", "least_priority": 3, "at_once": 2, "most": 8,
        "lead_min": 30, "price": Decimal("310.00"), "currency": "EUR",
        "note": "Made up, as all of this company. Takes any product, but nothing that cannot wait for its desk.",
    },
)  # fmt: skip
"""One that takes the urgent work of some products, and one that takes the less urgent of all."""
