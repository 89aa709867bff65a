"""What each floor may know: the engine nothing but mathematics, and nobody the time but those who are told it."""

import ast
import subprocess
import sys

from tests.architecture.sources import modules, named, tree

ENGINE_MAY = {"watchbill", "numpy", "ortools", "scipy", "sklearn"} | sys.stdlib_module_names
ENGINE_NEVER = {"asyncio", "logging", "multiprocessing", "os", "pathlib", "socket", "sqlite3", "subprocess", "tempfile", "urllib"}  # fmt: skip
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("timezone", "now"), ("time", "time")}  # fmt: skip
# The installation's clock itself.
TELLS_THE_TIME = {"src/watchbill/apps/core/queries.py"}
MOST_LINES = 400


def imported(path):
    """The top names that a module imports, with their lines."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, node.module or ""


def test_the_engine_imports_only_mathematics():
    """The standard library's pure parts, numpy, scipy, OR-Tools and the engine itself."""
    wrong = []
    for path in modules("engine"):
        for line, name in imported(path):
            top = name.split(".")[0]
            is_ours = top == "watchbill" and not name.startswith("watchbill.engine")
            if top not in ENGINE_MAY or top in ENGINE_NEVER or is_ours:
                wrong.append(f"{named(path)}:{line} imports {name}")
    assert wrong == []


def test_scikit_learn_is_loaded_by_learning_alone():
    """One module names it, inside functions: no page, command or tick pays for it, and scoring does not either."""
    named_by = {
        named(path) for path in modules("engine") for _, name in imported(path) if name.split(".")[0] == "sklearn"
    }
    assert named_by == {"src/watchbill/engine/sense/risk/learning.py"}
    says = "import sys, watchbill.engine.sense.risk, watchbill.interfaces.cli; print('sklearn' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", says], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


def test_chance_in_the_engine_has_a_seed():
    """Same facts and same seed, same answer: no call goes to the generator that all share."""
    wrong = [
        f"{named(path)}:{node.lineno} calls {node.func.value.id}.{node.func.attr}"
        for path in modules("engine")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr != "Random"
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "random"
    ]
    assert wrong == []


def test_nobody_below_the_interfaces_reads_the_clock():
    """`now` is an argument in engine, apps and flows; a demo's whole night then runs in milliseconds."""
    wrong = []
    for path in modules("engine", "apps", "flows"):
        if named(path) in TELLS_THE_TIME:
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
                if (name, node.func.attr) in CLOCKS:
                    wrong.append(f"{named(path)}:{node.lineno} reads the clock")
    assert wrong == []


def test_only_apps_import_models():
    """A models module is private to the apps, however it is written."""
    wrong = [
        f"{named(path)}:{line} imports {name}"
        for path in modules("flows", "interfaces", "adapters", "demo", "config", "engine")
        for line, name in imported(path)
        if name.startswith("watchbill.apps.") and name.endswith(".models")
    ]
    assert wrong == []


def test_modules_can_be_read_in_one_go():
    """A module that has outgrown a few screens hides a second thing."""
    long = [
        f"{named(path)}: {count} lines"
        for path in modules("")
        if (count := path.read_text(encoding="utf-8").count("\n")) > MOST_LINES
    ]
    assert long == []


def test_no_room_is_called_after_nothing():
    """A module is named for what is in it."""
    vague = {"utils.py", "common.py", "misc.py", "helpers.py", "views.py"}
    assert [named(path) for path in modules("") if path.name in vague] == []
