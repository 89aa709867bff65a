"""Tables of customers."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Customer(models.Model):
    """Whom we serve, as it stands now. ``tier`` is one of standard, plus, premier.

    ``contract`` names what was agreed ("" for none), ``zone`` is its IANA time zone ("" for not known). How it stood
    before is in its `Terms`; every change of these adds one. ``clearances``: whoever works for it must have all of them.
    """

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+")
    name = models.TextField()
    tier = models.TextField(default="standard")
    contract = models.TextField(default="", db_default="")
    zone = models.TextField(default="", db_default="")
    is_sensitive = models.BooleanField(default=False)
    clearances = ArrayField(models.TextField(), default=list, db_default=[])
    version = models.IntegerField(db_default=1)

    class Meta:
        db_table = "customers_customer"
        constraints = [models.UniqueConstraint(fields=["desk", "name"], name="customers_customer_name")]


class Site(models.Model):
    """A place of a customer. It is never deleted: items name it. ``zone`` is IANA, "" where it is the customer's.

    What it was called and where it was before is in its `SiteTerms`; every change of these adds one.
    """

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    name = models.TextField()
    zone = models.TextField(default="", db_default="")
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        db_table = "customers_site"
        constraints = [models.UniqueConstraint(fields=["customer", "name"], name="customers_site_name")]


class Terms(models.Model):
    """How a customer stands from an instant on; only ever added. The first are from the beginning of time."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    tier = models.TextField()
    contract = models.TextField()
    zone = models.TextField()
    is_sensitive = models.BooleanField()
    by_name = models.TextField()
    reason = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "customers_terms"
        indexes = [models.Index(fields=["customer", "at", "id"], name="customers_terms_customer")]


class SiteTerms(models.Model):
    """What a site is called and which zone it has from an instant on; only ever added. The first are from the beginning of time."""

    id = models.BigAutoField(primary_key=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    name = models.TextField()
    zone = models.TextField()
    by_name = models.TextField()
    reason = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "customers_siteterms"
        indexes = [models.Index(fields=["site", "at", "id"], name="customers_siteterms_site")]
