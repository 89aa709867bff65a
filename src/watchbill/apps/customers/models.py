"""Tables of customers."""

from __future__ import annotations

from django.db import models


class Customer(models.Model):
    """Whom we serve. ``tier`` is one of standard, plus, premier."""

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey("people.Desk", models.PROTECT, related_name="+")
    name = models.TextField()
    tier = models.TextField(default="standard")
    is_sensitive = models.BooleanField(default=False)
    version = models.IntegerField(db_default=1)

    class Meta:
        db_table = "customers_customer"
        constraints = [models.UniqueConstraint(fields=["desk", "name"], name="customers_customer_name")]
