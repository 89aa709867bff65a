"""The repository's own files, as the architecture tests read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "watchbill"
APPS = sorted(path.name for path in (PACKAGE / "apps").iterdir() if (path / "models.py").exists())


def modules(*rooms: str) -> list[Path]:
    """The Python modules of rooms such as "apps/work" or "engine", without migrations."""
    return sorted(path for room in rooms for path in (PACKAGE / room).rglob("*.py") if "migrations" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tracked() -> list[Path]:
    """Every file that git keeps or would keep, which is what others get."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:  # an unpacked archive: no git, and nothing that git would leave out
        hidden = {".venv", ".git", "__pycache__"}
        return sorted(path for path in ROOT.rglob("*") if path.is_file() and not hidden & set(path.parts))
    return sorted(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Every text in a module with its line: constants, and f-strings with `{}` for what is filled in."""
    inside = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.JoinedStr):
            inside.update(map(id, node.values))
            parts = [str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values]
            yield node.lineno, "".join(parts)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.lineno, node.value
