"""kill -9 of the database server in the middle of an import: after the restart nothing is lost and nothing is doubled."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from tests.clusters import READY
from tests.flows.intake import log

# Everything happens in processes of its own, on a server and a data folder of their own.
SCRIPT = """
import json, os, sys
from pathlib import Path
from watchbill.config.database import database_ensure, database_stop
from watchbill.config.env import env
database_ensure(env(), say=lambda line: None)
import django
django.setup()
from tests.factories import BOSS, NOW
from tests.flows.intake import read
from watchbill.flows.intake import apply, load
from watchbill.flows.intake.load import import_run
from watchbill.flows.intake.profiles import profile_load
from watchbill.flows.intake.desk import desk_for
load.CHUNK_ROWS, apply.BATCH_ITEMS = 500, 100
loaded = profile_load("servicenow-incidents")
desk, _ = desk_for(sys.argv[2], loaded, Path(sys.argv[1]), may_be_new=True, by=BOSS, now=NOW)
def tell(what, share):
    print(what, f"{share:.2f}", flush=True)
import_run(Path(sys.argv[1]), loaded, desk_id=desk.id, tell=tell, by=BOSS, now=NOW)
print("picture", json.dumps(read.picture(desk.id), default=str), flush=True)
if len(sys.argv) > 3:
    database_stop(env())
"""


def start(home, path, desk, *more):
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("WATCHBILL_DATABASE_URL", "WATCHBILL_TEST_FOLDER")
    } | {"WATCHBILL_DATA": str(home), "DJANGO_SETTINGS_MODULE": "watchbill.config.settings", "PYTHONPATH": "src:."}
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(path), desk, *more], stdout=subprocess.PIPE, text=True, env=environment
    )


def picture(process):
    """What stands on the desk once the process has come to its end."""
    said, _ = process.communicate(timeout=180)
    assert process.returncode == 0
    return json.loads(next(line for line in said.splitlines() if line.startswith("picture")).partition(" ")[2])


def crash(home):
    """End the server and every process of it at once, without a word."""
    head = next(home.rglob("postmaster.pid")).read_text(encoding="utf-8").split()[0]
    server = psutil.Process(int(head))
    for process in [server, *server.children(recursive=True)]:
        process.kill()
    server.wait(timeout=30)


@pytest.fixture
def home(clusters):
    """A data folder that the user who runs the database may enter: pytest's own folders are closed to her."""
    folder = Path(tempfile.mkdtemp(prefix="watchbill-crash-"))
    clusters.put(folder, READY)
    yield folder
    if next(folder.rglob("postmaster.pid"), None):
        crash(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.parametrize(("what", "share"), [("reading", 0.5), ("applying", 0.5)])
def test_server_killed_in_the_middle(home, tmp_path, what, share):
    """Unlogged rows come back empty and are staged anew; batches are applied once, whether their commit survived or not."""
    path = log.write(tmp_path / "log.csv", log.many(900))
    running = start(home, path, "crashed")
    for line in running.stdout:
        doing, done = line.split()
        if doing == what and float(done) >= share:
            break
    crash(home)
    assert running.wait(timeout=60) != 0
    crashed = picture(start(home, path, "crashed"))
    clean = picture(start(home, path, "clean", "and stop"))
    assert len(crashed["items"]) == 900
    assert len(crashed["events"]) == 3600
    assert crashed == clean
