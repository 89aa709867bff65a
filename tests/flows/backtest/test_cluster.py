"""Replications on a Ray cluster: one with two worker processes, on this machine and heard by nobody else, says what one process says."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from importlib.util import find_spec
from types import ModuleType

import pytest

from tests.engine.backtest.twin.oddlogs import ASKED, PROMISE, Odd, source_of
from tests.engine.backtest.twin.oddlogs import told as history_told
from watchbill.engine.backtest.asked import asked_for
from watchbill.engine.base.errors import InvalidFacts, NotFound, Unavailable
from watchbill.flows.backtest import cluster
from watchbill.flows.backtest.cluster import RayWorkers, address_of
from watchbill.flows.backtest.plugins import plugin_contender
from watchbill.flows.backtest.running import backtest

ray_there = pytest.mark.skipif(
    find_spec("ray") is None, reason="Ray has no wheel for this Python on this machine: the extra “ray” is empty here"
)
TOKEN = secrets.token_hex(32)
MINE = '''
from __future__ import annotations
from dataclasses import dataclass


@dataclass
class Newest:
    """Whoever is free takes the newest."""

    name: str = "newest"

    def start(self, desk):
        pass

    def give(self, desk):
        free = [person for person in desk.on_shift.values() if person.is_free]
        for job in sorted(desk.waiting.values(), key=lambda job: (-job.arrived_min, job.case.id)):
            able = [person for person in free if person.agent.may(job)]
            if able:
                free.remove(able[0])
                yield job, able[0]

    def choose(self, desk, person):
        return person.held[0]

    def interrupt(self, desk):
        return ()
'''


HEAD = """
import ray, sys
found = ray.init(
    address="local", num_cpus=2, include_dashboard=False, object_store_memory=80_000_000, _node_ip_address=sys.argv[1],
    _temp_dir=sys.argv[2], log_to_driver=False, configure_logging=False, logging_level="error",
)
print(found.address_info["gcs_address"], flush=True)
sys.stdin.read()
"""
LOOP = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"  # Ray on Linux takes .1 for the machine's own address


@pytest.fixture(scope="module")
def address():
    """A cluster of its own: two worker processes, taking calls only with a token that nobody else has; its files go with it."""
    folder = tempfile.mkdtemp(prefix="wbray")  # a short path: sockets lie in it
    settings = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN, "RAY_USAGE_STATS_ENABLED": "0"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        with subprocess.Popen(
            [sys.executable, "-c", HEAD, LOOP, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as head:
            yield head.stdout.readline().strip()
            head.communicate()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def crew(address):
    with RayWorkers(address) as entered:
        yield entered


def quiet(*_):
    """Nobody listens."""


def slowly(_, number):
    time.sleep(5 if number else 0)
    return number


def refused(_, number):
    raise InvalidFacts(f"{number} is too many", field="number")


def failing(context, number):
    return context / number


def where(*_):
    return os.getpid()


@ray_there
def test_another_version_of_ray_is_told(address, monkeypatch):
    """What differs is named, and nothing is left connected."""
    import ray

    monkeypatch.setattr(ray, "__version__", "1.0.0")
    with pytest.raises(Unavailable, match="runs other versions than this machine.*1.0.0"), RayWorkers(address):
        pass
    assert not ray.is_initialized()


@ray_there
def test_a_cluster_says_what_one_process_says(crew, tmp_path):
    """The whole answer, with a policy of one's own in a file that is gone by the time it is played; in a folder of its own."""
    file = tmp_path / "mine.py"
    file.write_text(MINE, encoding="utf-8")
    asked = replace(ASKED, contenders=(*asked_for(("fifo", "watchbill")), plugin_contender(f"{file}:Newest")))
    file.unlink()
    history, shares = history_told(Odd(items=250)), []
    facts = (history, source_of(history), PROMISE, asked)
    one = backtest(*facts, workers=1, tell=quiet)
    several = backtest(*facts, ray=crew.address, tell=lambda _, share: shares.append(share))
    assert replace(one, seconds={}) == replace(several, seconds={})
    assert shares == sorted(shares)
    assert len(set(shares)) > 10


