"""The command line: thin over the same flows, services and queries as the pages and the API.

Modules here load neither Django nor anything heavy: `watchbill --help` answers at once. What a command needs is
imported when it runs; by then `config.main` has made the house ready.
"""

from __future__ import annotations

import click

from watchbill.interfaces.cli.absences import absences
from watchbill.interfaces.cli.alerts import alerts
from watchbill.interfaces.cli.assign import assign
from watchbill.interfaces.cli.audit import audit, rebuild
from watchbill.interfaces.cli.backtest import backtest
from watchbill.interfaces.cli.backtests import backtests
from watchbill.interfaces.cli.balance import balance
from watchbill.interfaces.cli.bulk import bulk
from watchbill.interfaces.cli.clocks import clocks
from watchbill.interfaces.cli.customers import customers
from watchbill.interfaces.cli.decisions import decisions
from watchbill.interfaces.cli.desks import close_desk, desks, make_desk, mode, rename_desk
from watchbill.interfaces.cli.imports import import_file, imports, infer, profiles
from watchbill.interfaces.cli.items import items
from watchbill.interfaces.cli.learn import learn
from watchbill.interfaces.cli.next import next_items
from watchbill.interfaces.cli.notices import notices
from watchbill.interfaces.cli.partners import partners
from watchbill.interfaces.cli.people import people
from watchbill.interfaces.cli.policies import policies, policy
from watchbill.interfaces.cli.recover import recover
from watchbill.interfaces.cli.regions import regions
from watchbill.interfaces.cli.regret import regret
from watchbill.interfaces.cli.replays import policy_changed, policy_replay, policy_replays
from watchbill.interfaces.cli.reports import attainment, breaches, exclusions, pauses
from watchbill.interfaces.cli.risk import risk
from watchbill.interfaces.cli.shadow import shadow
from watchbill.interfaces.cli.stuck import stuck, traffic
from watchbill.interfaces.cli.users import link, token, users

items.add_command(bulk)
people.add_command(regions)
for command in (policy_replay, policy_replays, policy_changed):
    policy.add_command(command)

COMMANDS: list[click.Command] = [
    backtest, backtests, regret, shadow, items, assign, next_items, clocks, attainment, breaches, exclusions, pauses, risk, stuck, traffic, decisions, balance, recover, learn, alerts, notices, desks, make_desk, rename_desk, close_desk, people, absences, customers, partners, users, token, link, policy, policies, mode, import_file, imports, profiles, infer, audit,
    rebuild,
]  # fmt: skip
