"""What forms send, read with care: numbers that are numbers, addresses that stay here."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme

from watchbill.engine.base.errors import InvalidFacts

LARGEST = 2**63 - 1


def text_of(data: QueryDict, name: str) -> str:
    """Return a field of a form without the space around it, lines ending as in our texts; "" when it is missing."""
    return data.get(name, "").replace("\r\n", "\n").strip()


def lines_of(data: QueryDict, name: str) -> list[str]:
    """Return the lines of a field that say something."""
    return [line.strip() for line in data.get(name, "").splitlines() if line.strip()]


def number_of(data: QueryDict, name: str, label: str) -> int | None:
    """Return a whole number, or None for an empty field. Raises InvalidFacts naming the field."""
    text = data.get(name, "").strip()
    return _whole(text, name, label) if text else None


def _whole(text: str, name: str, label: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(LARGEST)) or int(text) > LARGEST:
        raise InvalidFacts(f"{label} must be a whole number", field=name)
    return int(text)


def numbers_of(data: QueryDict, name: str, label: str) -> list[int]:
    """Return every whole number that a form sends under one name. Raises InvalidFacts naming the field."""
    return [_whole(text.strip(), name, label) for text in data.getlist(name)]


def required_number(data: QueryDict, name: str, label: str) -> int:
    """Return a whole number. Raises InvalidFacts naming the field, for an empty one too."""
    number = number_of(data, name, label)
    if number is None:
        raise InvalidFacts(f"{label} is missing", field=name)
    return number


def back_of(request: HttpRequest, default: str) -> str:
    """Return where a form wants to lead afterwards, if that is an address of ours, else *default*."""
    wanted = request.POST.get("back", "") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if wanted.startswith("/") and is_ours else default