@ray_there
def test_results_stand_in_their_order_and_come_from_several_processes(crew):
    """None of them this one; not more at once than wanted."""
    assert crew(divmod, 1000, list(range(1, 40)), quiet) == [divmod(1000, number) for number in range(1, 40)]
    assert os.getpid() not in crew(where, None, range(20), quiet)
    crew.count = 1
    assert len(set(crew(where, None, range(5), quiet))) == 1
    crew.count = None


@ray_there
def test_who_leaves_off_waits_for_nobody(crew):
    """What is under way is stopped, and the workers are there for the next."""

    class LeftOff(Exception):
        pass

    def tell(_, share):
        raise LeftOff

    started = time.monotonic()
    with pytest.raises(LeftOff):
        crew(slowly, None, [0, *range(1, 20)], tell)
    assert crew(slowly, None, [0], quiet) == [0]
    assert time.monotonic() - started < 15


@ray_there
def test_what_goes_wrong_there_is_said_as_here(crew, monkeypatch):
    """A refusal keeps its words; a mistake is named; a machine without Watchbill, or with another one, is told from both."""
    with pytest.raises(InvalidFacts, match="^7 is too many$") as caught:
        crew(refused, None, [7, 8], quiet)
    assert caught.value.details == {"field": "number"}
    with pytest.raises(Unavailable, match="The Ray cluster gave up: ZeroDivisionError"):
        crew(failing, 1, [0], quiet)
    absent = ModuleType("watchbill.absent")
    exec("def lost(context, argument): return argument", absent.__dict__)
    monkeypatch.setitem(sys.modules, "watchbill.absent", absent)
    with pytest.raises(Unavailable, match="has no Watchbill, or another one"):
        crew(absent.lost, None, [1], quiet)
    monkeypatch.setattr(cluster, "version_here", lambda: "99.0")
    with pytest.raises(Unavailable, match="and this one 99.0: only the same version"):
        crew(where, None, [1], quiet)


def test_nothing_answers():
    """A door that is shut."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(Unavailable, match=f"No Ray cluster answers at {address}, which WATCHBILL_RAY_ADDRESS names"):
        cluster._require_answer(address)


@ray_there
def test_something_else_answers():
    """A door behind which nobody knows Ray; in a process of its own, since Ray goes on trying."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        code = f"from watchbill.flows.backtest import cluster as c\nc.CONNECTS_S = 1.0\nwith c.RayWorkers('{address}'): pass"
        tried = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60)
    assert tried.returncode == 1
    assert f"{address} answers, but lets nobody into a Ray cluster within 1 s" in tried.stderr


def test_without_ray_it_is_said_what_to_install(monkeypatch):
    """And without a cluster nothing of it is asked for."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(Unavailable, match=r"pip install 'watchbill\[ray\]'"), RayWorkers("127.0.0.1:6379"):
        pass
    history = history_told(Odd(items=250))
    asked = replace(ASKED, contenders=asked_for(("fifo",)), is_bounded=False)
    assert backtest(history, source_of(history), PROMISE, asked, workers=1, tell=quiet).policies


@pytest.mark.parametrize("text", ["ray://10.0.0.5:10001", "10.0.0.5", "host:0", "host:70000", "auto", "a b:1"])
def test_an_address_is_looked_at(text):
    """One that makes no sense names the setting and an example."""
    with pytest.raises(InvalidFacts, match="WATCHBILL_RAY_ADDRESS.*10.0.0.5:6379"):
        address_of(text)


@pytest.mark.parametrize("text", ["10.0.0.5:6379", " head.example.org:6379 ", "[fd00::5]:6379", ""])
def test_addresses_that_make_sense(text):
    """Names, both kinds of numbers, and none."""
    assert address_of(text) == text.strip()


def test_a_policy_in_a_file_is_what_it_was_when_it_was_named(tmp_path):
    """Changed or gone, the same one plays; none that was never there."""
    file = tmp_path / "mine.py"
    file.write_text(MINE, encoding="utf-8")
    found = plugin_contender(f"{file}:Newest")
    file.write_text("nonsense(", encoding="utf-8")
    assert (found.name, found.make().name) == ("newest", "newest")
    with pytest.raises(InvalidFacts, match="cannot be loaded: SyntaxError"):
        plugin_contender(f"{file}:Newest")
    with pytest.raises(NotFound):
        plugin_contender(f"{tmp_path}/none.py:Newest")
