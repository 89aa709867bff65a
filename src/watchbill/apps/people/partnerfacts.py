"""What can be said of a partner, and what is refused: all that is wrong at once, each at its field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypedDict

from watchbill.apps.people.services import NAME_LIMIT, require_name
from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.slips import Slips

NOTE_LIMIT = 2_000
CATEGORIES = 50
"""Categories that one partner may be named for; one that takes more takes all."""
CATEGORY_LIMIT = 500
AT_ONCE, MOST, LEAD_MIN = 1_000, 10_000, 43_200
"""The most that can be said: items worked on at once, open items taken, and minutes until it begins, 30 days."""
PRICE_BELOW = Decimal(10) ** 10

_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_CURRENCY = re.compile(r"[A-Z]{3}")
_PRICE = re.compile(r"[0-9]{1,10}([.,][0-9]{1,2})?")


class Extras(TypedDict, total=False):
    """What need not be said of a partner."""

    email: str
    categories: Iterable[str]
    least_priority: int
    price: Decimal | None
    currency: str
    note: str


class NewPartner(Extras):
    """What is said of a new partner; the four without which nobody can reckon with it are asked for."""

    name: str
    at_once: int
    most: int
    lead_min: int


class PartnerChange(Extras, total=False):
    """What becomes of a partner; what is left out stays as it was."""

    name: str
    at_once: int
    most: int
    lead_min: int


FACTS = (
    "name", "email", "categories", "least_priority", "at_once", "most", "lead_min", "price", "currency", "note",
)  # fmt: skip
"""What is said of a partner, as its columns are called."""
UNSAID: Extras = {"email": "", "categories": (), "least_priority": 2, "price": None, "currency": "", "note": ""}


def price_of(text: str) -> Decimal | None:
    """Return the price that a text says, such as 85 or 85.50; None for no text. Raises InvalidFacts."""
    text = text.strip()
    if not text:
        return None
    if not _PRICE.fullmatch(text):
        raise InvalidFacts("A price is a number such as 85 or 85.50; leave it empty where none is known", field="price")
    return Decimal(text.replace(",", "."))


def checked(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return all of `FACTS` as they are kept. Raises InvalidFacts of all that is wrong, each with its field."""
    slips = Slips()
    values: dict[str, Any] = {
        "name": slips.of(_name, said["name"]),
        "email": slips.of(_email, said["email"]),
        "categories": slips.of(_categories, said["categories"]),
        "least_priority": slips.of(_within, said["least_priority"], 1, 4, "least_priority", "The most urgent priority"),
        "at_once": slips.of(_within, said["at_once"], 1, AT_ONCE, "at_once", "How many items it works on at once"),
        "most": slips.of(_within, said["most"], 1, MOST, "most", "How many open items it takes"),
        "lead_min": slips.of(_within, said["lead_min"], 0, LEAD_MIN, "lead_min", "How many minutes until it begins"),
        "price": slips.of(_price, said["price"]),
        "currency": slips.of(_currency, said["currency"]),
        "note": slips.of(_note, said["note"]),
    }
    wrong = {one.details.get("field") for one in slips.found}
    if not wrong & {"at_once", "most"}:
        slips.of(_require_room, values["at_once"], values["most"])
    if not wrong & {"price", "currency"}:
        slips.of(_require_both, values["price"], values["currency"])
    slips.end()
    return values


def _name(text: str) -> str:
    name = " ".join(text.split())
    require_name(name, "name", "A partner's name")
    if not name.isprintable():
        raise InvalidFacts("A partner's name is of characters that can be read", field="name")
    return name


def _email(text: str) -> str:
    address = text.strip()
    is_one = len(address) <= NAME_LIMIT and address.isprintable() and _ADDRESS.fullmatch(address)
    if address and not is_one:
        raise InvalidFacts("A mail address looks like dispatch@partner.example; leave it empty for none", field="email")
    return address


def _categories(names: Iterable[str]) -> list[str]:
    """Return the categories sorted, each once; lines without a word are none."""
    found = sorted({name.strip() for name in names if name.strip()})
    if len(found) > CATEGORIES or any(len(name) > CATEGORY_LIMIT or not name.isprintable() for name in found):
        raise InvalidFacts(
            f"At most {CATEGORIES} categories of at most {CATEGORY_LIMIT} characters each; none means all",
            field="categories",
        )
    return found


def _within(number: int, least: int, most: int, field: str, what: str) -> int:
    if not least <= number <= most:
        raise InvalidFacts(f"{what} is a number from {least} to {most:,}", field=field)
    return number


def _price(price: Decimal | None) -> Decimal | None:
    if price is None:
        return None
    if not price.is_finite() or not 0 <= price < PRICE_BELOW or price != round(price, 2):
        raise InvalidFacts("A price is 0 or more, with at most two decimals", field="price")
    return round(price, 2)


def _currency(text: str) -> str:
    code = text.strip().upper()
    if code and not _CURRENCY.fullmatch(code):
        raise InvalidFacts("A currency is three letters, such as EUR", field="currency")
    return code


def _note(text: str) -> str:
    if len(text.strip()) > NOTE_LIMIT:
        raise InvalidFacts(f"A note has at most {NOTE_LIMIT} characters", field="note")
    if "\x00" in text:
        raise InvalidFacts("A note is text, without the character of code 0", field="note")
    return text.strip()


def _require_room(at_once: int, most: int) -> None:
    """Raise InvalidFacts for who would work on more at once than it takes."""
    if at_once > most:
        raise InvalidFacts(f"It cannot work on {at_once} at once when it takes {most} at most", field="at_once")


def _require_both(price: Decimal | None, currency: str) -> None:
    """Raise InvalidFacts for a price in no currency, and for a currency of no price."""
    if price is not None and not currency:
        raise InvalidFacts("Say in which currency the price is, such as EUR", field="currency")
    if price is None and currency:
        raise InvalidFacts("Say the price of one item, or leave the currency empty too", field="price")
