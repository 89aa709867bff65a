"""Partners of a desk: outside firms that do work for it, and what they take."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from ninja import Schema
from pydantic import Field

from watchbill.apps.people.partnerfacts import AT_ONCE, CATEGORIES, LEAD_MIN, MOST
from watchbill.interfaces.api.schemas.base import In, Line, OneToFour, Short, Slug, Text, Version

ALL = "Of which work, as items name it; empty: all"
LEAST = "The most urgent priority that may be passed to it: 2 means P2, P3 and P4"
OF_ONE = "For one item; null: not known"
CODE = "Three letters, such as EUR; asked for with a price"

Names = Annotated[list[Short], Field(max_length=CATEGORIES)]
AtOnce = Annotated[int, Field(ge=1, le=AT_ONCE, description="On how many of our items it works at the same time")]
Most = Annotated[int, Field(ge=1, le=MOST, description="How many open items it takes from us at most")]
Lead = Annotated[int, Field(ge=0, le=LEAD_MIN, description="Minutes from being asked until it begins")]
Price = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]


class Partner(Schema):
    reference: str
    name: str
    email: str = Field(description="Where it is asked; empty: not known")
    categories: list[str] = Field(description=ALL)
    least_priority: int = Field(description=LEAST)
    at_once: int = Field(description="On how many of our items it works at the same time")
    most: int = Field(description="How many open items it takes from us at most")
    lead_min: int = Field(description="Minutes from being asked until it begins")
    price: Decimal | None = Field(description=OF_ONE)
    currency: str = Field(description="Of the price; empty without one")
    note: str
    is_active: bool = Field(description="Nothing more is passed to a retired one")
    version: int
    held: int = Field(description="Open items that were passed to it and wait for it now")
    notes: list[str] = Field(description="What is accepted and yet worth saying, such as a category that no item has")


class Partners(Schema):
    partners: list[Partner]


class NewPartner(In):
    desk: Slug
    name: Line
    at_once: AtOnce
    most: Most
    lead_min: Lead
    email: Short = ""
    categories: Names = Field([], description=ALL)
    least_priority: OneToFour = Field(2, description=LEAST)
    price: Price | None = Field(None, description=OF_ONE)
    currency: Short = Field("", description=CODE)
    note: Text = ""


class ChangePartner(In):
    """What is left out stays as it was; a price of null is not known any more, and its currency goes with it."""

    name: Line | None = None
    at_once: AtOnce | None = None
    most: Most | None = None
    lead_min: Lead | None = None
    email: Short | None = Field(None, description="Empty: not known")
    categories: Names | None = Field(None, description=ALL)
    least_priority: OneToFour | None = Field(None, description=LEAST)
    price: Price | None = Field(None, description=OF_ONE)
    currency: Short | None = Field(None, description=CODE)
    note: Text | None = None
    version: Version | None = None
    reason: Text = ""


class RetirePartner(In):
    is_active: bool = Field(False, description="True: use it again")
    reason: Line
    version: Version | None = None
