"""Customers with their tier."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field

from watchbill.interfaces.api.schemas.base import In, Short, Text, Version


class Customer(Schema):
    reference: str
    name: str
    tier: str = Field(description="standard, plus or premier")
    is_sensitive: bool
    version: int


class Customers(Schema):
    customers: list[Customer]
    next: str | None = Field(description="Send it as `after` for the next page; null on the last one")


class CustomerChange(In):
    tier: Short | None = Field(None, description="standard, plus or premier; left out: as it was")
    is_sensitive: bool | None = Field(None, description="Left out: as it was")
    version: Version | None = None
    reason: Text = ""


class CustomerChanged(Schema):
    reference: str
    version: int
