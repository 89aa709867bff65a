"""Customers with their terms and sites."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import Clearances, In, Line, Short, Text, Version

TIER = "standard, plus or premier"
AS_IT_WAS = "Left out: as it was"
ZONE = "IANA time zone, such as Europe/Dublin; empty: not known"


class Customer(Schema):
    reference: str
    name: str
    tier: str = Field(description=TIER)
    contract: str = Field(description="What was agreed; empty for none")
    zone: str = Field(description=ZONE)
    is_sensitive: bool
    clearances: list[str] = Field(description="What whoever works for it must have")
    version: int


class Customers(Schema):
    customers: list[Customer]
    next: str | None = Field(description="Send it as `after` for the next page; null on the last one")


class SiteTerms(Schema):
    """What a site is called and where it is from an instant on, until its next terms."""

    since: datetime | None = Field(description="null: since ever")
    name: str
    zone: str = Field(description="IANA time zone; empty: the customer's")
    by: str
    reason: str


class Site(Schema):
    reference: str
    name: str
    zone: str = Field(description="IANA time zone; empty: the customer's")
    is_active: bool
    terms: list[SiteTerms] = Field(description="The latest first")


class Terms(Schema):
    """How a customer stands from an instant on, until its next terms."""

    since: datetime | None = Field(description="null: since ever")
    tier: str
    contract: str
    zone: str
    is_sensitive: bool
    by: str
    reason: str


class CustomerWhole(Customer):
    sites: list[Site]
    terms: list[Terms]


class CustomerChange(In):
    tier: Short | None = Field(None, description=f"{TIER}; left out: as it was")
    contract: Short | None = Field(None, description=f"Empty for none. {AS_IT_WAS}")
    zone: Short | None = Field(None, description=f"{ZONE}. {AS_IT_WAS}")
    is_sensitive: bool | None = Field(None, description=AS_IT_WAS)
    version: Version | None = None
    reason: Text = ""


class CustomerChanged(Schema):
    reference: str
    version: int
    changed: list[str] = Field(
        description="What is not as it was; empty: nothing was different, and the version is the same"
    )


class ClearancesAsked(In):
    clearances: Clearances = Field(description="All of them; empty: none is asked for")
    version: Version | None = None
    reason: Text = ""


class NewSite(In):
    name: Line
    zone: Short = Field("", description="IANA time zone; empty: the customer's")
    version: Version | None = None
    reason: Text = ""


class SiteChange(In):
    name: Line | None = Field(None, description=AS_IT_WAS)
    zone: Short | None = Field(None, description=AS_IT_WAS)
    is_active: bool | None = Field(None, description="false: no item is placed there any more")
    version: Version | None = None
    reason: Text = ""


class SiteKept(CustomerChanged):
    """The site, and its customer with its version."""

    site: str
