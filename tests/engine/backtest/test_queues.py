"""The simulator waits as long as queueing theory says: M/M/n by Erlang, M/G/1 by Pollaczek and Khinchine."""

import math

import numpy as np
import pytest

from tests.engine.backtest.tinydesk import agent, case, model
from watchbill.engine.backtest.compare import interval
from watchbill.engine.backtest.rules import Pull, fifo
from watchbill.engine.backtest.simulate import simulate

MEAN_MIN = 1000
"""Of effort, so long that whole minutes round nothing away."""
CASES, WARM_UP, RUNS = 1200, 200, 12


def erlang_wait(people, load):
    """Mean wait in units of mean effort: the chance that all are busy, over what they have to spare."""
    blocked = 1.0
    for count in range(1, people + 1):
        blocked = load * blocked / (count + load * blocked)
    waits = people * blocked / (people - load * (1 - blocked))
    return waits / (people - load)


def waits(people, load, effort, seed):
    """Mean wait of a run, in units of mean effort."""
    rng = np.random.default_rng(seed)
    opened = np.cumsum(rng.exponential(MEAN_MIN / load, CASES)).astype(int)
    minutes = np.maximum(1, np.round(effort(rng, CASES))).astype(int)
    far = int(opened[-1]) + 100 * CASES * MEAN_MIN
    cases = [
        case(number + 1, opened_min=int(at), due_min=far, mean_min=MEAN_MIN, effort_min=int(takes))
        for number, (at, takes) in enumerate(zip(opened, minutes, strict=True))
    ]
    staff = [agent(number + 1, shifts=((0, far),)) for number in range(people)]
    run = simulate(model(cases, staff, step_min=1, horizon_min=far), Pull("fifo", fifo, is_plain=True))
    late = sorted(run.cases, key=lambda one: one.case.opened_min)[WARM_UP:]
    return float(np.mean([one.wait_min for one in late])) / MEAN_MIN


def holds(expected, people, load, effort):
    found = interval([waits(people, load, effort, seed) for seed in range(1, RUNS + 1)])
    assert found.low <= expected <= found.high, f"{found} does not hold {expected:.3f}"
    assert found.high - found.low < expected


@pytest.mark.parametrize(("people", "load"), [(1, 0.5), (3, 2.1), (10, 8.0)])
def test_waits_of_m_m_n_are_those_of_erlang(people, load):
    """Poisson arrivals, exponential effort, n people: the mean wait lies in the interval of twelve runs."""
    holds(erlang_wait(people, load), people, load, lambda rng, size: rng.exponential(MEAN_MIN, size))


@pytest.mark.parametrize("sigma", [0.0, 0.5, 0.9], ids=["constant", "narrow", "wide"])
def test_waits_of_m_g_1_are_those_of_pollaczek_and_khinchine(sigma):
    """One person and log-normal effort: rho (1 + c²) / (2 (1 - rho)) times the mean effort."""
    load = 0.6
    expected = load * math.exp(sigma**2) / (2 * (1 - load))
    holds(expected, 1, load, lambda rng, size: MEAN_MIN * rng.lognormal(-(sigma**2) / 2, sigma, size))
