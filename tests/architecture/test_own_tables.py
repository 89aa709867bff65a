"""An app writes its own tables only; every other floor writes through services."""

import ast
import re

import pytest
from django.apps import apps as registry

from tests.architecture.sources import APPS, modules, named, texts, tree

WRITES = {
    "create", "acreate", "bulk_create", "bulk_update", "delete", "get_or_create", "save", "update", "update_or_create",
}  # fmt: skip
STATEMENT = re.compile(
    r"\b(?:insert\s+into|update(?:\s+only)?|delete\s+from(?:\s+only)?|truncate(?:\s+table)?|merge\s+into|copy)\s+"
    r'"?(?P<table>[a-z_]+)"?',
    re.IGNORECASE,
)
OTHER_FLOORS = ("flows", "interfaces", "adapters", "demo", "config", "engine")


def app_of(table: str) -> str | None:
    """The app that owns a table, by the beginning of its name."""
    return next((app for app in APPS if table.lower().startswith(f"{app}_")), None)


def written_tables(path) -> list[tuple[int, str]]:
    """The apps' tables that the SQL in a module writes."""
    return [
        (line, found["table"])
        for line, text in texts(path)
        for found in STATEMENT.finditer(text)
        if app_of(found["table"])
    ]


def foreign_models(path, app: str) -> dict[str, str]:
    """Names in a module that stand for another app's models, or for its module of models."""
    names = {}
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("watchbill.apps."):
            continue
        other = node.module.split(".")[2]
        is_models = node.module.endswith(".models")
        for alias in node.names:
            if other != app and (is_models or alias.name == "models"):
                names[alias.asname or alias.name] = f"{other}.{alias.name}"
    return names


def root_name(node: ast.expr) -> str | None:
    """The name that a chain of attributes and calls begins with."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


@pytest.mark.parametrize("app", APPS)
def test_an_app_writes_only_its_own_tables_in_sql(app):
    """Statements that write name tables of their own app."""
    wrong = [
        f"{named(path)}:{line} writes {table}"
        for path in modules(f"apps/{app}")
        for line, table in written_tables(path)
        if app_of(table) != app
    ]
    assert wrong == []


@pytest.mark.parametrize("app", APPS)
def test_an_app_writes_only_its_own_models(app):
    """No write goes through another app's model."""
    wrong = []
    for path in modules(f"apps/{app}"):
        foreign = foreign_models(path, app)
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
                name = root_name(node.func)
                if name in foreign:
                    wrong.append(f"{named(path)}:{node.lineno} writes {foreign[name]}")
    assert wrong == []


@pytest.mark.parametrize("floor", OTHER_FLOORS)
def test_other_floors_write_through_services(floor):
    """No SQL outside the apps writes an app's table."""
    wrong = [f"{named(path)}:{line} writes {table}" for path in modules(floor) for line, table in written_tables(path)]
    assert wrong == []


def test_lower_tables_grow_no_hooks():
    """Foreign keys between our apps have no reverse name, so that a lower table does not know who points at it."""
    ours = {f"watchbill.apps.{app}" for app in APPS}
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in registry.get_models()
        if model._meta.app_config.name in ours
        for field in model._meta.get_fields()
        if field.many_to_one and field.concrete and field.related_model._meta.app_config.name in ours
        if not field.remote_field.hidden
    ]
    assert wrong == []


def test_every_table_is_named_for_its_app():
    """`<app>_<noun>`: the owner of a table can be read from its name."""
    wrong = [
        model._meta.db_table
        for model in registry.get_models()
        if model._meta.app_config.name.startswith("watchbill.apps.")
        and not model._meta.db_table.startswith(f"{model._meta.app_label}_")
    ]
    assert wrong == []


def test_the_scan_sees_what_it_is_for():
    """The pattern finds writes, and is not led astray by locks and upserts."""
    found = [
        match["table"] for match in STATEMENT.finditer("INSERT INTO work_item SELECT 1; delete  from\nclocks_clock")
    ]
    assert found == ["work_item", "clocks_clock"]
    harmless = "select 1 from work_item for update; insert into x on conflict do update set a = 1"
    assert [match["table"] for match in STATEMENT.finditer(harmless) if app_of(match["table"])] == []
