"""The addresses of the pages: each page module brings its own."""

from __future__ import annotations

from django.urls import URLPattern

from watchbill.interfaces.web.pages import (
    account,
    attainment,
    audit,
    balance,
    board,
    breaches,
    case,
    cases,
    clockpolicy,
    clocks,
    customers,
    decisions,
    demo,
    desks,
    exclusions,
    imports,
    learned,
    me,
    palette,
    pauses,
    people,
    person,
    policies,
    policy,
    queues,
    replays,
    risk,
    signin,
    start,
    users,
)

PAGES = (
    start,
    signin,
    account,
    palette,
    board,
    balance,
    decisions,
    cases,
    case,
    clocks,
    demo,
    people,
    person,
    me,
    queues,
    customers,
    attainment,
    breaches,
    exclusions,
    pauses,
    risk,
    imports,
    policies,
    policy,
    learned,
    clockpolicy,
    replays,
    audit,
    desks,
    users,
)
"""Page modules in the order of their addresses; a page that is not listed here is not shown anywhere."""

urlpatterns: list[URLPattern] = [route for page in PAGES for route in page.urls]
