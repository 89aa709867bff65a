"""The Jinja2 environment of the pages: escaping always on, and the filters that write numbers and times."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, StrictUndefined

from watchbill.interfaces.web import formats

FILTERS = (
    formats.duration,
    formats.stopwatch,
    formats.time_of_day,
    formats.time_to_second,
    formats.day,
    formats.day_and_year,
    formats.moment,
    formats.iso,
    formats.signed,
    formats.count,
    formats.percent,
    formats.plural,
    formats.initials,
)


def url(name: str, *args: object, **kwargs: object) -> str:
    """The address of a named page; positional or keyword arguments as the route has them."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def environment(**options: Any) -> Environment:
    """Build what Django's Jinja2 backend asks for; a name that a template misspells is an error, not an empty string."""
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    options.pop("autoescape", None)
    made = Environment(autoescape=True, **options)
    made.globals.update(static=static, url=url)
    made.filters.update({one.__name__: one for one in FILTERS})
    return made
